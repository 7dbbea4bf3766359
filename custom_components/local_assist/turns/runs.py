"""What the events of a pipeline's run tell of the stages of a turn."""

from datetime import datetime
from typing import NamedTuple

from homeassistant.components.assist_pipeline.pipeline import PipelineEvent, PipelineEventType
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..pipeline_runs import Run, events_of


class Span(NamedTuple):
    """When a stage was, in seconds since the epoch."""

    start: float
    end: float


def starts_speech(event: PipelineEvent) -> bool:
    """Return whether a pipeline has text-to-speech begin with this event."""
    if event.type is PipelineEventType.TTS_START:
        return True
    data = event.data or {}
    return event.type is PipelineEventType.INTENT_PROGRESS and "tts_start_streaming" in data


def before_agent(
    events: list[PipelineEvent], over: float | None
) -> tuple[Span, Span | None] | None:
    """Return when a run listened and when it wrote down what it heard; None if it was written.

    Args:
        events: of the run so far.
        over: when an utterance was over that our engine heard, maybe another one.
    """
    times = {event.type: _seconds(event) for event in events}
    begun, text = times.get(PipelineEventType.STT_START), times.get(PipelineEventType.STT_END)
    if begun is None or text is None:
        return None
    if over is None or not begun <= over <= text:
        # Another engine heard it, or an utterance before this one.
        over = times.get(PipelineEventType.STT_VAD_END)
    if over is None:
        return Span(begun, text), None
    return Span(begun, over), Span(over, text)


@callback
def kept_sound(hass: HomeAssistant, run: Run | None) -> Span | None:
    """Return when the reply of a run could be heard whose audio Home Assistant had kept.

    None while there is no reply, and for engines that are not ours: of these nobody knows.
    """
    events = {event.type: event for event in events_of(hass, run)}
    begun, end = events.get(PipelineEventType.TTS_START), events.get(PipelineEventType.TTS_END)
    if begun is None or end is None:
        return None
    engine = er.async_get(hass).async_get((begun.data or {})["engine"])
    if engine is None or engine.platform != DOMAIN:
        return None
    return Span(_seconds(begun), _seconds(end))


def _seconds(event: PipelineEvent) -> float:
    return datetime.fromisoformat(event.timestamp).timestamp()
