"""The file with settings of single voices."""

from pathlib import Path

import pytest

from wyoming_services.cli.values import voice_settings
from wyoming_services.config import VoiceSettings
from wyoming_services.errors import ConfigError


def written(tmp_path: Path, text: str) -> Path:
    """Write the file."""
    file = tmp_path / "voices.toml"
    file.write_text(text)
    return file


def test_every_setting(tmp_path: Path) -> None:
    """Of two voices; a speaker may be a number."""
    file = written(
        tmp_path,
        """
        [en_US-lessac-medium]
        speed = 1.1
        noise_scale = 0
        noise_w_scale = 0.8
        volume = 0.9
        sentence_silence = 0.3
        speaker = "p225"

        ["de_DE-thorsten emotional-medium"]
        length_scale = 1.2
        speaker = 3
        """,
    )
    assert voice_settings(file) == {
        "en_US-lessac-medium": VoiceSettings(
            speed=1.1,
            noise_scale=0,
            noise_w_scale=0.8,
            volume=0.9,
            sentence_silence=0.3,
            speaker="p225",
        ),
        "de_DE-thorsten emotional-medium": VoiceSettings(length_scale=1.2, speaker="3"),
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[a]\nspeed = 5", "a: speed must be a number from 0.25 to 4, not 5"),
        ("[a]\nspeed = nan", "a: speed must be a number from 0.25 to 4, not nan"),
        ("[a]\n[b]\nvolume = 'loud'", "b: volume must be a number from 0 to 2, not 'loud'"),
        ("[a]\nvolume = true", "a: volume must be a number from 0 to 2, not True"),
        ("[a]\nsentence_silence = -1", "a: sentence_silence must be a number from 0 to 10"),
        ("[a]\nspeaker = ''", "a: speaker must be the name or number of one, not ''"),
        ("[a]\nspeaker = 1.5", "a: speaker must be the name or number of one, not 1.5"),
        ("[a]\nspeed = 2\nlength_scale = 0.5", "a: speed and length-scale say the same"),
        ("[a]\npitch = 1", "a: there is no setting 'pitch'; there are speed, length_scale,"),
        ("[a.b]\nspeed = 1", "a: there is no setting 'b'"),
        ('["a#b"]\nspeed = 1', "a#b: settings are for a whole voice"),
        ("speed = 1", "'speed' belongs to no voice"),
        ("[a]\nspeed 1", "is not TOML: "),
        ("[a]\n[a]", "is not TOML: "),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, named: str) -> None:
    """With the file, the voice and the setting."""
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        voice_settings(file)
    assert str(caught.value).startswith(f"voice-settings '{file}'")
    assert named in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """A voice's model, say."""
    file = tmp_path / "voice.onnx"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not TOML"):
        voice_settings(file)
