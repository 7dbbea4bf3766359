"""The tools and instructions a model gets for the house, the same for every device and turn."""

from collections.abc import Sequence
from typing import Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import llm

from ..errors import LlmApiError
from .house import HouseIndex
from .toolbox import can_start_timers, device_with_timers

# In place of Home Assistant's own, which lists every device and has a model ask for every state.
STATES: Final = (
    "The <context> note holds the present states of the devices this message is likely about. "
    "Answer questions about states from it alone. Call FindDevices for a device or state that is "
    "not in it. Never make up a device or a state."
)
# In place of Home Assistant's own lines about the room, which change with the device spoken to.
PLACES: Final = (
    "A command that names no place is for the Room of the note. Without a Room there, ask for the "
    "area before acting on all devices of a kind, unless there is only one."
)
NO_TIMERS: Final = "No device of the house is able to start timers."
NO_TIMERS_HERE: Final = "This device is not able to start timers."
NOTHING_EXPOSED: Final = (
    "No device is exposed to you. Only if the person wants to control one, tell them to expose it "
    "to Assist in Home Assistant's settings."
)


class HouseAPI(llm.API):
    """Stands for Assist's API, with the same tools and instructions for every device.

    What is to be said about the device spoken to is given by `notes`.
    """

    def __init__(self, hass: HomeAssistant, index: HouseIndex) -> None:
        super().__init__(hass=hass, id=llm.LLM_API_ASSIST, name="Assist")
        self.index = index

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return the tools, which act for `llm_context`. The tool objects stay the same."""
        kit = await self.index.toolbox.async_get()
        things = (STATES, PLACES) if self.index.async_get().things else (NOTHING_EXPOSED,)
        parts = (*things, kit.instructions, "" if kit.timers else NO_TIMERS)
        return llm.APIInstance(
            api=self,
            api_prompt="\n".join(filter(None, parts)),
            llm_context=llm_context,
            tools=list(kit.tools),
            custom_serializer=llm.selector_serializer,
        )


@callback
def async_api(hass: HomeAssistant, index: HouseIndex, api_ids: Sequence[str]) -> llm.API:
    """Return one API for those chosen, with ours in the place of Assist's.

    Raises:
        LlmApiError: one of them is gone.
    """
    registered = {api.id: api for api in llm.async_get_apis(hass)}
    if not api_ids or not registered.keys() >= set(api_ids):
        raise LlmApiError
    registered[llm.LLM_API_ASSIST] = HouseAPI(hass, index)
    apis = [registered[api_id] for api_id in dict.fromkeys(api_ids)]
    return apis[0] if len(apis) == 1 else llm.MergedAPI(apis)


@callback
def notes(hass: HomeAssistant, llm_context: llm.LLMContext) -> list[str]:
    """Return what a turn's context is to say about the device spoken to."""
    if can_start_timers(hass, llm_context.device_id) or device_with_timers(hass) is None:
        return []
    return [NO_TIMERS_HERE]
