"""What a person says to the guard's question."""

import re
from dataclasses import replace
from typing import Final

from homeassistant.components import conversation
from homeassistant.helpers import intent

from ..guard.consent import Reply, Request, reply_to
from ..guard.guard import Guard
from ..guard.pin import is_pin
from ..guard.rules import Mode
from ..guard.words import digits
from . import secrecy
from .guarding import Act, Guarding

# What may be a PIN within a sentence, as it is written down: "1234", "1 2 3 4", "12-34".
_NUMBER: Final = re.compile(r"\d(?:[ .,-]?\d){3,9}(?!\d)")
# Numbers of a sentence that are looked at; each costs some 50 ms.
_LOOKED_AT: Final = 3


async def async_hear(
    guarding: Guarding, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
) -> tuple[conversation.ConversationInput, conversation.ConversationResult | None]:
    """Return what was said, without a PIN, and the answer to it if it was for the guard.

    Whatever was asked before is settled by it: what is not an answer drops it.
    """
    guard = guarding.guard
    request = guard.pending.take(guarding.speaker.conversation)
    if request is None:
        return await _without_pin(guarding, user_input, chat_log)
    spoken, language = user_input.text, user_input.language
    reply = reply_to(request, guarding.speaker, spoken, language, guard.clock())
    pin = digits(spoken, language) if request.mode is Mode.PIN else None
    if pin:
        user_input = _hidden(guarding, user_input, chat_log, secrecy.HIDDEN)
    if reply is Reply.PIN_GIVEN and pin:
        if await guarding.hear_pin(pin):
            reply = Reply.CONFIRMED
        else:
            return user_input, await _ask_again(
                guarding, request, user_input, chat_log, "wrong_pin"
            )
    if reply is Reply.PIN_WANTED:
        return user_input, await _ask_again(guarding, request, user_input, chat_log, "asked")
    guarding.report(str(reply), request.judged)
    match reply:
        case Reply.CONFIRMED:
            return user_input, await _act(guarding, request, user_input, chat_log)
        case Reply.REFUSED:
            text = await guarding.spoken("guard_refused")
        case Reply.EXPIRED:
            text = await guarding.spoken("guard_too_late")
        case _ if pin:
            # A PIN is for nobody else to read.
            text = await guarding.spoken("guard_too_late")
        case _:
            return await _without_pin(guarding, user_input, chat_log)
    return user_input, say(text, user_input, chat_log)


def say(
    text: str,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    *,
    failed: bool = False,
) -> conversation.ConversationResult:
    """Answer with a text: in the log and in a response."""
    chat_log.async_add_assistant_content_without_tools(
        conversation.AssistantContent(agent_id=user_input.agent_id, content=text)
    )
    response = intent.IntentResponse(language=user_input.language)
    if failed:
        response.async_set_error(intent.IntentResponseErrorCode.FAILED_TO_HANDLE, text)
    else:
        response.async_set_speech(text)
    return conversation.ConversationResult(
        response, chat_log.conversation_id, chat_log.continue_conversation
    )


async def _act(
    guarding: Guarding,
    request: Request[Act],
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
) -> conversation.ConversationResult:
    """Do what the person agreed to, and nothing else."""
    permitted = guarding.permitting(request.judged.guarded)
    result = await request.act(permitted, user_input, chat_log)
    failed = result.response.response_type is intent.IntentResponseType.ERROR
    guarding.report("failed" if failed else "done", request.judged)
    return result


async def _ask_again(
    guarding: Guarding,
    request: Request[Act],
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    outcome: str,
) -> conversation.ConversationResult:
    """Ask for the PIN once more, unless it was wrong too often."""
    guarding.report(outcome, request.judged)
    if seconds := guarding.guard.attempts.wait:
        guarding.report("locked_out", request.judged)
        text = await guarding.spoken("guard_locked_out", seconds=str(seconds))
        return say(text, user_input, chat_log)
    guarding.guard.pending.ask(replace(request, asked_at=guarding.guard.clock()))
    text = await guarding.pin_question(request.judged, wrong=outcome == "wrong_pin")
    return say(text, user_input, chat_log)


async def _without_pin(
    guarding: Guarding, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
) -> tuple[conversation.ConversationInput, conversation.ConversationResult | None]:
    """Take a PIN out of what was said while nothing was asked, lest a model read it."""
    guard, text = guarding.guard, user_input.text
    if not guard.has_pin:
        return user_input, None
    alone = digits(text, user_input.language)
    if alone and await _is_stray(guard, alone):
        user_input = _hidden(guarding, user_input, chat_log, secrecy.HIDDEN)
        return user_input, say(await guarding.spoken("guard_too_late"), user_input, chat_log)
    for number in _NUMBER.findall(text)[:_LOOKED_AT]:
        if number != text and await _is_stray(guard, re.sub(r"\D", "", number)):
            text = text.replace(number, secrecy.HIDDEN)
    if text != user_input.text:
        user_input = _hidden(guarding, user_input, chat_log, text)
    return user_input, None


async def _is_stray(guard: Guard[Act], number: str) -> bool:
    """Return whether a number is the PIN, said while nobody asked for it."""
    if not is_pin(number) or not guard.strays.begin() or not await guard.is_pin(number):
        return False
    guard.strays.succeed()
    return True


def _hidden(
    guarding: Guarding,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    text: str,
) -> conversation.ConversationInput:
    secrecy.hide(guarding.hass, user_input, chat_log, text)
    return replace(user_input, text=text)
