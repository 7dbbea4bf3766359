"""Other agents of Home Assistant, above all its own: who answers when no model can."""

from dataclasses import replace
from functools import partial

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent

from .consenting import say
from .guarding import Guarding

# Its ways of saying that the sentence means nothing to it. Anything else was understood.
_NOT_UNDERSTOOD = (
    intent.IntentResponseErrorCode.NO_INTENT_MATCH,
    intent.IntentResponseErrorCode.NO_VALID_TARGETS,
)


async def async_ask(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    agent_id: str = conversation.HOME_ASSISTANT_AGENT,
) -> conversation.ConversationResult:
    """Hand the sentence to another agent, in the same conversation.

    Its answer is the last of the chat log's contents.
    """
    return await conversation.async_converse(
        hass,
        user_input.text,
        chat_log.conversation_id,
        user_input.context,
        language=user_input.language,
        agent_id=agent_id,
        device_id=user_input.device_id,
        satellite_id=user_input.satellite_id,
        extra_system_prompt=user_input.extra_system_prompt,
    )


async def async_ask_guarded(
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    guarding: Guarding,
) -> conversation.ConversationResult:
    """Have Home Assistant's own agent answer, unless a person's word is needed first."""
    question = await async_question(user_input, guarding)
    if question:
        return say(question, user_input, chat_log)
    return await async_ask(guarding.hass, user_input, chat_log)


async def async_question(
    user_input: conversation.ConversationInput, guarding: Guarding
) -> str | None:
    """Return what is said instead, if Home Assistant's own agent would do a guarded thing."""
    foreseen = await guarding.foresee(user_input, strict=False)
    return await guarding.review_sentence(foreseen, user_input.text, partial(_again, user_input))


async def _again(
    command: conversation.ConversationInput,
    guarding: Guarding,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
) -> conversation.ConversationResult:
    """Have it carry out a command that the person agreed to."""
    command = replace(command, context=user_input.context)
    return await async_ask_guarded(command, chat_log, guarding)


def understood(response: intent.IntentResponse) -> bool:
    """Return whether the sentence meant something to it, even if acting on it failed."""
    return response.error_code not in _NOT_UNDERSTOOD
