"""Texts cut into passages, each with the headings it stands under. Pure.

A passage is found by its words, so it should be about one thing: it never reaches over a heading.
It is read aloud or by a small model, so it is short. Paragraphs stay whole if they can, else
sentences.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token

CHARACTERS_PER_TOKEN: Final = 4
"""Of English; other languages have fewer, so their passages have somewhat more tokens."""
MIN_CHARACTERS: Final = 120 * CHARACTERS_PER_TOKEN
"""A shorter passage takes in its neighbour under the same heading if both fit."""
MAX_CHARACTERS: Final = 250 * CHARACTERS_PER_TOKEN
MAX_HEADING: Final = 120

# An end of a sentence: three letters or digits, a mark, and what begins like a sentence. So none is
# in "z. B.", "e.g." or "3. May". Chinese and Japanese end theirs without a space.
_SENTENCE: Final = regex.compile(
    r"(?<=[\p{L}\p{N})\]%°]{3}[.!?…:][\"'\p{Pe}\p{Pf}]{0,2})"
    r"\s+(?=[\"'\p{Ps}\p{Pi}¿¡]?[\p{Lu}\p{Lo}\p{N}])"
    r"|(?<=[\u3002\uff01\uff1f])"
)
_LINE: Final = regex.compile(r"\n")
_CLAUSE: Final = regex.compile(r"(?<=[,;:\p{Pd}])\s+")
_WORD: Final = regex.compile(r"\s+")
_PARAGRAPH: Final = regex.compile(r"\n\s*\n")
# A word cut in two at the end of a line, as narrow columns have it.
_HYPHENATED: Final = regex.compile(r"(?<=\p{Ll})[-\u00ad]\n(?=\p{Ll})")
_NUMBER: Final = regex.compile(r"\p{N}+")
# What emphasis, code and links look like in a heading.
_MARKS: Final = regex.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)|\s#+\s*$|\s*\{#[^}]*\}\s*$")
_FRONT_MATTER: Final = regex.compile(r"\A---[ \t]*\n(?s:.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_ENDED: Final = regex.compile(r"[.!?…:\u3002\uff01\uff1f][\"'\p{Pe}\p{Pf}]*$")
# Pages on which a line stands first or last before it is taken for the page's own.
_REPEATED: Final = 3
# Lines of a page that may have such lines.
_FULL_PAGE: Final = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list or a table, and the page it begins on, counted from 1."""

    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks under one heading, with the headings above it from the outermost on."""

    headings: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: its headings from the outermost on, its text and its page, counted from 1."""

    headings: tuple[str, ...]
    text: str
    page: int | None = None


@dataclass(slots=True)
class _Path:
    """The headings that hold at a place."""

    levels: list[tuple[int, str]] = field(default_factory=list)

    def enter(self, level: int, title: str) -> None:
        while self.levels and self.levels[-1][0] >= level:
            self.levels.pop()
        self.levels.append((level, title[:MAX_HEADING]))

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(title for _, title in self.levels)


def markdown_sections(text: str) -> Iterator[Section]:
    """Yield the sections of a Markdown text; what looks like a heading in code is none."""
    text = _FRONT_MATTER.sub("", text)
    lines = text.split("\n")
    path = _Path()
    blocks: list[Block] = []
    tokens = MarkdownIt("commonmark").disable("inline").enable("table").parse(text)
    for token, following in itertools.pairwise([*tokens, Token("", "", 0)]):
        if token.level or token.map is None or token.nesting < 0:
            continue
        if token.type == "heading_open":
            if blocks:
                yield Section(path.headings, tuple(blocks))
                blocks = []
            if title := _plain(following.content):
                path.enter(int(token.tag[1:]), title)
        elif body := "\n".join(lines[slice(*token.map)]).strip("\n"):
            blocks.append(Block(body))
    if blocks:
        yield Section(path.headings, tuple(blocks))


def plain_sections(text: str) -> Iterator[Section]:
    """Yield a text without headings as one section: its paragraphs."""
    paragraphs = (paragraph.strip() for paragraph in _PARAGRAPH.split(text))
    yield Section((), tuple(Block(paragraph) for paragraph in paragraphs if paragraph))


def pdf_sections(
    pages: Sequence[str], outline: Sequence[tuple[int, str, int]] = ()
) -> Iterator[Section]:
    """Yield the sections of a PDF by its outline: depth, title and page, counted from 0.

    A heading begins where its page has a line like it, else at the top of the page.
    """
    path = _Path()
    blocks: list[Block] = []
    for number, text in enumerate(_without_frame(pages)):
        entries = [(depth, title) for depth, title, page in outline if page == number]
        for heading, body in _parts(text, entries):
            if heading:
                if blocks:
                    yield Section(path.headings, tuple(blocks))
                    blocks = []
                path.enter(*heading)
            _add(blocks, body, number + 1)
    if blocks:
        yield Section(path.headings, tuple(blocks))


