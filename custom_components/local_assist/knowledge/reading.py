"""The text of a file: Markdown, plain text or PDF, or why there is none."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from . import pdf_program
from .chunks import Chunk, chunks, markdown_sections, pdf_sections, plain_sections
from .errors import (
    KnowledgeDamagedError,
    KnowledgeEncryptedError,
    KnowledgeFileError,
    KnowledgeKindError,
    KnowledgeNoTextError,
    KnowledgeNotTextError,
    KnowledgeOutsideError,
    KnowledgePagesError,
    KnowledgePartError,
    KnowledgeSlowError,
    KnowledgeTooLargeError,
    KnowledgeUnreadableError,
)
from .folder import Entry

MAX_BYTES: Final = 25_000_000
"""A larger file is not opened. Manuals full of pictures have 20 MB."""
MAX_CHARACTERS: Final = 1_000_000
"""Of the text of one file: 500 close pages."""
MAX_PAGES: Final = 500
PDF_SECONDS: Final = 60
"""Computing time for one PDF, at the lowest priority."""
PDF_DEADLINE: Final = 300.0
"""Seconds after which a PDF's program is ended, however busy the machine is."""

MARKDOWN: Final = frozenset({".md", ".markdown"})
PLAIN: Final = frozenset({".txt", ".text"})
PDF: Final = ".pdf"

# Beside the marks of UTF-8 and UTF-16. Every byte but five is a character in it, and short texts
# tell nothing of their encoding that could be relied upon.
FALLBACK_ENCODING: Final = "cp1252"
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_CONTROL: Final = dict.fromkeys([*range(32), *range(0x7F, 0xA0), *range(0xD800, 0xE000)])
_KEPT: Final = {ord("\t"): "\t", ord("\n"): "\n"}
# A text with more of them than one in so many characters is none.
_CONTROL_IN: Final = 100


@dataclass(frozen=True, slots=True)
class Content:
    """What a file says, as passages.

    Attributes:
        chunks: its passages, in its order.
        problem: why it is not all of the file; None if it is.
    """

    chunks: tuple[Chunk, ...]
    problem: KnowledgeFileError | None = None


def check(entry: Entry) -> None:
    """Tell from the outside of a file whether it is to be opened.

    Raises:
        KnowledgeKindError, KnowledgeOutsideError, KnowledgeTooLargeError: it is not.
    """
    if entry.outside:
        raise KnowledgeOutsideError
    suffix = entry.path.suffix.lower()
    if suffix not in MARKDOWN | PLAIN | {PDF}:
        raise KnowledgeKindError(suffix=suffix or entry.path.name)
    if entry.size > MAX_BYTES:
        raise KnowledgeTooLargeError(size=_megabytes(entry.size), limit=_megabytes(MAX_BYTES))


async def async_read(hass: HomeAssistant, path: Path) -> Content:
    """Return the passages of a file that passed `check`.

    Raises:
        KnowledgeFileError: it cannot be read; which of them says why.
    """
    if path.suffix.lower() == PDF:
        pdf = await async_pdf(path)
        content = await hass.async_add_executor_job(_pdf_content, pdf)
    else:
        content = await hass.async_add_executor_job(_text_content, path)
    if not content.chunks:
        raise KnowledgeNoTextError
    return content


def digest(path: Path) -> bytes:
    """Return what changes when a file does.

    Raises:
        KnowledgeUnreadableError: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as err:
        raise KnowledgeUnreadableError(message=err.strerror or str(err)) from err


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f}"


def _text_content(path: Path) -> Content:
    try:
        with path.open("rb") as file:
            text = decoded(file.read(MAX_BYTES))
    except OSError as err:
        raise KnowledgeUnreadableError(message=err.strerror or str(err)) from err
    sections = markdown_sections if path.suffix.lower() in MARKDOWN else plain_sections
    problem = KnowledgePartError(part=f"{MAX_CHARACTERS:,}") if len(text) > MAX_CHARACTERS else None
    return Content(tuple(chunks(sections(text[:MAX_CHARACTERS]))), problem)


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, else Windows-1252.

    Lines end with a line feed; control characters are left out.

    Raises:
        KnowledgeNotTextError: it is no text.
    """
    if data.startswith(_UTF_16_MARKS):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode(FALLBACK_ENCODING, errors="replace")
    return cleaned(text)


def cleaned(text: str) -> str:
    """Return a text without control characters, each of its lines ended with a line feed.

    Raises:
        KnowledgeNotTextError: it is full of them, so it is no text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    plain = text.translate(_CONTROL | _KEPT)
    if len(text) - len(plain) > len(text) // _CONTROL_IN:
        raise KnowledgeNotTextError
    return plain


async def async_pdf(
    path: Path,
    *,
    max_pages: int = MAX_PAGES,
    max_characters: int = MAX_CHARACTERS,
    seconds: int = PDF_SECONDS,
    deadline: float = PDF_DEADLINE,
) -> pdf_program.Text:
    """Have a PDF read by a program of its own.

    Raises:
        KnowledgeSlowError: it took too long.
        KnowledgeDamagedError: it cannot be read.
        KnowledgeEncryptedError: it wants a password.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # its own folder is no place to import from
        pdf_program.__file__,
        *map(str, (path, max_pages, max_characters, seconds)),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(deadline):
            output, _ = await process.communicate()
    except TimeoutError:
        raise KnowledgeSlowError(seconds=f"{deadline:.0f}") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        text = pdf_program.Text(**json.loads(output))
    except ValueError as err:
        # The system ended it: too much memory or computing.
        raise KnowledgeDamagedError from err
    if text.error == pdf_program.ENCRYPTED:
        raise KnowledgeEncryptedError
    if text.error:
        raise KnowledgeDamagedError
    return text


def _pdf_content(pdf: pdf_program.Text) -> Content:
    sections = pdf_sections(tuple(_cleaned_pages(pdf)), pdf.outline)
    return Content(tuple(chunks(sections)), _missing(pdf))


def _cleaned_pages(pdf: pdf_program.Text) -> Iterator[str]:
    """Yield the pages; one whose font tells no letters counts as one without text."""
    for page in pdf.pages:
        try:
            yield cleaned(page)
        except KnowledgeNotTextError:
            yield ""


def _missing(pdf: pdf_program.Text) -> KnowledgeFileError | None:
    """Return what of a PDF could not be read, if anything."""
    if len(pdf.pages) < pdf.total:
        return KnowledgePagesError(pages=str(len(pdf.pages)), total=str(pdf.total))
    if sum(map(len, pdf.pages)) >= MAX_CHARACTERS:
        return KnowledgePartError(part=f"{MAX_CHARACTERS:,}")
    if pdf.unread:
        return KnowledgePagesError(pages=str(pdf.total - pdf.unread), total=str(pdf.total))
    return None
