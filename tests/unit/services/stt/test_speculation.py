"""Reading at pauses, and finding the end of speech, in a world with a clock."""

import pytest
from wyoming.asr import Transcribe

from tests.unit.services.stt.listening import START, STOP, Microphone
from wyoming_services.errors import EngineError
from wyoming_services.protocol.session import Lane
from wyoming_services.stt.endpointing import silence_needed
from wyoming_services.stt.utterance import LONGEST_SPEECH, LONGEST_WAIT, SPECULATE

FINISHED = "turn on the light in the kitchen"
OPEN = "turn on the light"
UNFINISHED = "turn on the"


def listening(*texts: str | EngineError, **config: object) -> Microphone:
    """Return a microphone that is on."""
    microphone = Microphone(*texts, **config)
    microphone.wire.client_sends(Transcribe(language="en").event(), START)
    return microphone


def test_the_transcript_is_there_when_the_client_stops() -> None:
    """The pause before audio-stop was enough to read in: nothing is left to do."""
    microphone = listening(OPEN, endpointing="external")
    microphone.hears(1, -0.7)
    microphone.wire.client_sends(STOP)
    assert not microphone.wire.jobs
    assert microphone.transcripts == [OPEN]
    assert len(microphone.engine.heard) == 1


def test_nothing_is_read_before_there_is_a_pause() -> None:
    """Nor at the gaps between words."""
    microphone = listening()
    microphone.hears(1, -(SPECULATE - 0.05), 1)
    assert not microphone.engine.heard


def test_speech_after_a_pause_drops_what_was_read() -> None:
    """The answer is about all of it."""
    microphone = listening(UNFINISHED, FINISHED)
    microphone.hears(1, -0.4, 1)
    assert not microphone.transcripts
    microphone.hears(-0.8)
    assert microphone.transcripts == microphone.engine.answered == [FINISHED]
    assert len(microphone.engine.heard[1]) / 32000 == pytest.approx(2.6, abs=0.05)


def test_speech_during_the_reading_cancels_it() -> None:
    """Its thread is free for something else."""
    microphone = listening(UNFINISHED, FINISHED)
    microphone.hears(1, -0.2, reading=False)
    assert Lane.WORK in microphone.wire.jobs
    microphone.hears(0.2, reading=False)
    assert Lane.WORK not in microphone.wire.jobs


def test_the_audio_after_the_last_pause_is_listened_to_before_the_answer() -> None:
    """A word right before audio-stop is not lost."""
    microphone = listening(OPEN, FINISHED, endpointing="external")
    microphone.hears(1, -0.3)
    microphone.hears(0.2, pace=0, reading=False)
    microphone.wire.client_sends(STOP)
    microphone.wire.work()
    assert microphone.transcripts == [FINISHED]


@pytest.mark.parametrize("most", [0, 1, 2])
def test_only_so_many_guesses(most: int) -> None:
    """However often somebody stops to think."""
    microphone = listening(UNFINISHED, speculations=most)
    for _ in range(4):
        microphone.hears(0.5, -0.4)
    assert len(microphone.engine.heard) == most
    microphone.hears(-2)
    assert len(microphone.engine.heard) == most + 1
    assert microphone.transcripts == [UNFINISHED]


def test_a_guess_gives_way_until_it_is_the_answer() -> None:
    """Nobody waits for it before."""
    microphone = listening()
    microphone.hears(1, -0.3, reading=False)
    assert not microphone.wire.jobs[Lane.WORK][0].urgent
    microphone.wire.client_sends(STOP)
    microphone.wire.work(lanes=[Lane.LISTEN])
    assert microphone.wire.jobs[Lane.WORK][0].urgent
    microphone.wire.work()
    assert microphone.transcripts == ["hello"]


def test_a_guess_that_fails_is_made_good() -> None:
    """It was nobody's answer yet."""
    microphone = listening(EngineError("It broke."), FINISHED)
    microphone.hears(1, -2)
    assert microphone.transcripts == [FINISHED]


@pytest.mark.parametrize("text", [FINISHED, OPEN, UNFINISHED])
@pytest.mark.parametrize("sensitivity", ["default", "relaxed", "aggressive"])
def test_the_end_of_speech_is_found(text: str, sensitivity: str) -> None:
    """After as much silence as the words ask for, with a frame or two of delay."""
    needed = silence_needed(text, 1.0, language="en", sensitivity=sensitivity)
    microphone = listening(text)
    asked = Transcribe(language="en", vad_sensitivity=sensitivity)
    microphone.wire.client_sends(asked.event())
    microphone.hears(1, -(needed - 0.04))
    assert not microphone.transcripts
    microphone.hears(-0.11)
    assert microphone.transcripts == [text]


