"""Piper's public catalogue: which voices can be had, and getting one.

The voices are in one repository of the hub, https://huggingface.co/rhasspy/piper-voices, with an
index, `voices.json`. The index gives MD5 sums; the hub itself gives SHA-256 of the models and git's
SHA-1 of the small files, and those are checked.
"""

import difflib
import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wyoming_services.catalog import hub
from wyoming_services.catalog.hub import Listing
from wyoming_services.catalog.piper import is_name
from wyoming_services.catalog.progress import MEGABYTE, Download
from wyoming_services.errors import NotFoundError

_LOGGER = logging.getLogger(__name__)

REPOSITORY = "rhasspy/piper-voices"
INDEX = "voices.json"
_NAME = re.compile(r"(?P<family>[^\W_]+)_(?P<region>[^\W_]+)-(?P<voice>[\w+]+)-(?P<quality>[\w+]+)")
"""As in piper 1.8, `download_voices.VOICE_PATTERN`, without what cannot be in a path."""
_LARGEST_INDEX = 20 * MEGABYTE
_LARGEST_VOICE = 1000 * MEGABYTE
"""Bounds far above what there is, 0.3 and 130 MB: a hub gone wrong shall not fill the disk."""


@dataclass(frozen=True, slots=True)
class OfferedVoice:
    """A voice of the public catalogue.

    Attributes:
        name: `en_US-lessac-medium`.
        language: `en_US`.
        language_name: `English (United States)`.
        quality: `x_low`, `low`, `medium` or `high`.
        speakers: how many.
        size: bytes of its model and configuration.
    """

    name: str
    language: str
    language_name: str
    quality: str
    speakers: int
    size: int


def refresh(folder: Path) -> None:
    """Fetch the index to `folder`, unless the newest is there.

    Raises:
        NotFoundError: the hub cannot be reached; the text says why.
    """
    try:
        listing = hub.ask(REPOSITORY, [INDEX])
        _check_size(listing, _LARGEST_INDEX)
        hub.download_into(listing, folder, Download("the catalogue of voices"), INDEX)
    except Exception as error:  # the hub's client has changed what it raises more than once
        _LOGGER.debug("The index of voices cannot be fetched", exc_info=True)
        raise NotFoundError(
            f"The catalogue of voices could not be fetched ({hub.cause(error)})."
        ) from error


def offered(folder: Path) -> dict[str, OfferedVoice]:
    """Read the index in `folder`; it offers nothing where there is none, or a broken one."""
    try:
        entries = json.loads((folder / INDEX).read_text("utf-8"))
        return {voice.name: voice for voice in map(_offered, entries.values()) if voice}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        _LOGGER.warning("%s cannot be used (%r)", folder / INDEX, error)
        return {}


def age(folder: Path, clock: Callable[[], float] = time.time) -> float | None:
    """Return how many seconds ago the index in `folder` was fetched; None where there is none."""
    try:
        return max(0.0, clock() - (folder / INDEX).stat().st_mtime)
    except OSError:
        return None


def download(name: str, folder: Path, progress: Download | None = None) -> None:
    """Download a voice; it appears in `folder` complete or not at all.

    Raises:
        NotFoundError: it cannot be had; the text says what to do.
    """
    try:
        listing = _listing(name, folder)
        _check_size(listing, _LARGEST_VOICE)
        _LOGGER.info("Downloading voice %s (%.0f MB) to %s", name, listing.size / MEGABYTE, folder)
        hub.download_into(listing, folder, progress or Download(name), f"{name}.onnx")
    except NotFoundError:
        raise
    except Exception as error:  # the hub's client has changed what it raises more than once
        _LOGGER.debug("Download of %s failed", name, exc_info=True)
        raise NotFoundError(
            f"Voice '{name}' is not on this machine and could not be downloaded "
            f"({hub.cause(error)}). Try again with a network: what has arrived is kept. Or copy "
            f"{name}.onnx and {name}.onnx.json to {folder}, or give a --data-dir with them."
        ) from error


def _listing(name: str, folder: Path) -> Listing:
    """Ask the hub for the files of a voice.

    Raises:
        NotFoundError: the catalogue has no such voice.
        Exception: the hub does not answer.
    """
    if parts := _NAME.fullmatch(name):
        family, region, voice, quality = parts.groups()
        model = f"{family}/{family}_{region}/{voice}/{quality}/{name}.onnx"
        listing = hub.ask(REPOSITORY, [model, f"{model}.json"])
        if len(listing.files) == 2:
            return listing
    close = difflib.get_close_matches(name, offered(folder), 1)
    meant = f" Is it {close[0]}?" if close else ""
    raise NotFoundError(
        f"There is no voice {name[:100]!r} in the public catalogue.{meant} Choose one of "
        f"`local-assist voices list`, or copy NAME.onnx and NAME.onnx.json to {folder}."
    )


def _check_size(listing: Listing, largest: int) -> None:
    """Raise an `OSError` when there is nothing, or more than can be right."""
    if not listing.files:
        raise OSError(f"{listing.repository} has no such file")
    if listing.size > largest:
        raise OSError(f"the hub offers {listing.size // MEGABYTE} MB, which cannot be right")


def _offered(entry: Any) -> OfferedVoice | None:
    """Read a voice of the index; None where it is not as the others are."""
    try:
        language = entry["language"]
        voice = OfferedVoice(
            name=str(entry["key"]),
            language=str(language["code"]),
            language_name=f"{language['name_english']} ({language['country_english']})",
            quality=str(entry["quality"]),
            speakers=int(entry["num_speakers"]),
            size=sum(
                int(file["size_bytes"])
                for path, file in entry["files"].items()
                if path.endswith((".onnx", ".onnx.json"))
            ),
        )
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    return voice if is_name(voice.name) else None
