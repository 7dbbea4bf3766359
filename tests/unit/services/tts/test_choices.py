"""What is asked for, what is configured, and which of them counts."""

from pathlib import Path
from typing import Any

import pytest

from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.config import TtsConfig, VoiceSettings
from wyoming_services.errors import BadRequestError, ConfigError, NotFoundError
from wyoming_services.tts.choices import settle
from wyoming_services.tts.engine import Speech, VoiceChoice


def voice(name: str, *speakers: str) -> InstalledVoice:
    """Make a voice of the language its name says."""
    numbered = tuple((speaker, number) for number, speaker in enumerate(speakers))
    return InstalledVoice(name, Path(f"{name}.onnx"), name.partition("-")[0], 22050, numbered, ())


VOICES = {
    each.name: each
    for each in (
        voice("de_DE-a-low"),
        voice("de_DE-b-low"),
        voice("en_GB-c-low", "one", "two", "three"),
        voice("en_US-d-low"),
    )
}
DEFAULT = "en_US-d-low"
MANY = "en_GB-c-low"


def settled(
    settings: dict[str, Any] | None = None, *, config: TtsConfig | None = None, **choice: str
) -> Speech:
    """Settle a choice."""
    return settle(
        VoiceChoice(**choice, settings=settings), VOICES, config or TtsConfig(voice=DEFAULT)
    )


def test_nothing_said_is_as_the_voice_was_made() -> None:
    """Whatever that is."""
    speech = settled()
    assert (speech.voice, speech.rate, speech.speaker) == (DEFAULT, 22050, None)
    assert (speech.length_scale, speech.noise_scale, speech.noise_w_scale) == (None, None, None)
    assert (speech.volume, speech.sentence_silence) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("length_scale", (0.5, 0.6, 0.7)),
        ("noise_scale", (0.0, 0.1, 0.2)),
        ("noise_w_scale", (0.0, 0.1, 0.2)),
        ("volume", (0.0, 0.1, 0.2)),
        ("sentence_silence", (0.0, 0.1, 0.2)),
    ],
)
def test_the_nearest_counts(name: str, values: tuple[float, float, float]) -> None:
    """A request, then the voice's settings, then those for all; zero is a value too."""
    asked, of_voice, of_all = values
    config = TtsConfig(
        voice=DEFAULT, voices={DEFAULT: VoiceSettings(**{name: of_voice})}, **{name: of_all}
    )
    assert getattr(settled({name: asked}, config=config), name) == asked
    assert getattr(settled(config=config), name) == of_voice
    assert getattr(settled(config=config, name="de_DE-a-low"), name) == of_all
    assert getattr(settled({name: None}, config=config), name) == of_voice


def test_speed_is_length_the_other_way_round() -> None:
    """Wherever it is given, and over whatever was given farther away."""
    assert settled({"speed": 2}).length_scale == 0.5
    config = TtsConfig(voice=DEFAULT, speed=2, voices={MANY: VoiceSettings(length_scale=3)})
    assert settled(config=config).length_scale == 0.5
    assert settled(config=config, name=MANY).length_scale == 3
    assert settled({"speed": 4}, config=config, name=MANY).length_scale == 0.25
    assert settled({"length_scale": 1}, config=config).length_scale == 1


def test_speed_and_length_together_are_refused() -> None:
    """Nobody could say which was meant."""
    with pytest.raises(BadRequestError, match="'speed' and 'length_scale' say the same"):
        settled({"speed": 1, "length_scale": 1})
    with pytest.raises(ConfigError, match="speed and length-scale say the same"):
        TtsConfig(speed=1, length_scale=1)
    with pytest.raises(ConfigError, match="speed and length-scale say the same"):
        VoiceSettings(speed=1, length_scale=1)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("speed", 0.25, 4),
        ("length_scale", 0.25, 4),
        ("noise_scale", 0, 2),
        ("noise_w_scale", 0, 2),
        ("volume", 0, 2),
        ("sentence_silence", 0, 10),
    ],
)
def test_the_bounds(name: str, low: float, high: float) -> None:
    """The same for requests, single voices and all."""
    for fine in (low, high):
        settled({name: fine})
        VoiceSettings(**{name: fine})
        TtsConfig(**{name: fine})
    for wrong in (low - 0.01, high + 0.01, float("nan"), float("inf")):
        with pytest.raises(BadRequestError, match=f"'{name}' must be a number from {low:g} to"):
            settled({name: wrong})
        for made in (VoiceSettings, TtsConfig):
            with pytest.raises(ConfigError, match=f"{name.replace('_', '-')} must be from {low:g}"):
                made(**{name: wrong})


