"""Other agents of Home Assistant, above all its own: who answers when no model can."""

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent

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


def understood(response: intent.IntentResponse) -> bool:
    """Return whether the sentence meant something to it, even if acting on it failed."""
    return response.error_code not in _NOT_UNDERSTOOD
