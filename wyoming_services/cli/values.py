"""Values of flags that are more than a number or a text: read, and refused when they are wrong.

Every function raises `ConfigError`, which names the flag.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wyoming_services.catalog import whisper
from wyoming_services.config import SPEAKING_BOUNDS, VoiceSettings
from wyoming_services.errors import ConfigError

_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
"""A language tag, as far as voices have them (RFC 5646)."""


def models(given: Sequence[str]) -> tuple[str, ...]:
    """Check that what looks like a folder is there."""
    for model in given:
        if whisper.is_path(model) and not Path(model).expanduser().is_dir():
            raise ConfigError(f"model folder '{model}' does not exist")
    return tuple(given)


def languages(given: str | None) -> tuple[str, ...]:
    """Reduce language tags to the codes Whisper knows them by."""
    if given in {None, "", "auto"}:
        return ()
    codes = [whisper.language_code(tag) for tag in str(given).split(",")]
    for code in codes:
        if code not in whisper.LANGUAGES:
            raise ConfigError(
                f"language must be codes Whisper knows, like en or en,de, or auto, not '{given}'"
            )
    return tuple(dict.fromkeys(codes))


def folders(download: Path | None, given: Sequence[Path]) -> tuple[Path, ...]:
    """Put the folder for downloads first."""
    return tuple(dict.fromkeys((download, *given) if download else given))


def voices_by_language(given: Sequence[str]) -> dict[str, str]:
    """Read `LANGUAGE=VOICE` several times."""
    voices: dict[str, str] = {}
    for each in given:
        language, _, voice = each.partition("=")
        if not _TAG.fullmatch(language) or not voice:
            raise ConfigError(
                f"voice-for must look like de=de_DE-thorsten-medium or en-GB=NAME, not '{each}'"
            )
        tag = language.replace("_", "-").lower()
        if voices.setdefault(tag, voice) != voice:
            raise ConfigError(f"voice-for gives {tag} two voices: '{voices[tag]}' and '{voice}'")
    return voices


def voice_settings(path: Path) -> dict[str, VoiceSettings]:
    """Read a TOML file with a table of settings for each voice, by its name."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"voice-settings '{path}' cannot be read: {error.strerror or error}"
        ) from error
    except ValueError as error:
        raise ConfigError(f"voice-settings '{path}' is not TOML: {error}") from error
    try:
        return {name: _one_voice(name, table) for name, table in content.items()}
    except ConfigError as error:
        raise ConfigError(f"voice-settings '{path}': {error}") from error


def _one_voice(name: str, table: object) -> VoiceSettings:
    """Read the table of one voice."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"'{name}' belongs to no voice: begin with the name of one, as [NAME]")
    if "#" in name:
        raise ConfigError(f"{name}: settings are for a whole voice; 'speaker' chooses one of its")
    try:
        return VoiceSettings(**{key: _setting(key, value) for key, value in table.items()})
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error


def _setting(key: str, value: object) -> Any:
    """Check one setting of a voice."""
    if key == "speaker":
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise ConfigError(f"speaker must be the name or number of one, not {value!r}")
        return str(value)
    if key not in SPEAKING_BOUNDS:
        known = ", ".join((*SPEAKING_BOUNDS, "speaker"))
        raise ConfigError(f"there is no setting '{key}'; there are {known}")
    low, high = SPEAKING_BOUNDS[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"{key} must be a number from {low:g} to {high:g}, not {value!r}")
    return value
