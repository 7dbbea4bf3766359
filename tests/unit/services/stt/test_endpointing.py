"""The silence that ends an utterance fits what has been said."""

import statistics
import string
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from demo.grammar import ENGLISH_SLOTS, english, german
from tests.unit.services.stt.commands import FINISHED, listed
from tests.unit.services.stt.half_commands import UNCLEAR, UNFINISHED
from wyoming_services.stt.commands import commands
from wyoming_services.stt.endpointing import Reading, read, silence_needed

SURE = 0.5
UNSURE = 0.1
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 0.6
VAD_ERROR = 0.03
"""Seconds by which the VAD counts a pause longer than it is, at worst."""

ROOMS = tuple(room.title() for room in ENGLISH_SLOTS["room"])
THINGS = tuple(
    f"{room} {device.title()}"
    for room in ROOMS
    for device in (*ENGLISH_SLOTS["device"], *ENGLISH_SLOTS["cover"])
)
NAMES = (*ROOMS, *THINGS, "Front Door", "Garage Door", "Gate", "Vacuum Cleaner", "Dishwasher")


def beginnings(text: str) -> Iterator[str]:
    """Yield what is heard of a text before each of its words but the first."""
    tokens = text.split()
    return (" ".join(tokens[:end]) for end in range(1, len(tokens)))


def written(text: str) -> str:
    """Return a text as Whisper writes one."""
    return f"{text[0].upper()}{text[1:]}."


def cut_rate(sentences: Sequence[str], language: str, names: Sequence[str] = ()) -> float:
    """Return how many sentences would be cut at a pause at one of their word boundaries."""

    def cut(text: str) -> float:
        needed = silence_needed(written(text), SURE, language=language, names=names)
        longer = LONGEST_PAUSE + VAD_ERROR - needed
        return min(max(longer / (LONGEST_PAUSE - SHORTEST_PAUSE), 0), 1)

    return statistics.mean(
        statistics.mean(map(cut, beginnings(sentence))) for sentence in sentences
    )


def finished_rate(sentences: Sequence[str], language: str) -> float:
    """Return how many sentences read as finished."""
    return statistics.mean(
        read(written(sentence), language) is Reading.FINISHED for sentence in sentences
    )


@pytest.mark.parametrize(
    ("sensitivity", "silences"),
    [
        ("default", (0.25, 0.7, 1.2)),
        ("aggressive", (0.25, 0.5, 1.0)),
        ("relaxed", (0.4, 1.25, 1.5)),
        ("whatever", (0.25, 0.7, 1.2)),
    ],
)
def test_sensitivity_shifts_the_silence(
    sensitivity: str, silences: tuple[float, float, float]
) -> None:
    """The more is missing, the longer it is."""
    texts = ("Turn on the kitchen light.", "Turn on the light.", "Turn on the")
    assert silences == tuple(
        silence_needed(text, SURE, language="en", sensitivity=sensitivity) for text in texts
    )


@pytest.mark.parametrize("transcript", [None, "", " ", "...", "♪"])
def test_what_is_not_known_gets_the_middle(transcript: str | None) -> None:
    """Nothing heard is no command, and no half one."""
    assert silence_needed(transcript, SURE, language="en") == 0.7


@pytest.mark.parametrize("confidence", [UNSURE, 0.0, None, float("nan")])
def test_an_unsure_transcript_never_ends_an_utterance_early(confidence: float | None) -> None:
    """It may be wrong; that something is missing is believed."""
    assert silence_needed("Turn on the kitchen light.", confidence, language="en") == 0.7
    assert silence_needed("Turn on the", confidence, language="en") == 1.2


@pytest.mark.parametrize(("language", "text"), listed(FINISHED))
def test_whole_commands_are_finished_and_their_beginnings_are_not(language: str, text: str) -> None:
    """However Whisper writes them."""
    plain = text.strip("¿?.\N{NO-BREAK SPACE} ").casefold()
    for variant in (text, plain, f" {plain}!", text.upper()):
        assert read(variant, language) is Reading.FINISHED
    for beginning in beginnings(plain.partition(",")[0]):
        assert read(beginning, language) is not Reading.FINISHED
        assert read(written(beginning), language) is not Reading.FINISHED


@pytest.mark.parametrize(("language", "text"), listed(UNCLEAR))
def test_commands_that_may_go_on_are_neither(language: str, text: str) -> None:
    """Whole as they are."""
    assert read(text, language) is Reading.UNCLEAR
    assert read(f"{text[:-1]}...", language) is Reading.UNFINISHED


@pytest.mark.parametrize(("language", "text"), listed(UNFINISHED))
def test_what_plainly_lacks_its_end_is_unfinished(language: str, text: str) -> None:
    """Whisper's full stop behind it proves nothing."""
    assert read(text, language) is Reading.UNFINISHED
    assert read(f"{text.rstrip('.,')}.", language) in {Reading.UNFINISHED, Reading.UNCLEAR}
    for beginning in beginnings(text):
        assert read(beginning, language) is not Reading.FINISHED


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_tried_well(language: str) -> None:
    """With fifteen whole and fifteen begun commands at least."""
    assert len(listed({language: FINISHED[language]})) >= 15
    assert len(listed({language: UNFINISHED[language]})) >= 15
    assert commands(language) is not None


