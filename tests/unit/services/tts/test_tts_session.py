"""The text-to-speech state machine, with an engine that only remembers."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from tests.unit.services.wire import Wire, converse, types
from wyoming_services.errors import EngineError, NotFoundError
from wyoming_services.tts.engine import Speech, VoiceChoice
from wyoming_services.tts.session import TtsSession

ANSWER = ["audio-start", "audio-chunk", "audio-stop"]
START = SynthesizeStart().event()
STOP = SynthesizeStop().event()


class RememberingEngine:
    """Speaks a second of silence for every sentence, and fails at the word `boom`."""

    def __init__(self, *, sentence_silence: float = 0.0, sounds_early: bool = True) -> None:
        self._sounds_early = sounds_early
        self.said: list[str] = []
        self.choices: list[VoiceChoice] = []
        self._silence = sentence_silence

    def choose(self, choice: VoiceChoice) -> Speech:
        """Know one voice."""
        self.choices.append(choice)
        if choice.name not in {None, "only"}:
            raise NotFoundError("There is no such voice.")
        return Speech(voice="only", rate=16000, sentence_silence=self._silence)

    def sounds_early(self, _speech: Speech) -> bool:
        """Say what was asked for."""
        return self._sounds_early

    def speak(self, text: str, speech: Speech) -> Iterator[bytes]:
        """Remember the text."""
        self.said.append(text)
        yield bytes(speech.rate)
        if "boom" in text:
            raise EngineError("It broke.")
        yield bytes(speech.rate)


def session(engine: RememberingEngine | None = None) -> TtsSession:
    """Make a session of texts up to 2000 characters."""
    return TtsSession(engine or RememberingEngine(), 2000)


def chunk(text: str) -> Event:
    """Make a piece of a streamed text."""
    return SynthesizeChunk(text=text).event()


def synthesize(text: str) -> Event:
    """Make a whole text."""
    return Synthesize(text=text).event()


def test_a_text_is_spoken() -> None:
    """With one start and one stop, in chunks of one format."""
    sent = converse(session(), synthesize("Hello there. How are you?"))
    assert types(sent) == ANSWER
    audio = [event for event in sent if event.type == "audio-chunk"]
    assert sum(len(event.payload or b"") for event in audio) == 4 * 16000
    assert {event.payload is not None and len(event.payload) <= 4096 for event in audio} == {True}
    formats = {tuple(event.data[key] for key in ("rate", "width", "channels")) for event in audio}
    assert formats == {(16000, 2, 1)}


def test_what_home_assistant_streams_is_spoken_once() -> None:
    """The whole text it repeats for older servers is not said again."""
    engine = RememberingEngine()
    sent = converse(
        session(engine),
        START,
        chunk("The light is on. The"),
        chunk(" door is shut."),
        synthesize("The light is on. The door is shut."),
        STOP,
    )
    assert types(sent) == [*ANSWER, "synthesize-stopped"]
    assert engine.said == ["The light is on.", "The door is shut."]


def test_a_sentence_is_spoken_while_the_next_is_written() -> None:
    """Audio flows before the text is complete."""
    wire = Wire(session())
    wire.client_sends(START, chunk("The light is on. The door"))
    wire.work()
    assert types(wire.sent) == ["audio-start", "audio-chunk"]


def test_what_comes_meanwhile_is_spoken_by_the_same_job() -> None:
    """The next sentence is ready to be rendered as soon as the one before it is."""
    engine = RememberingEngine()
    wire = Wire(session(engine))
    wire.client_sends(START, chunk("The light is on. The door"))
    wire.work(steps=1)
    ((_, job),) = wire.jobs.values()
    wire.client_sends(chunk(" is shut. Now"))
    wire.work(steps=2)
    assert engine.said == ["The light is on.", "The door is shut."]
    assert [each for _, each in wire.jobs.values()] == [job]


def test_a_pause_after_a_sentence_ends_it() -> None:
    """A tool may run now: nobody knows when text comes again."""
    engine = RememberingEngine()
    wire = Wire(session(engine))
    wire.client_sends(START, chunk("I look it up."))
    wire.work()
    assert engine.said == []
    wire.time_passes()
    wire.work()
    assert engine.said == ["I look it up."]
    wire.client_sends(chunk(" It is open."), STOP)
    wire.work()
    assert engine.said == ["I look it up.", "It is open."]
    assert types(wire.sent) == [*ANSWER, "synthesize-stopped"]


def test_a_pause_ends_no_sentence_of_the_next_request() -> None:
    """The time that was asked for belongs to a text that is done."""
    engine = RememberingEngine()
    wire = Wire(session(engine))
    wire.client_sends(START, chunk("One is here."))
    late = wire.later
    wire.client_sends(STOP)
    wire.work()
    wire.client_sends(START, chunk("Two is here."))
    wire.later = late
    wire.time_passes()
    wire.work()
    assert engine.said == ["One is here."]


def test_a_pause_within_a_sentence_changes_nothing() -> None:
    """Half of it would sound like the end."""
    engine = RememberingEngine()
    wire = Wire(session(engine))
    wire.client_sends(START, chunk("The light in the"))
    wire.time_passes()
    wire.client_sends(chunk(" hall is on."), STOP)
    wire.time_passes()
    wire.work()
    assert engine.said == ["The light in the hall is on."]


@pytest.mark.parametrize(("sounds_early", "pieces"), [(True, 1), (False, 2)])
def test_a_voice_that_renders_whole_begins_with_a_clause(
    *, sounds_early: bool, pieces: int
) -> None:
    """The less it is given first, the sooner it is heard; one that splits needs no such thing."""
    engine = RememberingEngine(sounds_early=sounds_early)
    text = "When the washing machine in the cellar is done, I will tell you so at once."
    converse(session(engine), synthesize(text))
    assert len(engine.said) == pieces
    assert " ".join(engine.said) == text


def test_a_streaming_connection_takes_a_plain_request_afterwards() -> None:
    """And the other way round."""
    sent = converse(session(), START, chunk("One."), STOP, synthesize("Two."), START, STOP)
    stopped = "synthesize-stopped"
    assert types(sent) == [*ANSWER, stopped, *ANSWER, "audio-start", "audio-stop", stopped]


@pytest.mark.parametrize("text", ["", "  \n", "🎉", "***", "```\ncode\n```"])
def test_nothing_to_say_is_audio_without_sound(text: str) -> None:
    """Home Assistant waits for an end, also of nothing."""
    assert types(converse(session(), synthesize(text))) == ["audio-start", "audio-stop"]
    streamed = converse(session(), START, chunk(text), STOP)
    assert types(streamed) == ["audio-start", "audio-stop", "synthesize-stopped"]


def test_silence_stands_between_sentences_only() -> None:
    """Two sentences, one pause."""
    engine = RememberingEngine(sentence_silence=0.25)
    sent = converse(session(engine), START, chunk("One is here. Two is there."), STOP)
    audio = sum(len(event.payload or b"") for event in sent)
    assert audio == 2 * 2 * 16000 + 0.25 * 2 * 16000


def test_the_voice_and_the_settings_reach_the_engine() -> None:
    """From both kinds of request."""
    engine = RememberingEngine()
    voice = SynthesizeVoice(name="only", speaker="2")
    converse(
        session(engine),
        Synthesize(text="A.", voice=voice, context={"volume": 0.5}).event(),
        SynthesizeStart(voice=SynthesizeVoice(language="de")).event(),
    )
    assert engine.choices == [
        VoiceChoice(name="only", speaker="2", settings={"volume": 0.5}),
        VoiceChoice(language="de", settings={}),
    ]


@pytest.mark.parametrize(
    ("events", "answer", "code"),
    [
        ([Event("synthesize", {})], ["error"], "bad-request"),
        ([Event("synthesize", {"text": 5})], ["error"], "bad-request"),
        ([Event("synthesize", {"text": "\ud800"})], ["error"], "bad-request"),
        ([Event("synthesize", {"text": "A", "text_format": "ssml"})], ["error"], "bad-request"),
        ([Event("synthesize", {"text": "A", "voice": "x"})], ["error"], "bad-request"),
        ([Event("synthesize", {"text": "A", "context": 1})], ["error"], "bad-request"),
        ([Event("synthesize", {"text": "A", "voice": {"name": "x"}})], ["error"], "not-found"),
        ([synthesize("A" * 2001)], ["error"], "too-large"),
        ([chunk("A")], ["error"], "bad-request"),
        ([STOP], ["error"], "bad-request"),
        ([START, START], ["error", "synthesize-stopped"], "busy"),
        ([START, Event("synthesize-chunk", {})], ["error", "synthesize-stopped"], "bad-request"),
        ([START, chunk("A" * 1999), chunk("AA")], ["error", "synthesize-stopped"], "too-large"),
        (
            [Event("synthesize-start", {"voice": {"name": "x"}})],
            ["error", "synthesize-stopped"],
            "not-found",
        ),
        (
            [START, chunk("One is here. Two goes boom. Three"), STOP],
            ["audio-start", "audio-chunk", "error", "audio-stop", "synthesize-stopped"],
            "engine-failed",
        ),
        (
            [synthesize("It goes boom.")],
            ["audio-start", "audio-chunk", "error", "audio-stop"],
            "engine-failed",
        ),
    ],
)
def test_an_error_still_ends_in_order(events: list[Event], answer: list[str], code: str) -> None:
    """The error, what ends the request, the end of the connection."""
    wire = Wire(session())
    wire.client_sends(*events)
    wire.work()
    assert types(wire.sent) == answer
    assert next(event.data["code"] for event in wire.sent if event.type == "error") == code
    assert wire.closed


def test_a_second_request_ends_the_first_in_order() -> None:
    """The speech under way is cancelled, its audio closed."""
    wire = Wire(session())
    wire.client_sends(synthesize("One is here."))
    wire.work(steps=1)
    wire.client_sends(synthesize("Two is here."))
    assert types(wire.sent) == ["audio-start", "audio-chunk", "error", "audio-stop"]
    assert wire.closed


CLIENT = {
    "audio-start": "a",
    "audio-chunk": "c",
    "audio-stop": "z",
    "synthesize-stopped": "s",
    "error": "e",
}
ORDERLY = re.compile(r"(ac*zs?)*(ac*)?(e z? s?)?".replace(" ", ""))
WORDS = ["Hello. ", "How are", " you? ", "boom. ", "🎉", "", "No. 5", "\n\n", "- item\n", "Ok"]
EVENTS = st.one_of(
    st.just(START),
    st.just(STOP),
    st.sampled_from(WORDS).map(chunk),
    st.sampled_from(WORDS).map(synthesize),
    st.sampled_from(
        [
            Event("synthesize-chunk", {"text": None}),
            Event("synthesize-start", {"voice": {"name": "x"}}),
            Event("synthesize-start", {"voice": {"name": []}}),
            Event("audio-start", {"rate": 5}),
        ]
    ),
)


@given(st.lists(st.tuples(EVENTS, st.integers(0, 3), st.booleans()), max_size=14))
def test_whatever_is_sent_the_answers_are_in_order(script: list[tuple[Event, int, bool]]) -> None:
    """Every start has its stop, every streaming request its last word, errors come once."""
    wire = Wire(session())
    for event, steps, waits in script:
        wire.client_sends(event)
        wire.work(steps)
        if waits:
            wire.time_passes()
    wire.work()
    told = "".join(CLIENT[event.type] for event in wire.sent)
    assert ORDERLY.fullmatch(told), told
    assert told.count("a") - told.count("z") in ({0} if wire.closed else {0, 1})
    assert wire.closed == ("e" in told)
    begun = sum(event.type == "synthesize-start" for event, _, _ in script)
    assert told.count("s") <= begun


@given(
    st.lists(st.sampled_from(["Hello.", "How", "are", "you?", "No.", "5", "Mr.", "ok", "e.g."])),
    st.lists(st.integers(0, 60)),
)
def test_nothing_is_dropped_and_nothing_said_twice(words: list[str], cuts: list[int]) -> None:
    """However the text is cut into chunks."""
    engine = RememberingEngine()
    text = " ".join(words)
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [chunk(text[a:b]) for a, b in pairwise(edges)]
    converse(session(engine), START, *chunks, synthesize(text), STOP)
    assert " ".join(engine.said).split() == words