def test_a_model_that_is_slow_is_waited_for() -> None:
    """The end is found without its help; then it is urgent."""
    microphone = listening(FINISHED)
    microphone.hears(1, -1, reading=False)
    assert microphone.wire.jobs[Lane.WORK][0].urgent
    microphone.hears(-70, reading=False)  # more than an utterance may have, but it is over
    microphone.wire.work()
    assert microphone.transcripts == [FINISHED]


def test_the_client_may_keep_the_end_to_itself() -> None:
    """Then only audio-stop ends an utterance."""
    microphone = listening(FINISHED, endpointing="external")
    microphone.hears(1, -20)
    assert not microphone.transcripts
    microphone.wire.client_sends(STOP)
    microphone.wire.work()
    assert microphone.transcripts == [FINISHED]


def test_a_file_is_read_to_its_end() -> None:
    """It comes faster than anybody speaks: a pause in it says nothing about its end."""
    microphone = listening(FINISHED)
    microphone.hears(1, -3, 1, -15, 1, pace=0.05)
    assert not microphone.transcripts
    microphone.wire.client_sends(STOP)
    microphone.wire.work()
    assert microphone.transcripts == [FINISHED]
    assert len(microphone.engine.heard) == 1


def test_audio_kept_from_before_is_no_file() -> None:
    """A satellite sends at once what it recorded while the connection was made."""
    microphone = listening(FINISHED)
    microphone.hears(1, pace=0)
    microphone.hears(0.5, -1)
    assert microphone.transcripts == [FINISHED]


def test_what_comes_after_the_answer_is_dropped() -> None:
    """Until the next utterance, whether or not the client ends this one."""
    microphone = listening("first", "second", "third")
    microphone.hears(1, -1, 1, -1)
    assert microphone.transcripts == ["first"]
    microphone.wire.client_sends(STOP, START)
    microphone.hears(1, -1)
    microphone.wire.client_sends(START)
    microphone.hears(1, -1)
    assert microphone.transcripts == ["first", "second", "third"]


def test_nobody_speaks() -> None:
    """The room was silent, or something clicked: an empty transcript, in time."""
    microphone = listening()
    microphone.hears(-3, 0.04, -(LONGEST_WAIT - 3.1))
    assert not microphone.transcripts
    microphone.hears(-0.2)
    assert len(microphone.transcripts) == 1
    assert microphone.engine.clear == [False]  # something was heard, so it is looked at


def test_somebody_speaks_on_and_on() -> None:
    """A television, say."""
    microphone = listening("and now the weather")
    microphone.hears(1, *[2, -0.1] * 15)
    assert microphone.transcripts == ["and now the weather"]
    assert len(microphone.engine.heard[0]) / 32000 == pytest.approx(LONGEST_SPEECH, abs=0.5)


def test_words_two_readings_agree_on_are_told_early() -> None:
    """Each once; the rest comes with the transcript."""
    microphone = listening("turn on the", "turn on the big", f"{FINISHED} please")
    for _ in range(2):
        microphone.hears(0.5, -0.4)
    microphone.hears(0.5)
    told = [(event.type, event.data.get("text")) for event in microphone.wire.sent]
    assert told == [("transcript-start", None), ("transcript-chunk", "turn on the")]
    microphone.hears(-1.5)
    told = [(event.type, event.data.get("text")) for event in microphone.wire.sent]
    assert told[2:] == [
        ("transcript-chunk", " light in the kitchen please"),
        ("transcript", f"{FINISHED} please"),
        ("transcript-stop", None),
    ]


def test_a_model_that_was_unloaded_is_loaded_while_somebody_speaks() -> None:
    """Not first when there is something to read."""
    microphone = Microphone()
    microphone.engine.is_loaded = False
    microphone.wire.client_sends(START)
    assert not microphone.wire.jobs[Lane.WORK][0].urgent
    microphone.hears(0.1)
    assert microphone.engine.is_loaded
    microphone.hears(0.5, -1)
    assert microphone.transcripts == ["hello"]
