"""When an utterance was over, by whoever can tell."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.util import dt as dt_util

from custom_components.local_assist.turns.recording import Listening
from custom_components.local_assist.turns.runs import Span, before_agent

Type = PipelineEventType
EVENTS = {Type.RUN_START: 9, Type.STT_START: 10, Type.STT_END: 14, Type.INTENT_START: 14}


def noted(**more: float) -> list[PipelineEvent]:
    """Return the events of a run, by their seconds since the epoch."""
    times = EVENTS | {Type[name.upper()]: seconds for name, seconds in more.items()}
    return [
        PipelineEvent(kind, {}, dt_util.utc_from_timestamp(seconds).isoformat())
        for kind, seconds in times.items()
    ]


@pytest.mark.parametrize(
    ("more", "over", "spans"),
    [
        ({}, 13.5, (Span(10, 13.5), Span(13.5, 14))),
        ({"stt_vad_end": 13}, 13.5, (Span(10, 13.5), Span(13.5, 14))),
        ({"stt_vad_end": 13}, None, (Span(10, 13), Span(13, 14))),
        ({"stt_vad_end": 13}, 5, (Span(10, 13), Span(13, 14))),
        ({}, 5, (Span(10, 14), None)),
        ({}, None, (Span(10, 14), None)),
    ],
    ids=["ours", "ours first", "another engine", "an older utterance", "older only", "unknown"],
)
def test_who_knows_when_it_was_over(
    more: dict[str, float], over: float | None, spans: tuple[Span, Span | None]
) -> None:
    """Our engine knows best, then the pipeline; else the text is where the listening ended."""
    assert before_agent(noted(**more), over) == spans


def test_a_written_sentence_was_not_heard() -> None:
    """A run that begins with the text has not listened."""
    events = [event for event in noted() if not event.type.startswith("stt")]
    assert before_agent(events, 13.5) is None


async def sound() -> AsyncGenerator[bytes]:
    """Send two pieces."""
    yield b"one"
    yield b"two"


async def test_an_utterance_is_over_with_its_audio() -> None:
    """The text comes later, and does not change that."""
    listening = Listening()
    assert [chunk async for chunk in listening.audio(sound())] == [b"one", b"two"]
    over = listening.over
    await asyncio.sleep(0.01)
    listening.done()
    assert over is not None
    assert listening.over == over


async def test_an_utterance_is_over_with_its_text() -> None:
    """A server that ends it itself is sent audio to the last."""
    listening = Listening()
    audio = listening.audio(sound())
    assert await anext(audio) == b"one"
    assert listening.over is None
    listening.done()
    assert listening.over is not None
    await audio.aclose()
