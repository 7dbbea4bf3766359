"""The log of the last turns. It is kept in memory only."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ulid import ulid_now

from ..const import DOMAIN
from ..pipeline_runs import Run
from .runs import Span, kept_sound

MAX_TURNS: Final = 50

LISTENING: Final = "listening"
TRANSCRIPT: Final = "transcript"
CONTEXT: Final = "context"
FIRST_TOKEN: Final = "first_token"  # noqa: S105
TOOLS: Final = "tools"
REPLY: Final = "reply"
FIRST_SOUND: Final = "first_sound"


@dataclass(slots=True, kw_only=True, eq=False)
class Turn:
    """One turn, begun by `recording.async_begin` and ended by `async_end`.

    Attributes:
        agent: its entity id.
        began: when the agent was asked, in seconds since the epoch.
        run: which pipeline's run it belongs to; None without one, and for a turn within a turn.
        spoken: whether a text-to-speech engine of ours was asked to speak the reply.
        stages: those that are known.
        error: in words.
        guard: what the guard did, if it had to.
    """

    id: str = field(default_factory=ulid_now)
    agent: str
    agent_name: str
    conversation_id: str | None
    device_name: str | None
    began: float
    run: Run | None
    ended: bool = False
    spoken: bool = False
    stages: dict[str, Span]
    said: str = ""
    answered: str = ""
    handled_by: str | None = None
    error: str | None = None
    retrieved: dict[str, list[Any]] = field(default_factory=dict)
    tools: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    guard: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON; stages in the order they began, in ms from the turn's start."""
        zero = min((span.start for span in self.stages.values()), default=self.began)
        stages = sorted(self.stages.items(), key=lambda item: item[1])
        return {
            "id": self.id,
            "time": datetime.fromtimestamp(zero, UTC).isoformat(),
            "agent": self.agent,
            "agent_name": self.agent_name,
            "conversation_id": self.conversation_id,
            "device_name": self.device_name,
            "said": self.said,
            "answered": self.answered,
            "handled_by": self.handled_by,
            "error": self.error,
            "stages": [
                {
                    "name": name,
                    "start_ms": round((span.start - zero) * 1000),
                    "end_ms": round((span.end - zero) * 1000),
                }
                for name, span in stages
            ],
            "retrieved": self.retrieved,
            "tools": self.tools,
            "tokens": self.tokens,
            "guard": self.guard,
        }


class TurnLog:
    """The last turns of all agents."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._turns: deque[Turn] = deque(maxlen=MAX_TURNS)
        self._listeners: list[Callable[[Turn], None]] = []

    @property
    def turns(self) -> list[Turn]:
        """Return them, the newest first."""
        for turn in self._turns:
            if turn.spoken or FIRST_SOUND in turn.stages:
                continue
            if span := kept_sound(self._hass, turn.run):
                turn.stages[FIRST_SOUND] = span
        return list(reversed(self._turns))

    @callback
    def async_listen(self, changed: Callable[[Turn], None]) -> CALLBACK_TYPE:
        """Call `changed` with each turn that ends, and once more when its reply is heard."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    @callback
    def async_add(self, turn: Turn) -> None:
        """Keep a turn."""
        self._turns.append(turn)
        self.async_changed(turn)

    @callback
    def async_changed(self, turn: Turn) -> None:
        """Tell of a turn, if it is over."""
        if turn.ended:
            for changed in list(self._listeners):
                changed(turn)


DATA_TURNS: HassKey[TurnLog] = HassKey(f"{DOMAIN}_turns")


@callback
def async_log(hass: HomeAssistant) -> TurnLog:
    """Return the log."""
    if DATA_TURNS not in hass.data:
        hass.data[DATA_TURNS] = TurnLog(hass)
    return hass.data[DATA_TURNS]
