"""Whisper models: found in a folder or the hub's cache, downloaded when they are nowhere."""

import json
import logging
import re
from collections.abc import Sequence
from pathlib import Path

from wyoming_services.catalog import hub
from wyoming_services.catalog.progress import MEGABYTE, Download
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
_WANTED = (*_NEEDED, "preprocessor_config.json", "vocabulary.*")
"""What faster-whisper reads of a model's folder."""

NAMES = {
    "tiny.en": "Systran/faster-whisper-tiny.en",
    "tiny": "Systran/faster-whisper-tiny",
    "base.en": "Systran/faster-whisper-base.en",
    "base": "Systran/faster-whisper-base",
    "small.en": "Systran/faster-whisper-small.en",
    "small": "Systran/faster-whisper-small",
    "medium.en": "Systran/faster-whisper-medium.en",
    "medium": "Systran/faster-whisper-medium",
    "large-v1": "Systran/faster-whisper-large-v1",
    "large-v2": "Systran/faster-whisper-large-v2",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large": "Systran/faster-whisper-large-v3",
    "distil-large-v2": "Systran/faster-distil-whisper-large-v2",
    "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
    "distil-small.en": "Systran/faster-distil-whisper-small.en",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""The repositories behind faster-whisper's short names."""

_RHASSPY = re.compile(r"(?:rhasspy/faster-whisper-)?(tiny|base|small|medium)[.-]int8")
"""The names wyoming-faster-whisper uses for the same models with 8-bit weights. Their repositories
have no tokenizer, so they are taken from where faster-whisper takes them: on a CPU the weights
become 8-bit as they are loaded."""


def language_code(tag: str) -> str:
    """Reduce a language tag (`en-US`, `de_AT`) to the code Whisper would know it by."""
    return tag.strip().replace("_", "-").partition("-")[0].lower()


def is_path(given: str) -> bool:
    """Tell a folder path from a name on the hub (`base`, `organisation/model`)."""
    return given.startswith((".", "/", "~")) or "\\" in given or given.count("/") > 1


def find_folder(given: str, data_dirs: Sequence[Path]) -> Path | None:
    """Find a model that is a plain folder: by its path, or by its name in a data directory."""
    names = dict.fromkeys((given, _repository(given) or given))
    places = (folder / name for name in names for folder in data_dirs)
    return next(filter(_complete, (Path(given).expanduser(), *places)), None)


def find(given: str, data_dirs: Sequence[Path]) -> Path | None:
    """Find a model on this machine, also in a hub cache (a data directory's, the user's own)."""
    if folder := find_folder(given, data_dirs):
        return folder
    repository = _repository(given)
    if repository is None:
        return None
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - heavy

    for cache in (*data_dirs, None):
        try:
            config = try_to_load_from_cache(repository, "config.json", cache_dir=cache)
        except ValueError:  # no repository can have this name
            return None
        if isinstance(config, str) and _complete(Path(config).parent):  # not left half done
            return Path(config).parent
    return None


def fetch(
    given: str,
    data_dirs: Sequence[Path],
    *,
    local_files_only: bool,
    progress: Download | None = None,
) -> Path:
    """Return a model's folder, downloading it to the first data directory when it is nowhere.

    Raises:
        NotFoundError: it cannot be had; the text says what to do.
    """
    if found := find(given, data_dirs):
        return found
    if is_path(given):
        needed = ", ".join((*_NEEDED, "vocabulary.json"))
        raise NotFoundError(f"'{given}' is not the folder of a Whisper model: it needs {needed}.")
    repository = _repository(given)
    if repository is None:
        known = ", ".join(NAMES)
        raise NotFoundError(
            f"There is no Whisper model called '{given}'; give a folder, a name on the hub "
            f"(ORGANISATION/MODEL), or one of {known}."
        )
    remedy = (
        "Give the folder of a model (--model /path/to/model), or a --data-dir that has one, "
        f"or start once with a network to download it to {data_dirs[0]}."
    )
    if local_files_only:
        raise NotFoundError(f"Model '{given}' is not on this machine. {remedy}")
    try:
        return _download(repository, data_dirs[0], progress or Download(given))
    except NotFoundError:
        raise
    except Exception as error:  # the hub's client has changed what it raises more than once
        _LOGGER.debug("Download of %s failed", given, exc_info=True)
        raise NotFoundError(
            f"Model '{given}' could not be downloaded ({hub.cause(error)}). {remedy}"
        ) from error


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


def _repository(given: str) -> str | None:
    """Return the repository a name stands for; None for a path, or a name nobody gave."""
    alias = _RHASSPY.fullmatch(given)
    name = alias[1] if alias else given
    return NAMES.get(name) or (name if "/" in name and not is_path(name) else None)


def _download(repository: str, data_dir: Path, progress: Download) -> Path:
    """Download a model to a folder of its repository's name, and return that.

    Raises:
        NotFoundError: the repository has no such model.
        Exception: whatever goes wrong on the way.
    """
    listing = hub.ask(repository, _WANTED)
    names = [file.name for file in listing.files]
    vocabulary = any(name.startswith("vocabulary.") for name in names)
    if not vocabulary or not set(_NEEDED).issubset(names):
        raise NotFoundError(f"'{repository}' on the hub is not a CTranslate2 Whisper model.")
    folder = data_dir / repository
    megabytes = listing.size / MEGABYTE
    _LOGGER.info("Downloading Whisper model %s (%.0f MB) to %s", repository, megabytes, folder)
    hub.download(listing, folder, progress)
    if not _complete(folder):
        raise NotFoundError(f"{folder} is there but is no Whisper model: remove it to download.")
    return folder


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
