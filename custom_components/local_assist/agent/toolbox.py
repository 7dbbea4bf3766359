"""The tools that integrations give to Assist, collected once for all devices and turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from homeassistant.components.conversation import DOMAIN as ASSISTANT
from homeassistant.components.intent import async_device_supports_timers
from homeassistant.components.llm import DATA_PLATFORMS, LLMTools, LLMToolsPlatformProtocol
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import intent
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, Tool, report_untagged_tool

from ..const import DOMAIN, LOGGER

_HOUSE: Final = "homeassistant"
_INTENTS: Final = "intent"
# What tells of every exposed thing, and of the time: each turn's context does.
_NOT_NEEDED: Final = frozenset({"homeassistant__GetLiveContext", "llm__GetDateTime"})
# How instructions begin that depend on the device spoken to (components/intent/llm.py). Missing one
# costs a cache hit, nothing else.
_ABOUT_THE_DEVICE: Final = (
    "You are in area ",
    "When a user asks to turn on all devices of a specific type",
    "This device is not able to start timers",
)
# Seconds. Then integrations are asked again, since one may offer other tools without a sign of it.
_MAX_AGE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Kit:
    """Tools by name, the instructions for them, and whether they include those for timers."""

    tools: tuple[Tool, ...]
    instructions: str
    timers: bool


@callback
def device_with_timers(hass: HomeAssistant) -> str | None:
    """Return the id of a device that timers can be started on, if there is any."""
    return next(
        (device.id for device in dr.async_get(hass).devices if can_start_timers(hass, device.id)),
        None,
    )


@callback
def can_start_timers(hass: HomeAssistant, device_id: str | None) -> bool:
    """Return whether a device can start timers, as only some satellites can."""
    return device_id is not None and async_device_supports_timers(hass, device_id)


class Toolbox:
    """What Assist's API has for a model, but not for one device: the same for all of them.

    What one device can do, and not another, is in it. Left out are the list of all exposed things,
    the tool that reads their states and the one that reads the clock.

    Building it takes Home Assistant 10 to 30 ms, so it is kept until `forget` is called, the
    integrations or intents are others, or a minute has passed.
    """

    def __init__(self, hass: HomeAssistant, own: Sequence[Tool]) -> None:
        self._hass = hass
        self._own = own
        self._kit: Kit | None = None
        self._made_at = 0.0
        self._made_for: tuple[object, ...] = ()
        self._changes = 0

    @callback
    def forget(self) -> None:
        """Collect anew when asked next: the house has changed."""
        self._kit = None
        self._changes += 1

    async def async_get(self) -> Kit:
        """Return the tools; the same object while nothing has changed."""
        now = self._hass.loop.time()
        circumstances = self._circumstances()
        kept = self._made_for == circumstances and now - self._made_at < _MAX_AGE
        if self._kit is not None and kept:
            return self._kit
        changes = self._changes
        kit = await self._collect()
        if changes == self._changes:
            self._kit, self._made_at, self._made_for = kit, now, circumstances
        return kit

    def _circumstances(self) -> tuple[object, ...]:
        """Return what tells of a change that `forget` is not called for."""
        return (
            len(self._hass.config.top_level_components),
            device_with_timers(self._hass) is not None,
            *intent.async_get(self._hass),
        )

    async def _collect(self) -> Kit:
        # In the order of domains, as Home Assistant does, so that it never changes.
        platforms = sorted((await self._hass.data[DATA_PLATFORMS].async_get_platforms()).items())
        tools: list[Tool] = list(self._own)
        instructions: list[str] = []
        for domain, platform in platforms:
            given = self._ask(domain, platform)
            tools.extend(tool for tool in given.tools if tool.name not in _NOT_NEEDED)
            if given.prompt and domain != _HOUSE:
                instructions.append(_for_every_device(given.prompt))
        return Kit(
            tools=tuple(sorted(tools, key=lambda tool: tool.name)),
            instructions="\n".join(filter(None, instructions)),
            timers=device_with_timers(self._hass) is not None,
        )

    def _ask(self, domain: str, platform: LLMToolsPlatformProtocol) -> LLMTools:
        """Return what an integration gives; nothing if it fails, as Home Assistant does it."""
        llm_context = LLMContext(
            platform=DOMAIN,
            context=None,
            language=self._hass.config.language,
            assistant=ASSISTANT,
            # It gives the tools for timers only to a device that supports them.
            device_id=device_with_timers(self._hass) if domain == _INTENTS else None,
        )
        try:
            given = platform.async_get_tools(self._hass, llm_context, LLM_API_ASSIST)
            for tool in given.tools if given else ():
                if tool.integration is None:
                    report_untagged_tool(tool, domain)
        except Exception:  # noqa: BLE001 - tools come from any integration
            LOGGER.exception("Cannot get the tools of %s", domain)
            given = None
        return given or LLMTools(tools=[])


def _for_every_device(instructions: str) -> str:
    lines = instructions.splitlines()
    return "\n".join(line for line in lines if not line.startswith(_ABOUT_THE_DEVICE))
