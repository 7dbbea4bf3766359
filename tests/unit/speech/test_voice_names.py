"""What voices are called."""

import pytest
from wyoming.info import Info, TtsVoice

from custom_components.local_assist.speech.voices import readable_name, voices_by_language
from tests.fakes.wyoming import ATTRIBUTION, tts


@pytest.mark.parametrize(
    ("voice", "description", "name"),
    [
        ("en_US-lessac-medium", "en_US-lessac-medium", "Lessac (medium)"),
        ("en_US-libritts_r-medium", None, "LibriTTS R (medium)"),
        ("en_US-libritts-high#p3922", None, "LibriTTS (high) · speaker p3922"),
        ("en_GB-northern_english_male-medium", None, "Northern English Male (medium)"),
        ("it_IT-riccardo-x_low", None, "Riccardo (x-low)"),
        ("en_US-l2arctic-medium#a-medium", None, "L2arctic (medium) · speaker a-medium"),
        ("en_US-our-own-low", None, "Our-own (low)"),
        ("af_heart", "Heart", "Heart"),
        ("af_heart", None, "af_heart"),
        ("en_US-lessac", "Lessac", "Lessac"),
    ],
)
def test_readable_name(voice: str, description: str | None, name: str) -> None:
    """Piper's names are made readable, others are called what their server calls them."""
    known = TtsVoice(
        name=voice,
        attribution=ATTRIBUTION,
        installed=True,
        description=description,
        version=None,
        languages=["en_US"],
    )
    assert readable_name(known) == name


def test_voices_by_language() -> None:
    """Voices are under their languages and sorted by name; those to be installed are left out."""
    voices = {"de_DE-thorsten-low": "de_DE", "en_US-ryan-low": "en_US", "en_US-amy-low": "en_US"}
    program = tts(**voices, gone="en_US")
    program.voices[-1].installed = False

    listed = voices_by_language(Info(tts=[program]))
    assert {
        language: [(voice.voice_id, voice.name) for voice in each]
        for language, each in listed.items()
    } == {
        "de_DE": [("de_DE-thorsten-low", "Thorsten (low)")],
        "en_US": [("en_US-amy-low", "Amy (low)"), ("en_US-ryan-low", "Ryan (low)")],
    }
