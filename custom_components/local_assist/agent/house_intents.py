"""Sentences Home Assistant understands by itself: sentence triggers and its own intents.

They need no model, and take milliseconds.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from hassil.recognize import RecognizeResult
from homeassistant.components import conversation
from homeassistant.components.media_player.const import INTENT_MEDIA_SEARCH_AND_PLAY
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import intent

from ..pipeline_runs import events_of, find_run
from .consenting import say
from .guarding import Guarding

# A model knows better what a person wants to hear.
_THE_MODELS = INTENT_MEDIA_SEARCH_AND_PLAY


async def async_try(
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    guarding: Guarding,
) -> conversation.ConversationResult | None:
    """Answer a sentence that Home Assistant understands word for word; else return None.

    A pipeline that prefers local intents has tried all but questions for states, which it leaves to
    agents that can control the house: then only these are tried. What answers a question of ours is
    for the model, which asked it.
    """
    if _is_answer(chat_log):
        return None
    hass = guarding.hass
    tried = _pipeline_tried(hass, user_input)
    if tried:
        return await _handle(hass, user_input, chat_log, _decline_commands)
    if tried is None:
        speech = await conversation.async_handle_sentence_triggers(hass, user_input, chat_log)
        if speech is not None:
            return say(speech, user_input, chat_log)
    return await _command(user_input, guarding, user_input, chat_log)


async def _command(
    command: conversation.ConversationInput,
    guarding: Guarding,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
) -> conversation.ConversationResult | None:
    """Carry out a command, unless a person's word is needed first."""
    foreseen = await guarding.foresee(command, strict=True)
    if foreseen.unknown:
        # A model's tool calls can be watched while they run.
        return None
    if question := await guarding.review_sentence(
        foreseen, command.text, partial(_command_again, command)
    ):
        return say(question, user_input, chat_log)
    return await _handle(guarding.hass, command, chat_log, _decline)


async def _command_again(
    command: conversation.ConversationInput,
    guarding: Guarding,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
) -> conversation.ConversationResult:
    """Carry out a command that the person agreed to."""
    command = replace(command, context=user_input.context)
    result = await _command(command, guarding, user_input, chat_log)
    if result is None:
        return say(await guarding.spoken("guard_failed"), user_input, chat_log, failed=True)
    return result


async def _handle(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    decline: Callable[[RecognizeResult], bool],
) -> conversation.ConversationResult | None:
    response = await conversation.async_handle_intents(
        hass, user_input, chat_log, intent_filter=decline
    )
    if response is None:
        return None
    text = response.speech.get("plain", {}).get("speech", "")
    chat_log.async_add_assistant_content_without_tools(
        conversation.AssistantContent(agent_id=user_input.agent_id, content=text)
    )
    return conversation.ConversationResult(response, chat_log.conversation_id)


def _decline(result: RecognizeResult) -> bool:
    return result.intent.name == _THE_MODELS


def _decline_commands(result: RecognizeResult) -> bool:
    return result.intent.name != intent.INTENT_GET_STATE


def _is_answer(chat_log: conversation.ChatLog) -> bool:
    """Return whether the sentence follows a question of the assistant."""
    before = [c for c in chat_log.content[:-1] if isinstance(c, conversation.AssistantContent)]
    return bool(before) and (before[-1].content or "").rstrip().endswith(("?", ";", "？", "؟"))  # noqa: RUF001


@callback
def _pipeline_tried(hass: HomeAssistant, user_input: conversation.ConversationInput) -> bool | None:
    """Return whether the pipeline that hands us the sentence tried intents; None without one."""
    events = events_of(hass, find_run(hass, user_input))
    return bool((events[-1].data or {}).get("prefer_local_intents")) if events else None
