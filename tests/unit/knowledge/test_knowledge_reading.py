"""The text of files: encodings, and PDFs in every state."""

import asyncio
import random
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from custom_components.local_assist.knowledge import pdf_program
from custom_components.local_assist.knowledge.errors import (
    KnowledgeDamagedError,
    KnowledgeEncryptedError,
    KnowledgeNotTextError,
    KnowledgeSlowError,
)
from custom_components.local_assist.knowledge.reading import async_pdf, decoded
from tests.pdfs import pdf

GERMAN = "Schlüssel hängen über der Tür: 5 € Pfand."
PAGES = [["Cleaning", "Rinse the filter (monthly)."], ["Errors", "E15 is a leak."]]
MANUAL = pdf(*PAGES, outline=[("Cleaning", 0), ("Errors", 1)])
DONE = {"", pdf_program.DAMAGED, pdf_program.ENCRYPTED}


def written(change: Callable[[PdfWriter], None]) -> bytes:
    """Return the manual with a change."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(MANUAL)))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted(password: str) -> bytes:
    """Return the manual, protected."""
    return written(lambda writer: writer.encrypt(password, "owner", algorithm="AES-256"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str):
    """What editors write."""
    assert decoded(GERMAN.encode(encoding)) == GERMAN


def test_lines_and_control_characters():
    """Every line ends alike; what is not seen is not there."""
    assert decoded(b"one\r\ntwo\rthree\x0cfour\tfive" + b"." * 200 + b"\x07\x00") == (
        "one\ntwo\nthree\n\nfour\tfive" + "." * 200
    )


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01" + b"\0" * 100, b"PK\3\4\0\0\0\0\1\2" * 9])
def test_what_is_no_text(data: bytes):
    """Whatever its name says."""
    with pytest.raises(KnowledgeNotTextError):
        decoded(data)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a PDF is to be."""
    return tmp_path / "manual.pdf"


def read(file: Path, data: bytes, **limits: float) -> pdf_program.Text:
    """Read a PDF in this process."""
    file.write_bytes(data)
    given = {"max_pages": 100, "max_characters": 100_000, "seconds": 30.0} | limits
    return pdf_program.read(str(file), **given)


async def test_a_pdf(file: Path, socket_enabled: None):  # noqa: ARG001
    """By its own program, as the integration has it read."""
    await asyncio.to_thread(file.write_bytes, MANUAL)
    text = await async_pdf(file)
    assert text.pages == ["\n".join(lines) for lines in PAGES]
    assert [tuple(heading) for heading in text.outline] == [(1, "Cleaning", 0), (1, "Errors", 1)]
    assert (text.total, text.unread, text.error) == (2, 0, "")


def test_one_that_may_be_read_but_not_changed(file: Path):
    """As many manuals are: the password to read them is empty."""
    assert read(file, encrypted("")).pages[0].startswith("Cleaning")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (encrypted("secret"), KnowledgeEncryptedError),
        (MANUAL[:150], KnowledgeDamagedError),
        (b"", KnowledgeDamagedError),
        (b"%PDF-1.7\n" + b"\0" * 1000, KnowledgeDamagedError),
    ],
    ids=["encrypted", "cut off", "empty", "zeros"],
)
async def test_one_that_cannot_be_read(
    file: Path,
    data: bytes,
    error: type[Exception],
    socket_enabled: None,  # noqa: ARG001
):
    """The error says why."""
    await asyncio.to_thread(file.write_bytes, data)
    with pytest.raises(error):
        await async_pdf(file)


async def test_a_program_that_takes_too_long_is_ended(
    file: Path,
    socket_enabled: None,  # noqa: ARG001
):
    """However it hangs."""
    await asyncio.to_thread(file.write_bytes, MANUAL)
    with pytest.raises(KnowledgeSlowError):
        await async_pdf(file, deadline=0.0)


async def test_a_program_that_breaks_down(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    socket_enabled: None,  # noqa: ARG001
):
    """As when the system ends it for want of memory."""
    program = file.with_suffix(".py")
    await asyncio.to_thread(program.write_text, "import os; os.abort()")
    monkeypatch.setattr(pdf_program, "__file__", str(program))
    with pytest.raises(KnowledgeDamagedError):
        await async_pdf(file)


@pytest.mark.parametrize(
    ("limits", "pages"),
    [
        ({"max_pages": 1}, ["Cleaning\nRinse the filter (monthly)."]),
        ({"max_characters": 8}, ["Cleaning"]),
        ({"seconds": -1.0}, []),
    ],
)
def test_limits(file: Path, limits: dict[str, float], pages: list[str]):
    """What is within them is read, and how much there is is told."""
    text = read(file, MANUAL, **limits)
    assert text.pages == pages
    assert text.total == 2


def test_a_bomb(file: Path):
    """A page of a kilobyte that unpacks to hundreds of megabytes costs neither time nor memory."""
    bomb = written(lambda writer: _fill(writer, b"0 0 m " * 20_000_000))
    assert len(bomb) < 2_000_000
    started = time.process_time()
    text = read(file, bomb)
    assert text.unread == 1
    assert time.process_time() - started < 30


def _fill(writer: PdfWriter, content: bytes) -> None:
    contents = writer.pages[0].get_contents()
    assert contents is not None
    contents.set_data(content)
    writer.pages[0].replace_contents(contents.flate_encode())


@pytest.mark.parametrize("seed", range(20))
def test_damage(file: Path, seed: int):
    """Cut off, with flipped bits, with parts twice or missing: text or a documented error."""
    chance = random.Random(seed)
    for _ in range(15):
        data = bytearray(MANUAL)
        for _ in range(chance.randint(1, 4)):
            _damage(data, chance)
        text = read(file, bytes(data))
        assert text.error in DONE
        assert len(text.pages) <= 100


def _damage(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data)) if data else 0
    match chance.randrange(5):
        case 0:
            del data[at:]
        case 1:
            for place in range(at, min(at + chance.randint(1, 8), len(data))):
                data[place] ^= 1 << chance.randrange(8)
        case 2:
            data[at:at] = data[at : at + 200]
        case 3:
            del data[at : at + chance.randint(1, 60)]
        case _:
            data[at:at] = str(chance.choice([-1, 0, 2, 5, 10**9, 2**63])).encode()
