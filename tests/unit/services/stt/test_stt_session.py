"""The speech-to-text state machine: what is asked for, what is refused, what is answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart
from wyoming.event import Event

from tests.unit.services.stt.listening import (
    FORMAT,
    START,
    STOP,
    ListEngine,
    Microphone,
    chunk,
)
from tests.unit.services.wire import Wire, converse
from wyoming_services.config import SttConfig
from wyoming_services.errors import (
    BadRequestError,
    BusyError,
    EngineError,
    NotFoundError,
    ServiceError,
    TooLargeError,
)
from wyoming_services.stt.engine import Request
from wyoming_services.stt.session import SttSession

SECOND = chunk(1)
MUTE = chunk(1, loud=False)


def session(engine: ListEngine | None = None) -> SttSession:
    """Make a session of at most five seconds, in a world where no time passes."""
    return SttSession(engine or ListEngine(), SttConfig(max_audio_seconds=5), lambda: 0.0)


def test_an_utterance_is_transcribed() -> None:
    """As a stream, and whole, as the protocol asks for the sake of older clients."""
    sent = converse(session(), Transcribe(language="en").event(), START, SECOND, SECOND, STOP)
    assert [(event.type, event.data) for event in sent] == [
        ("transcript-start", {"language": "en"}),
        ("transcript-chunk", {"text": "hello"}),
        ("transcript", {"text": "hello", "language": "en"}),
        ("transcript-stop", {}),
    ]


def test_several_utterances_on_one_connection() -> None:
    """Each starts from nothing; what transcribe asked for holds."""
    microphone = Microphone("first", "second")
    microphone.wire.client_sends(Transcribe(language="en").event())
    for seconds in (1, 2):
        microphone.wire.client_sends(START)
        microphone.hears(seconds, pace=0)
        microphone.wire.client_sends(STOP)
        microphone.wire.work()
    assert microphone.transcripts == ["first", "second"]
    assert [len(pcm) for pcm in microphone.engine.heard] == [32000, 64000]
    assert {request.language for request in microphone.engine.requests} == {"en"}


def test_everything_transcribe_asks_for_reaches_the_engine() -> None:
    """Names, terms and the text before come along."""
    engine = ListEngine()
    request = Transcribe(
        name="only",
        language="de",
        transcript_names=["Küche", "Flur"],
        transcript_terms=["dimmen"],
        context={"initial_prompt": "Guten Morgen.", "other": 1},
    )
    converse(session(engine), request.event(), START, SECOND, STOP)
    assert engine.requests == [
        Request("only", ("de",), names=("Küche", "Flur"), terms=("dimmen",), prompt="Guten Morgen.")
    ]


@pytest.mark.parametrize("chunks", [[], [chunk(0.02)], [MUTE, MUTE]])
def test_no_speech_is_an_empty_transcript(chunks: list[Event]) -> None:
    """And no model is asked."""
    engine = ListEngine()
    sent = converse(session(engine), START, *chunks, STOP)
    assert [(event.type, event.data["text"]) for event in sent] == [("transcript", "")]
    assert engine.requests == []


def test_silence_around_speech_is_not_read() -> None:
    """But for the little that speech recognisers like."""
    engine = ListEngine()
    converse(session(engine), START, MUTE, SECOND, MUTE, STOP)
    (pcm,) = engine.heard
    assert len(pcm) / 32000 == pytest.approx(1.8, abs=0.07)


def test_stereo_of_32_bits_becomes_16_bit_mono() -> None:
    """The engine never sees a client's format."""
    engine = ListEngine()
    other = {"rate": 16000, "width": 4, "channels": 2}
    loud = AudioChunk(**other, audio=b"\0\0\0\x30" * 2 * 16000).event()
    converse(session(engine), AudioStart(**other).event(), loud, STOP)
    assert len(engine.heard[0]) == 32000


def test_an_engine_that_fails_is_an_error_event_and_the_end() -> None:
    """The client learns the code and the text."""
    wire = Wire(session(ListEngine(EngineError("It broke."))))
    wire.client_sends(START, SECOND, STOP)
    wire.work()
    assert [(event.type, event.data) for event in wire.sent] == [
        ("error", {"text": "It broke.", "code": "engine-failed"})
    ]
    assert wire.closed


def test_the_next_utterance_waits_for_the_transcript() -> None:
    """A client that hurries is told so."""
    wire = Wire(session())
    wire.client_sends(START, SECOND, STOP)
    with pytest.raises(BusyError, match="Wait for the transcript"):
        wire.client_sends(START)