def chunks(sections: Iterable[Section]) -> Iterator[Chunk]:
    """Yield the passages of sections; a heading without text of its own is none."""
    for section in sections:
        pieces = (
            replace(block, text=piece) for block in section.blocks for piece in _fitting(block.text)
        )
        yield from _packed(section.headings, pieces)


def _packed(headings: tuple[str, ...], pieces: Iterable[Block]) -> Iterator[Chunk]:
    """Yield passages of neighbouring pieces, as long as they fit and the first is short."""
    held: Block | None = None
    for piece in pieces:
        if held and _belong_together(held.text, piece.text):
            held = replace(held, text=f"{held.text}\n\n{piece.text}")
            continue
        if held:
            yield Chunk(headings, held.text, held.page)
        held = piece
    if held:
        yield Chunk(headings, held.text, held.page)


def _belong_together(first: str, second: str) -> bool:
    short = len(first) < MIN_CHARACTERS or len(second) < MIN_CHARACTERS // 2
    return short and len(first) + len(second) + 2 <= MAX_CHARACTERS


def _fitting(text: str) -> Iterator[str]:
    """Yield a block as it is, or its parts if it is too long: sentences, lines, clauses, words."""
    pieces = [text]
    for boundary in (_SENTENCE, _LINE, _CLAUSE, _WORD):
        if all(len(piece) <= MAX_CHARACTERS for piece in pieces):
            break
        pieces = [
            part
            for piece in pieces
            for part in (_joined(piece, boundary) if len(piece) > MAX_CHARACTERS else [piece])
        ]
    for piece in pieces:
        # A word longer than a passage is no word.
        for start in range(0, len(piece), MAX_CHARACTERS):
            if part := piece[start : start + MAX_CHARACTERS].strip():
                yield part


def _joined(text: str, boundary: regex.Pattern[str]) -> Iterator[str]:
    """Yield the parts of a text between boundaries, as many together as fit."""
    start = end = following = 0
    for found in boundary.finditer(text):
        if found.start() - start > MAX_CHARACTERS and end > start:
            yield text[start:end]
            start = following
        end, following = found.span()
    if len(text) - start > MAX_CHARACTERS and end > start:
        yield text[start:end]
        start = following
    yield text[start:]


def _plain(title: str) -> str:
    return " ".join(_MARKS.sub(r"\1", title).split())


def _without_frame(pages: Sequence[str]) -> list[str]:
    """Return pages without the lines that most of them begin or end with, and page numbers."""
    split = [[line for line in page.split("\n") if line.strip()] for page in pages]
    for edge in (0, -1):
        full = [lines for lines in split if len(lines) >= _FULL_PAGE]
        keys = Counter(_frame_key(lines[edge]) for lines in full)
        enough = max(_REPEATED, len(full) // 2)
        for lines in full:
            if keys[_frame_key(lines[edge])] >= enough or lines[edge].strip().isdecimal():
                del lines[edge]
    return ["\n".join(lines) for lines in split]


def _frame_key(line: str) -> str:
    return _NUMBER.sub("", line).strip()


def _parts(
    text: str, entries: Sequence[tuple[int, str]]
) -> Iterator[tuple[tuple[int, str] | None, str]]:
    """Yield the parts of a page, each with the heading it begins with, in the outline's order."""
    lines = text.split("\n")
    starts: list[tuple[int, tuple[int, str]]] = []
    at = 0
    for depth, raw in entries:
        if not (title := _plain(raw)):
            continue
        key = _folded(title)
        found = next((n for n in range(at, len(lines)) if _folded(lines[n]) == key), None)
        if found is not None:
            lines[found] = ""
            at = found
        starts.append((at, (depth, title)))
    yield None, "\n".join(lines[: starts[0][0] if starts else len(lines)])
    for (start, heading), (end, _) in itertools.pairwise([*starts, (len(lines), (0, ""))]):
        yield heading, "\n".join(lines[start:end])


def _folded(line: str) -> str:
    return "".join(letter for letter in line.casefold() if letter.isalpha())


def _add(blocks: list[Block], text: str, page: int) -> None:
    """Add the text of a page; a sentence the page before began goes on in its block."""
    text = _HYPHENATED.sub("", text).strip()
    if not text:
        return
    text = text.replace("\u00ad", "")
    if blocks and text[0].islower() and not _ENDED.search(blocks[-1].text):
        blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text}\n{text}")
    else:
        blocks.append(Block(text, page))
