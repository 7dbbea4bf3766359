"""What an intent or a tool would do, found out before it does it.

The handlers of Home Assistant that call services are rehearsed: they match their targets as ever,
with a stand-in that notes the calls and makes none. The other handlers are not run; what they would
match is all that is looked for.
"""

import copy
from collections.abc import Mapping
from typing import Any, Final

import probatio
from hassil.recognize import RecognizeResult
from homeassistant.components.conversation import DOMAIN as CONVERSATION
from homeassistant.components.conversation import ConversationInput
from homeassistant.components.intent.timers import StartTimerIntentHandler
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent
from homeassistant.helpers.llm import (
    ActionTool,
    IntentTool,
    LLMContext,
    NamespacedTool,
    Tool,
    ToolInput,
    async_get_match_preferences,
)
from homeassistant.helpers.script import Script

from ..const import LOGGER
from .actions import effects_of_calls
from .effects import Effect, Foreseen
from .inspect import calls_in
from .targets import device_class_of
from .watched import recording

try:
    # From Home Assistant 2026.11 on.
    from homeassistant.components.intent_script.helpers import (  # type: ignore[import-not-found]
        ScriptIntentHandler,
    )
except ImportError:
    from homeassistant.components.intent_script import ScriptIntentHandler

_FAILS: Final = Foreseen(error=True)
_UNKNOWN: Final = Foreseen(unknown=True)
_READING: Final = frozenset({intent.INTENT_GET_TEMPERATURE, "HassGetWeather"})
# A handler that replaces one of these may act in its own way.
_CALLING: Final = (
    "async_handle",
    "async_handle_states",
    "async_call_service",
    "_run_then_background",
)


async def effects_of_intent(
    hass: HomeAssistant,
    intent_type: str,
    slots: Mapping[str, Any],
    *,
    context: Context | None = None,
    language: str | None = None,
    assistant: str | None = CONVERSATION,
    device_id: str | None = None,
    satellite_id: str | None = None,
    area: str | None = None,
) -> Foreseen:
    """Return what an intent would do; nothing is changed.

    Args:
        hass: Home Assistant.
        intent_type: for example "HassTurnOff".
        slots: the slots as handlers get them, `{name: {"value": ..., "text": ...}}`.
        context: of the request.
        language: of the request; Home Assistant's if left out.
        assistant: whose exposed entities can be matched; None for all.
        device_id: the device that was spoken to.
        satellite_id: the satellite entity that was spoken to.
        area: id of the area that is preferred where a name is ambiguous, unless a slot says it.
    """
    handler = hass.data.get(intent.DATA_KEY, {}).get(intent_type)
    if handler is None:
        return _FAILS
    given = copy.deepcopy(dict(slots))
    if area:
        given.setdefault("preferred_area_id", {"value": area})
    if isinstance(handler, StartTimerIntentHandler):
        command = given.get("conversation_command", {}).get("value") or ""
        return Foreseen(later=str(command).strip())
    if isinstance(handler, ScriptIntentHandler):
        action = handler.config.get("action")
        calls = calls_in(action.sequence) if isinstance(action, Script) else ()
        return Foreseen(effects_of_calls(hass, calls))
    if not _is_of_home_assistant(handler):
        return _UNKNOWN
    asked = intent.Intent(
        hass,
        platform=CONVERSATION,
        intent_type=intent_type,
        slots=given,
        text_input=None,
        context=context or Context(),
        language=language or hass.config.language,
        assistant=assistant,
        device_id=device_id,
        satellite_id=satellite_id,
    )
    if isinstance(handler, intent.DynamicServiceIntentHandler):
        return await _rehearsed(hass, handler, asked)
    return Foreseen(_matched(hass, handler, asked))


async def effects_of_recognized(
    hass: HomeAssistant, result: RecognizeResult, user_input: ConversationInput
) -> Foreseen:
    """Return what a sentence would do that Home Assistant recognized as an intent of its own.

    Slots, area and device are those that its own agent hands to the intent.
    """
    area, device_id = _whereabouts(hass, user_input.satellite_id, user_input.device_id)
    return await effects_of_intent(
        hass,
        result.intent.name,
        {
            entity.name: {"value": entity.value, "text": entity.text or entity.value}
            for entity in result.entities_list
        },
        context=user_input.context,
        language=user_input.language,
        device_id=device_id,
        satellite_id=user_input.satellite_id,
        area=area,
    )


