"""Reads the text of a PDF. A program of its own, so that no file can stop or slow Home Assistant.

    python pdf_program.py FILE MAX_PAGES MAX_CHARACTERS SECONDS

It knows nothing of Home Assistant. What it read goes to the standard output as JSON: the fields of
`Text`. `SECONDS` are of computing time; the system ends the program if it takes twice as long.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError
from pypdf.generic import Destination

MAX_MEMORY: Final = 1 << 30
"""Bytes. A house's manual takes a tenth of it."""
MAX_PARTS: Final = 500_000
"""Operands and operators of one page; a page full of text has some thousands."""

ENCRYPTED: Final = "encrypted"
DAMAGED: Final = "damaged"


@dataclass(slots=True)
class Text:
    """What a PDF says.

    Attributes:
        pages: the text of each page that was read, from the first on.
        outline: its headings: depth from 1 on, title, page counted from 0.
        total: how many pages it has.
        unread: pages among those read whose text could not be made out.
        error: "encrypted" or "damaged" if nothing could be read, else "".
    """

    pages: list[str] = field(default_factory=list)
    outline: list[tuple[int, str, int]] = field(default_factory=list)
    total: int = 0
    unread: int = 0
    error: str = ""


def read(path: str, *, max_pages: int, max_characters: int, seconds: float) -> Text:
    """Return the text of a PDF as far as the limits go. Raises nothing."""
    text = Text()
    try:
        # Pictures are not looked at, so no program for pictures is needed.
        with (
            apply_configuration(stream_parsing_work_maximum_count=MAX_PARTS, jbig2dec_binary=None),
            PdfReader(path) as reader,
        ):
            if reader.is_encrypted and not reader.decrypt(""):
                text.error = ENCRYPTED
                return text
            text.total = len(reader.pages)
            _read_pages(reader, text, max_pages, max_characters, time.process_time() + seconds)
            with suppress(Exception):
                text.outline = list(_outline(reader, reader.outline))
    except DependencyError, FileNotDecryptedError:
        text.error = ENCRYPTED
    except Exception:  # noqa: BLE001 - pypdf says that broken files may cause any
        text.error = DAMAGED
    if not text.error and text.unread and text.unread == len(text.pages):
        text.error = DAMAGED
    return text


def _read_pages(
    reader: PdfReader, text: Text, max_pages: int, max_characters: int, deadline: float
) -> None:
    left = max_characters
    for page in reader.pages[:max_pages]:
        if left <= 0 or time.process_time() > deadline:
            return
        try:
            read = page.extract_text()
        except Exception:  # noqa: BLE001 - pypdf says that broken files may cause any
            read = ""
            text.unread += 1
        text.pages.append(read[:left])
        left -= len(read)


def _outline(
    reader: PdfReader, items: Iterable[Any], depth: int = 1
) -> Iterator[tuple[int, str, int]]:
    """Yield the headings: what follows a heading as a list is below it."""
    for item in items:
        if isinstance(item, list):
            yield from _outline(reader, item, depth + 1)
        elif isinstance(item, Destination) and item.title:
            page = reader.get_destination_page_number(item)
            if page is not None and page >= 0:
                yield depth, str(item.title), page


def main() -> None:
    """Read what the command line names, after all other work of the machine."""
    path, pages, characters, seconds = sys.argv[1:]
    with suppress(OSError, ValueError):
        os.nice(19)
    for limit, value in (
        (resource.RLIMIT_CPU, 2 * int(seconds) + 1),
        (resource.RLIMIT_AS, MAX_MEMORY),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))
    text = read(path, max_pages=int(pages), max_characters=int(characters), seconds=float(seconds))
    sys.stdout.buffer.write(json.dumps(asdict(text)).encode())


if __name__ == "__main__":
    main()
