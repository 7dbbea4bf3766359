"""Whisper models: found in a folder or the hub's cache, downloaded when they are nowhere."""

import json
import logging
import re
from collections.abc import Sequence
from pathlib import Path

from wyoming_services.errors import NotFoundError

_LOGGER = logging.getLogger(__name__)

# fmt: off
LANGUAGES = (
    "af", "am", "ar", "as", "az", "ba", "be", "bg", "bn", "bo", "br", "bs", "ca", "cs", "cy", "da",
    "de", "el", "en", "es", "et", "eu", "fa", "fi", "fo", "fr", "gl", "gu", "ha", "haw", "he",
    "hi", "hr", "ht", "hu", "hy", "id", "is", "it", "ja", "jw", "ka", "kk", "km", "kn", "ko", "la",
    "lb", "ln", "lo", "lt", "lv", "mg", "mi", "mk", "ml", "mn", "mr", "ms", "mt", "my", "ne", "nl",
    "nn", "no", "oc", "pa", "pl", "ps", "pt", "ro", "ru", "sa", "sd", "si", "sk", "sl", "sn", "so",
    "sq", "sr", "su", "sv", "sw", "ta", "te", "tg", "th", "tk", "tl", "tr", "tt", "uk", "ur", "uz",
    "vi", "yi", "yo", "zh", "yue",
)
# fmt: on
"""Every language a multilingual Whisper may know, by its code."""

_NEEDED = ("model.bin", "config.json", "tokenizer.json")

_RHASSPY = re.compile(r"(?:rhasspy/faster-whisper-)?(tiny|base|small|medium)[.-]int8")
"""The names wyoming-faster-whisper uses for the same models with 8-bit weights. Their repositories
have no tokenizer, so they are taken from where faster-whisper takes them: on a CPU the weights
become 8-bit as they are loaded."""


def is_path(given: str) -> bool:
    """Tell a folder path from a name on the hub (`base`, `organisation/model`)."""
    return given.startswith((".", "/", "~")) or "\\" in given or given.count("/") > 1


def find_folder(given: str, data_dirs: Sequence[Path]) -> Path | None:
    """Find a model that is a plain folder: by its path, or by its name in a data directory."""
    places = (Path(given).expanduser(), *(folder / given for folder in data_dirs))
    return next(filter(_complete, places), None)


def find(given: str, data_dirs: Sequence[Path]) -> Path | None:
    """Find a model on this machine, also in a hub cache (a data directory's, the user's own)."""
    if folder := find_folder(given, data_dirs):
        return folder
    if is_path(given):
        return None
    from faster_whisper.utils import download_model  # noqa: PLC0415 - heavy

    for cache in (*map(str, data_dirs), None):
        try:
            place = Path(download_model(_on_hub(given), local_files_only=True, cache_dir=cache))
        except (OSError, ValueError):
            continue
        if _complete(place):  # an interrupted download leaves part of a snapshot
            return place
    return None


def fetch(given: str, data_dirs: Sequence[Path], *, local_files_only: bool) -> Path:
    """Return a model's folder, downloading it to the first data directory when it is nowhere.

    Raises:
        NotFoundError: it cannot be had; the text says what to do.
    """
    if found := find(given, data_dirs):
        return found
    if is_path(given):
        needed = ", ".join((*_NEEDED, "vocabulary.json"))
        raise NotFoundError(f"'{given}' is not the folder of a Whisper model: it needs {needed}.")
    remedy = (
        "Give the folder of a model (--model /path/to/model), or a --data-dir that has one, "
        f"or start once with a network to download it to {data_dirs[0]}."
    )
    if local_files_only:
        raise NotFoundError(f"Model '{given}' is not on this machine. {remedy}")
    from faster_whisper.utils import download_model  # noqa: PLC0415 - heavy

    _LOGGER.info("Downloading Whisper model %s to %s", given, data_dirs[0])
    try:
        folder = Path(download_model(_on_hub(given), cache_dir=str(data_dirs[0])))
    except ValueError as error:
        raise NotFoundError(f"There is no Whisper model called '{given}'. {error}") from error
    except Exception as error:  # the hub's client has changed what it raises more than once
        _LOGGER.debug("Download of %s failed", given, exc_info=True)
        raise NotFoundError(f"Model '{given}' could not be downloaded. {remedy}") from error
    if not _complete(folder):
        raise NotFoundError(f"'{given}' on the hub is not a CTranslate2 Whisper model.")
    return folder


def languages(folder: Path) -> tuple[str, ...]:
    """Return the languages the model in `folder` was made for.

    CTranslate2 takes a model for multilingual when its vocabulary has the empty token, and
    detects among the `lang_ids` of its configuration. Of a broken model everything is believed:
    loading it says what is wrong.
    """
    try:
        vocabulary = _vocabulary(folder)
        if "" not in vocabulary:
            return ("en",)
        config = json.loads((folder / "config.json").read_text("utf-8"))
        codes = tuple(vocabulary[token].strip("<|>") for token in config.get("lang_ids", ()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return LANGUAGES
    return codes or LANGUAGES


def _on_hub(given: str) -> str:
    """Return the name faster-whisper knows a model by."""
    alias = _RHASSPY.fullmatch(given)
    return alias[1] if alias else given


def _vocabulary(folder: Path) -> list[str]:
    """Read the tokens by id; older conversions have one token a line."""
    listed = folder / "vocabulary.json"
    if listed.is_file():
        tokens: list[str] = json.loads(listed.read_text("utf-8"))
        return tokens
    return (folder / "vocabulary.txt").read_text("utf-8").removesuffix("\n").split("\n")


def _complete(folder: Path) -> bool:
    """Tell whether everything faster-whisper needs without a network is in the folder."""
    return all((folder / name).is_file() for name in _NEEDED) and any(folder.glob("vocabulary.*"))