async def effects_of_tool(
    hass: HomeAssistant, tool: Tool, tool_input: ToolInput, llm_context: LLMContext
) -> Foreseen:
    """Return what a tool call would do; nothing is changed.

    Tools other than those for intents and actions are unknown: call them with `watched.gated`.
    """
    while isinstance(tool, NamespacedTool) and _runs_as(tool, NamespacedTool):
        tool = tool.tool
    if isinstance(tool, IntentTool) and _runs_as(tool, IntentTool):
        return await effects_of_intent(
            hass,
            tool.intent_type,
            _slots(hass, tool, tool_input, llm_context),
            context=llm_context.context,
            language=llm_context.language,
            assistant=llm_context.assistant,
            device_id=llm_context.device_id,
        )
    if isinstance(tool, ActionTool) and _runs_as(tool, ActionTool):
        stand_in, calls = recording(hass)
        rehearsed = ToolInput(tool.name, copy.deepcopy(tool_input.tool_args), id=tool_input.id)
        try:
            await tool.async_call(stand_in, rehearsed, llm_context)
        except Exception as err:  # noqa: BLE001 - an area that is not there is an IndexError
            LOGGER.debug("%s would fail: %r", tool.name, err)
            return _FAILS
        return Foreseen(effects_of_calls(hass, calls))
    return _UNKNOWN


async def _rehearsed(
    hass: HomeAssistant, handler: intent.DynamicServiceIntentHandler, asked: intent.Intent
) -> Foreseen:
    """Return what a handler that calls services would call."""
    stand_in, calls = recording(hass)
    # Handlers of media players keep in mind whom they paused: that part is left out.
    rehearsed = copy.copy(handler)

    async def call_each(
        asked: intent.Intent, matched: intent.MatchTargetsResult, *_: Any
    ) -> intent.IntentResponse:
        for state in matched.states:
            try:
                domain, service = handler.get_domain_and_service(asked, state)
                await handler.async_call_service(domain, service, asked, state)
            except HomeAssistantError as err:
                LOGGER.debug("%s passes %s by: %s", handler.intent_type, state.entity_id, err)
        return asked.create_response()

    rehearsed.async_handle_states = call_each  # type: ignore[assignment]
    asked.hass = stand_in
    try:
        await rehearsed.async_handle(asked)
    except (intent.IntentError, probatio.Invalid) as err:
        LOGGER.debug("%s would fail: %s", handler.intent_type, err)
        return _FAILS
    except Exception as err:  # noqa: BLE001 - what cannot be rehearsed has to be watched
        LOGGER.debug("%s cannot be rehearsed: %r", handler.intent_type, err)
        return _UNKNOWN
    return Foreseen(effects_of_calls(hass, calls))


@callback
def _matched(
    hass: HomeAssistant, handler: intent.IntentHandler, asked: intent.Intent
) -> tuple[Effect, ...]:
    """Return an effect on each entity that a handler may be for, named after its intent."""
    if not handler.platforms or handler.intent_type in _READING:
        return ()
    wanted = {key: str(slot.get("value") or "") for key, slot in asked.slots.items()}
    for area, floor in ((wanted.get("area"), wanted.get("floor")), (None, None)):
        constraints = intent.MatchTargetsConstraints(
            name=wanted.get("name") or None,
            area_name=area or None,
            floor_name=floor or None,
            domains=handler.platforms,
            assistant=asked.assistant,
            allow_duplicate_names=True,
        )
        # An area may be what is to be cleaned, not where the entity is: then any may be meant.
        if states := intent.async_match_targets(hass, constraints).states:
            break
    return tuple(
        Effect(
            state.domain,
            handler.intent_type,
            state.entity_id,
            device_class_of(hass, state.entity_id),
        )
        for state in states
    )


def _is_of_home_assistant(handler: intent.IntentHandler) -> bool:
    """Return whether it is known how a handler acts."""
    kind = type(handler)
    if kind.__module__.startswith("homeassistant."):
        return True
    base = intent.DynamicServiceIntentHandler
    return issubclass(kind, base) and all(
        getattr(kind, name) is getattr(base, name) for name in _CALLING
    )


def _runs_as(tool: Tool, kind: type[Tool]) -> bool:
    """Return whether a tool acts as its kind does, and not in a way of its own."""
    return type(tool).async_call is kind.async_call


def _slots(
    hass: HomeAssistant, tool: IntentTool, tool_input: ToolInput, llm_context: LLMContext
) -> dict[str, Any]:
    """Return the slots that a tool makes of its arguments (`llm.IntentTool.async_call`)."""
    slots: dict[str, Any] = {
        key: {"value": value}
        for key, value in tool_input.tool_args.items()
        if not intent.is_blank_slot_value(value)
    }
    preferences = async_get_match_preferences(hass, llm_context)
    for name, value in (
        ("preferred_area_id", preferences.area_id),
        ("preferred_floor_id", preferences.floor_id),
    ):
        if value and name in (tool.extra_slots or ()):
            slots[name] = {"value": value}
    return slots


@callback
def _whereabouts(
    hass: HomeAssistant, satellite_id: str | None, device_id: str | None
) -> tuple[str | None, str | None]:
    """Return the area and device of a satellite, or of a device (`default_agent.DefaultAgent`)."""
    area_id = None
    if satellite_id and (entry := er.async_get(hass).async_get(satellite_id)):
        area_id, device_id = entry.area_id, entry.device_id
    if area_id is None and device_id and (device := dr.async_get(hass).async_get(device_id)):
        area_id = dr.async_get_effective_area_id(hass, device)
    return area_id, device_id
