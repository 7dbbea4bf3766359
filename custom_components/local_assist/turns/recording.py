"""Recording a turn: by its agent, its pipeline and our speech engines.

A pipeline listens, asks the agent and has the reply spoken in one task or in tasks begun there, so
what belongs together is found by context variables.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..errors import LocalAssistError
from ..pipeline_runs import events_of, find_run
from .log import FIRST_SOUND, FIRST_TOKEN, LISTENING, REPLY, TOOLS, TRANSCRIPT, Turn, async_log
from .runs import Span, before_agent, starts_speech

MAX_TEXT: Final = 2000
"""Characters of what was said, and of what was answered."""

# When the utterance was over that this task has last heard, and the turn it has last begun.
_heard: ContextVar[float | None] = ContextVar("local_assist_heard", default=None)
_current: ContextVar[Turn | None] = ContextVar("local_assist_turn", default=None)


class Listening:
    """Notes when an utterance is over: when its audio ends, or when its text is there before."""

    def __init__(self) -> None:
        self.over: float | None = None

    async def audio(self, stream: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
        """Pass the audio on."""
        async for chunk in stream:
            yield chunk
        self.over = time.time()

    def done(self) -> None:
        """Note that the text is there; the turn that follows in this task will know."""
        if self.over is None:
            self.over = time.time()
        _heard.set(self.over)


@callback
def async_begin(
    hass: HomeAssistant, agent: str, user_input: conversation.ConversationInput
) -> Turn:
    """Begin a turn of an agent. To be called in the task that the sentence came in."""
    run, outer = find_run(hass, user_input), _current.get()
    within = outer is not None and not outer.ended and run in (None, outer.run)
    if within:
        # An agent asked another one of ours; what is spoken is the outer one's.
        run = None
    stages: dict[str, Span] = {}
    if heard := before_agent(events_of(hass, run), _heard.get()):
        stages[LISTENING], transcript = heard
        if transcript:
            stages[TRANSCRIPT] = transcript
    turn = Turn(
        agent=agent,
        agent_name=_entity_name(hass, agent),
        conversation_id=user_input.conversation_id,
        device_name=_device_name(hass, user_input.device_id),
        began=time.time(),
        run=run,
        stages=stages,
    )
    if not within:
        _current.set(turn)
    return turn


@callback
def async_end(
    hass: HomeAssistant,
    turn: Turn,
    chat_log: conversation.ChatLog,
    trace: Mapping[str, Any],
    *,
    handled_by: str | None,
    error: LocalAssistError | None,
) -> None:
    """End a turn and keep it.

    Args:
        hass: whose log it is kept in.
        turn: from `async_begin`.
        chat_log: what was said and answered is read here, where no PIN is left.
        trace: what the agent noted. Of it this reads `times` (`context`, `first_token` and `reply`,
            each (start, end) by time.monotonic()), `tools` ([{name, start, end, error}],
            alike; the error in words or None),
            `retrieved` ({entities, facts, knowledge}), `stats` (tokens) and `guard` (a word).
        handled_by: as in the event of the turn.
        error: likewise.
    """
    now = time.time()
    offset = now - time.monotonic()
    turn.ended = True
    turn.handled_by = handled_by
    turn.error = str(error) if error else None
    turn.said, turn.answered = _texts(chat_log)
    for stage, (start, end) in _measured(trace).items():
        turn.stages[stage] = Span(start + offset, end + offset)
    if REPLY not in turn.stages:
        known = [span.end for span in turn.stages.values() if span.end > turn.began]
        turn.stages[REPLY] = Span(max(known, default=turn.began), now)
    turn.tools = [_told(call) for call in trace.get("tools", ())]
    retrieved = trace.get("retrieved", {})
    turn.retrieved = {
        kind: list(retrieved.get(kind, ())) for kind in ("entities", "facts", "knowledge")
    }
    turn.tokens = dict(trace.get("stats", {}))
    turn.guard = trace.get("guard")
    async_log(hass).async_add(turn)


@callback
def async_speaking(hass: HomeAssistant) -> Callable[[], None]:
    """Return what a text-to-speech engine calls at its first sound.

    To be called as soon as the engine is asked to speak: if it is to speak the reply of a turn,
    the pipeline has noted that right before, in the same task.
    """
    turn = _current.get()
    events = events_of(hass, turn.run) if turn else []
    if turn is None or not events or not starts_speech(events[-1]):
        return lambda: None
    turn.spoken = True
    asked = time.time()

    def sounded() -> None:
        if FIRST_SOUND not in turn.stages:
            turn.stages[FIRST_SOUND] = Span(asked, time.time())
            async_log(hass).async_changed(turn)

    return sounded


def _measured(trace: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return when the stages were that the agent measured, by time.monotonic()."""
    measured = dict(trace.get("times", {}))
    if calls := trace.get("tools"):
        first, last = min(call["start"] for call in calls), max(call["end"] for call in calls)
        measured[TOOLS] = first, last
        if FIRST_TOKEN in measured:
            # Where a model calls tools before it says a word, its first token was the first call's.
            begun, said = measured[FIRST_TOKEN]
            measured[FIRST_TOKEN] = begun, min(first, said)
    return measured


def _told(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of a tool call."""
    duration = round((call["end"] - call["start"]) * 1000)
    return {"name": call["name"], "ms": duration, "error": call.get("error") or None}


def _texts(chat_log: conversation.ChatLog) -> tuple[str, str]:
    """Return what was last said, and what was answered to it."""
    answers: list[str] = []
    for content in reversed(chat_log.content):
        if isinstance(content, conversation.UserContent):
            return content.content[:MAX_TEXT], " ".join(reversed(answers))[:MAX_TEXT]
        if isinstance(content, conversation.AssistantContent) and content.content:
            answers.append(content.content.strip())
    return "", ""


def _entity_name(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    return state.name if state else entity_id


def _device_name(hass: HomeAssistant, device_id: str | None) -> str | None:
    device = dr.async_get(hass).async_get(device_id) if device_id else None
    return (device.name_by_user or device.name) if device else None