def test_punctuation_counts_where_it_says_something() -> None:
    """A comma goes on, a question mark does not, a full stop is written behind everything."""
    assert read("Turn on the kitchen light,", "en") is Reading.UNCLEAR
    assert read("Turn on the light -", "en") is Reading.UNFINISHED
    assert read("What is this for?", "en") is Reading.UNCLEAR
    assert read("What is this for.", "en") is Reading.UNFINISHED
    assert read("Can you turn on the?", "en") is Reading.UNFINISHED


def test_the_last_of_several_commands_counts() -> None:
    """What is ahead is over."""
    assert read("Turn on the light and close the garage door.", "en") is Reading.FINISHED
    assert read("Turn on the kitchen light and close the", "en") is Reading.UNFINISHED


def test_a_long_story_is_no_command() -> None:
    """Whatever it ends with."""
    assert read(f"{'Turn on the light and ' * 7}close the garage door.", "en") is Reading.FINISHED
    assert read(f"{'Turn on the light and ' * 8}close the garage door.", "en") is Reading.UNCLEAR


def test_a_language_may_have_a_region() -> None:
    """Or none may be known."""
    assert read("Turn on the kitchen light.", "en-GB") is Reading.FINISHED
    assert read("Acende a luz da cozinha.", "pt_BR") is Reading.FINISHED
    assert read("Turn on the kitchen light.", None) is Reading.UNCLEAR
    assert read("Tänd lampan i köket.", "sv") is Reading.UNCLEAR
    assert read("Tänd lampan,", "sv") is Reading.UNFINISHED


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("en", "turn on the christmas deer", ("Christmas Deer",)),
        ("en", "turn on the nightlight", ("Nightlight",)),
        ("de", "aktiviere die Szene Guter Abend", ("Guter Abend",)),
        ("en", "turn off the Floor Lamp.", ("floor lamp", "Snug")),
        ("en", "play jazz in the snug", ("Snug", "Snug Lamp")),
        ("en", "set a timer for five minutes", ("Timer", "Five")),
        ("en", "is the reading nook lamp on", ("Reading Nook Lamp",)),
        ("de", "mach die Stehlampe im Salon an", ("Salon",)),
        ("de", "öffne das Dachfenster", ("Dachfenster",)),
        ("fr", "allume le sapin de Noël", ("Sapin de Noël",)),
    ],
)
def test_names_of_the_house_are_things_and_places(
    language: str, text: str, names: tuple[str, ...]
) -> None:
    """Whatever their case."""
    assert read(text, language, names) is Reading.FINISHED


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("turn on the christmas deer", ("Christmas Deer", "Christmas Deer Star")),
        ("turn on the kitchen light", ("Kitchen Light Strip",)),
        ("turn on the snug", ("Snug",)),
        ("turn on the kitchen", ("Kitchen",)),
        ("turn on the guest bedroom", ("Guest Bedroom",)),
        ("turn on the light", ("Light", "Lamp")),
        ("christmas deer", ("Christmas Deer",)),
        ("turn on the", ("The",)),
        ("turn on the stars and stars", ("stars and " * 30_000,)),
    ],
)
def test_a_name_may_be_the_beginning_of_another(text: str, names: tuple[str, ...]) -> None:
    """Or too little of a command."""
    assert read(text, "en", names) is not Reading.FINISHED


def test_sentences_of_the_demo_house_are_not_cut_at_pauses() -> None:
    """Held-out ones, at any word boundary, with names of the house and without."""
    spoken, gesprochen = english().held_out, german().held_out
    assert cut_rate(spoken, "en") <= 0.002
    assert cut_rate(spoken, "en", NAMES) <= 0.002
    assert cut_rate(gesprochen, "de") == 0
    assert cut_rate(english().train_sentences, "en") <= 0.003


def test_most_sentences_of_the_demo_house_end_soon() -> None:
    """That is what the median of the waiting is made of."""
    assert finished_rate(english().held_out, "en") >= 0.95
    assert finished_rate(german().held_out, "de") >= 0.95


COMMON = sorted(
    {word for texts in (FINISHED, UNFINISHED) for _, line in listed(texts) for word in line.split()}
)
TEXTS = st.text() | st.lists(st.sampled_from(COMMON), max_size=60).map(" ".join)
CALLS = {
    "language": st.none() | st.sampled_from(LANGUAGES) | st.text(max_size=6),
    "names": st.lists(st.text(max_size=20) | st.sampled_from(NAMES), max_size=8),
    "sensitivity": st.sampled_from(["default", "aggressive", "relaxed", "?"]),
}


@given(
    transcript=st.none() | TEXTS,
    confidence=st.none() | st.floats(),
    call=st.fixed_dictionaries(CALLS),
)
@example("turn on the " * 4000, SURE, {"language": "en"})
@example("zestien" * 4000, SURE, {"language": "nl"})
@example(string.punctuation, SURE, {"language": "de"})
def test_any_text_gets_a_silence_within_bounds(
    transcript: str | None,
    confidence: float | None,
    call: dict[str, object],
) -> None:
    """However odd."""
    assert 0.25 <= silence_needed(transcript, confidence, **call) <= 1.5