@pytest.mark.parametrize("wrong", ["1", True, [1], {}])
def test_a_number_is_a_number(wrong: object) -> None:
    """And nothing that looks like one."""
    with pytest.raises(BadRequestError, match="'speed' must be a number"):
        settled({"speed": wrong})


def test_what_others_know_is_passed_over() -> None:
    """A context may hold what is another server's."""
    assert settled({"style": "cheerful"}) == settled()


@pytest.mark.parametrize(
    ("choice", "number"),
    [
        ({"name": MANY, "speaker": "two"}, 1),
        ({"name": f"{MANY}#two"}, 1),
        ({"name": MANY}, 2),
        ({"language": "en-GB"}, 2),
        ({"language": "en-AU"}, 1),
        ({"language": "en-AU", "speaker": "one"}, 0),
    ],
)
def test_the_speaker_that_is_asked_for_first(choice: dict[str, str], number: int) -> None:
    """Then the one named with the voice, then that of the voice's settings."""
    config = TtsConfig(
        voice=f"{MANY}#one",
        voices={MANY: VoiceSettings(speaker="three")},
        languages={"en-AU": f"{MANY}#two"},
    )
    assert settled(config=config, **choice).speaker == number


def test_the_default_speaker_is_for_the_default_voice() -> None:
    """No other voice need have one of that name."""
    config = TtsConfig(voice=MANY, speaker="two")
    assert settled(config=config).speaker == 1
    assert settled(config=config, name=DEFAULT).speaker is None


def test_a_speaker_in_the_settings_that_the_voice_has_not() -> None:
    """Is said when the voice is asked for: it may be replaced at any time."""
    config = TtsConfig(voice=DEFAULT, voices={MANY: VoiceSettings(speaker="four")})
    with pytest.raises(NotFoundError, match=r"no speaker 'four'; it has one, two, three\."):
        settled(config=config, name=MANY)


@pytest.mark.parametrize(
    ("language", "chosen"),
    [
        ("de", "de_DE-b-low"),
        ("DE_de", "de_DE-b-low"),
        ("de-AT-1996", "de_DE-b-low"),
        ("en", DEFAULT),
        ("en-US", DEFAULT),
        ("en-GB", MANY),
        ("fr", MANY),
        ("fr-CA", DEFAULT),
    ],
)
def test_languages_have_their_voices(language: str, chosen: str) -> None:
    """A tag without one takes that of what it narrows down, else a voice that speaks it."""
    config = TtsConfig(
        voice=DEFAULT,
        languages={"de": "de_DE-b-low", "fr": MANY, "fr_CA": DEFAULT, "en-US": "gone"},
    )
    assert settled(config=config, language=language).voice == chosen


def test_a_name_counts_more_than_a_language() -> None:
    """And a language none speaks is told so."""
    config = TtsConfig(voice=DEFAULT, languages={"de": "de_DE-b-low"})
    assert settled(config=config, name="de_DE-a-low", language="de").voice == "de_DE-a-low"
    with pytest.raises(NotFoundError, match="no voice for 'nl' here"):
        settled(config=config, language="nl")


def test_settings_of_a_voice_that_is_not_here_are_kept_for_it() -> None:
    """Voices come and go while the server runs."""
    config = TtsConfig(voice="gone", voices={"gone": VoiceSettings(volume=0.5)})
    assert settled(config=config).volume == 1.0
    assert settle(VoiceChoice(), {"gone": voice("gone")}, config).volume == 0.5
