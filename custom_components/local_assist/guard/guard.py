"""The guard of one agent: which effects need a person's word, and what was agreed to."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from homeassistant.core import Context, HomeAssistant, callback

from ..const import CONF_GUARD_PIN, EVENT_GUARD
from .consent import Judged, Pending, Speaker
from .effects import Effect
from .pin import Attempts, verify
from .rules import Kind, Mode, Rules
from .targets import about

# What stands around other effects: they are what it does.
_FRAMES = frozenset({"automation", "group", "homeassistant", "scene", "script"})


class Guard[Act]:
    """The rules of an agent, its open requests and its PIN."""

    def __init__(
        self,
        hass: HomeAssistant,
        agent: str,
        settings: Mapping[str, Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hass = hass
        self._agent = agent
        self._pin: str | None = settings.get(CONF_GUARD_PIN)
        self.rules = Rules.of(settings)
        self.clock = clock
        self.pending = Pending[Act]()
        self.attempts = Attempts(clock)
        # What is said while no PIN is wanted must not lock it, nor tell how to guess it.
        self.strays = Attempts(clock)

    @property
    def has_pin(self) -> bool:
        """Return whether a PIN was set."""
        return self._pin is not None

    @callback
    def judge(
        self, effects: Iterable[Effect], *, permitted: Collection[Effect] = frozenset()
    ) -> Judged:
        """Return which effects need a person's word; those permitted do not."""
        guarded: dict[Effect, Kind] = {}
        harmless: list[Effect] = []
        frames: list[str] = []
        for effect in effects:
            area, labels = about(self._hass, effect.entity_id)
            kind = self.rules.kind(effect, area=area, labels=labels)
            if effect in permitted or kind is None or self.rules.mode(kind) is Mode.FREE:
                if effect.domain in _FRAMES:
                    frames.append(effect.entity_id)
                else:
                    harmless.append(effect)
            else:
                guarded[effect] = kind
        return Judged(guarded, tuple(harmless), tuple(filter(None, frames)))

    async def is_pin(self, text: str) -> bool:
        """Return whether these digits are the PIN."""
        if self._pin is None:
            return False
        return await self._hass.async_add_executor_job(verify, text, self._pin)

    @callback
    def report(
        self,
        outcome: str,
        judged: Judged,
        speaker: Speaker,
        context: Context,
    ) -> None:
        """Tell the house of a guarded request and what came of it."""
        kinds = judged.kinds
        data = {
            "agent": self._agent,
            "kinds": [str(kind) for kind in kinds],
            "entities": judged.targets,
            "outcome": outcome,
            "mode": str(self.rules.strictest(kinds)) if kinds else None,
            "user_id": speaker.user_id,
            "device_id": speaker.device_id,
            "conversation_id": speaker.conversation,
        }
        self._hass.bus.async_fire(EVENT_GUARD, data, context=context)