@pytest.mark.parametrize(
    ("events", "kind", "text"),
    [
        ([SECOND], BadRequestError, "audio-chunk came before audio-start"),
        ([STOP], BadRequestError, "audio-stop came before audio-start"),
        ([START, START], BadRequestError, "audio-start came twice"),
        ([Event("audio-start", {"width": 2, "channels": 1})], BadRequestError, "'rate' must be"),
        ([Event("audio-start", {**FORMAT, "rate": "x"})], BadRequestError, "'rate' must be"),
        ([Event("audio-start", {**FORMAT, "rate": True})], BadRequestError, "'rate' must be"),
        ([Event("audio-start", {**FORMAT, "rate": 1})], BadRequestError, "rate 1 is not supported"),
        ([Event("audio-start", {**FORMAT, "width": 9})], BadRequestError, "width 9 is not"),
        ([Event("audio-start", {**FORMAT, "channels": 0})], BadRequestError, "channels 0 is not"),
        (
            [START, Event("audio-chunk", {**FORMAT, "rate": 8000}, b"ab")],
            BadRequestError,
            "changed from 16000 Hz, 16 bit, 1 channel.* to 8000 Hz",
        ),
        ([START, Event("audio-chunk", FORMAT, b"abc")], BadRequestError, "whole number of 2-byte"),
        ([START, *[SECOND] * 6], TooLargeError, "may last 5 seconds"),
        ([Event("transcribe", {"name": "other"})], NotFoundError, "no such model"),
        ([Event("transcribe", {"language": 5})], BadRequestError, "'language' must be a text"),
        ([Event("transcribe", {"language": "\ud800"})], BadRequestError, "not valid Unicode"),
        ([Event("transcribe", {"transcript_names": "a"})], BadRequestError, "must be a list"),
        ([Event("transcribe", {"transcript_terms": [1]})], BadRequestError, "must be a text"),
        ([Event("transcribe", {"context": []})], BadRequestError, "'context' must be an object"),
    ],
)
def test_what_makes_no_sense_is_refused(
    events: list[Event], kind: type[ServiceError], text: str
) -> None:
    """With an error that says what was wrong."""
    wire = Wire(session())
    with pytest.raises(kind, match=text):
        wire.client_sends(*events)


def test_too_much_audio_is_refused_at_once() -> None:
    """Not first kept and then refused: the sixth second is never stored."""
    refusing = session()
    wire = Wire(refusing)
    wire.client_sends(START, *[SECOND] * 5)
    with pytest.raises(TooLargeError):
        wire.client_sends(SECOND)
    assert refusing._utterance is not None
    assert refusing._utterance.samples == 5 * 16000


def test_unknown_events_are_ignored() -> None:
    """As the protocol asks."""
    assert converse(session(), Event("synthesize", {"text": "x"}), START, SECOND, STOP)


JUNK = st.sampled_from(
    [None, True, -1, 0, 2**70, 1.5, float("nan"), "", "x", [], [1], {}, {"a": []}]
)
EVENTS = st.builds(
    Event,
    st.sampled_from(["transcribe", "audio-start", "audio-chunk", "audio-stop", "other"]),
    st.fixed_dictionaries(
        {},
        optional={
            "rate": st.sampled_from([8000, 16000, 1]) | JUNK,
            "width": st.sampled_from([1, 2, 3, 4]) | JUNK,
            "channels": st.sampled_from([1, 2]) | JUNK,
            "name": st.sampled_from(["only", "other"]) | JUNK,
            "language": JUNK,
            "context": JUNK,
            "transcript_names": JUNK,
            "transcript_terms": JUNK,
        },
    ),
    st.none() | st.binary(max_size=24),
)


@given(st.lists(EVENTS | st.sampled_from([START, SECOND, STOP]), max_size=12), st.data())
def test_only_service_errors_whatever_is_sent(events: list[Event], data: st.DataObject) -> None:
    """Random sequences either work or are refused by name, and each utterance gets its answer."""
    wire = Wire(session())
    for event in events:
        try:
            wire.client_sends(event)
        except ServiceError:
            return
        if data.draw(st.booleans()):
            wire.work()
    wire.work()
    answers = sum(event.type == "transcript" for event in wire.sent)
    assert answers == sum(event.type == "audio-stop" for event in events)
