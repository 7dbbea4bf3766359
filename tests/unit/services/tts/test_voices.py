"""Which of the installed voices a language means."""

from pathlib import Path

import pytest

from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.errors import NotFoundError
from wyoming_services.tts.voices import by_language, speaker_id


def voice(name: str, speakers: tuple[tuple[str, int], ...] = ()) -> InstalledVoice:
    """Make a voice of the language its name says."""
    return InstalledVoice(name, Path(f"{name}.onnx"), name.partition("-")[0], 22050, speakers, ())


VOICES = {
    each.name: each
    for each in map(voice, ["de_AT-a-low", "en_GB-b-low", "en_US-c-low", "en_US-d-low", "fr-e-low"])
}


@pytest.mark.parametrize(
    ("language", "preferred", "chosen"),
    [
        ("en-US", None, "en_US-c-low"),
        ("EN_us", None, "en_US-c-low"),
        ("en-US", "en_US-d-low", "en_US-d-low"),
        ("en-GB", "en_US-d-low", "en_GB-b-low"),
        ("en", None, "en_GB-b-low"),
        ("en", "en_US-d-low", "en_US-d-low"),
        ("en-AU", "en_US-d-low", "en_US-d-low"),
        ("de", "en_US-d-low", "de_AT-a-low"),
        ("fr-CA", "en_US-d-low", "fr-e-low"),
    ],
)
def test_the_region_comes_before_the_language(
    language: str, preferred: str | None, chosen: str
) -> None:
    """And the preferred voice before the others, where it speaks it."""
    assert by_language(VOICES, language, VOICES.get(preferred or "")).name == chosen


def test_a_language_nobody_speaks() -> None:
    """The text lists the voices."""
    with pytest.raises(NotFoundError, match=r"no voice for 'es' here; there is de_AT-a-low, "):
        by_language(VOICES, "es", None)


def test_a_speaker_may_be_called_by_a_number_that_is_not_his_own() -> None:
    """A name comes first."""
    odd = voice("en_US-odd-low", (("1", 0), ("p225", 1)))
    assert [speaker_id(odd, speaker) for speaker in ("1", "p225", "0", "", None)] == [
        *(0, 1, 0, None, None)
    ]
