"""What Home Assistant's own agent would do with a sentence, before it does it."""

from dataclasses import replace
from typing import Final

from homeassistant.components import conversation
from homeassistant.components.conversation.agent_manager import get_agent_manager
from homeassistant.components.conversation.default_agent import DefaultAgent
from homeassistant.components.conversation.gazetteer import GazetteerFallback
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar

from .effects import Effect, Foreseen
from .intents import effects_of_intent, effects_of_recognized

# What cannot be told beforehand may be anything.
ANYTHING: Final = Effect("", "", "", certain=False)
# A command for later may itself be one to give a command later.
_DEPTH: Final = 3


async def async_effects(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    area: str | None,
    *,
    strict: bool,
) -> Foreseen:
    """Return what Home Assistant's own agent would do with a sentence.

    Args:
        hass: Home Assistant.
        user_input: the sentence.
        area: the area of the device spoken to.
        strict: whether only sentences understood word for word count, as a pipeline that prefers
            local intents has it; else all that the agent would try.

    A sentence that triggers an automation does what its author wrote, and has no effects here.
    """
    agent = get_agent_manager(hass).default_agent
    if agent is None:
        return Foreseen()
    if not strict and await agent.async_recognize_sentence_trigger(user_input):
        return Foreseen()
    foreseen = await _foreseen(hass, agent, user_input, area, strict=strict)
    if foreseen is None:
        return Foreseen(unknown=True)
    return Foreseen(
        effects=tuple(dict.fromkeys(effect for each in foreseen for effect in each.effects)),
        later=next((each.later for each in foreseen if each.later), ""),
        unknown=any(each.unknown for each in foreseen),
    )


async def async_effects_later(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    area: str | None,
    sentence: str,
) -> tuple[Effect, ...]:
    """Return what a sentence would do that is carried out later, with nobody there."""
    for _ in range(_DEPTH):
        user_input = replace(user_input, text=sentence)
        foreseen = await async_effects(hass, user_input, area, strict=False)
        if foreseen.unknown:
            return (ANYTHING,)
        if not foreseen.later:
            return foreseen.effects
        sentence = foreseen.later
    return (ANYTHING,)


async def _foreseen(
    hass: HomeAssistant,
    agent: DefaultAgent,
    user_input: conversation.ConversationInput,
    area: str | None,
    *,
    strict: bool,
) -> list[Foreseen] | None:
    """Return what each intent of a sentence would do; None if it cannot be told."""
    result = await agent.async_recognize_intent(user_input, strict_intents_only=strict)
    if result is not None and not result.unmatched_entities:
        return [await effects_of_recognized(hass, result, user_input)]
    if strict:
        return []
    # There is no public way to ask what it would do, so a later Home Assistant may lack this one.
    gazetteer: GazetteerFallback | None = getattr(agent, "_gazetteer", None)
    if gazetteer is None:
        return None
    if not gazetteer.supports(user_input.language):
        return []
    place = ar.async_get(hass).async_get_area(area) if area else None
    matcher, interpretation = await gazetteer.async_interpret(
        user_input.text, user_input.conversation_id or "", place
    )
    return [
        await effects_of_intent(
            hass,
            frame.intent,
            {
                slot: {"value": value, "text": matcher.display_name(slot, value)}
                for slot, value in frame.slots.items()
            },
            context=user_input.context,
            language=user_input.language,
            device_id=user_input.device_id,
            satellite_id=user_input.satellite_id,
            area=area,
        )
        for frame in (interpretation.frames if interpretation.accepted else ())
    ]
