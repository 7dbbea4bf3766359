"""Passages: what belongs together stays together, under the headings it stands under."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.knowledge.chunks import (
    MAX_CHARACTERS,
    MIN_CHARACTERS,
    Chunk,
    chunks,
    markdown_sections,
    pdf_sections,
    plain_sections,
)


def markdown(text: str) -> list[Chunk]:
    """Return the passages of a Markdown text."""
    return list(chunks(markdown_sections(text)))


def plain(text: str) -> list[Chunk]:
    """Return the passages of a plain text."""
    return list(chunks(plain_sections(text)))


def pdf(*pages: str, outline: tuple[tuple[int, str, int], ...] = ()) -> list[Chunk]:
    """Return the passages of a PDF with these pages."""
    return list(chunks(pdf_sections(pages, outline)))


HOUSE = """\
---
title: of the file
---
Welcome.

# House *rules* #

Be kind.

## Bins {#bins}

Paper on Tuesday.

- brown: food
- blue: paper

Guests
------

### [Wi-Fi](http://router.local) `guest`

The password is on the fridge.

Pets
====

No dogs.
"""


def test_headings_of_markdown():
    """Of both kinds; a passage has all those above it, without marks, and reaches over none."""
    assert [(chunk.headings, chunk.text) for chunk in markdown(HOUSE)] == [
        ((), "Welcome."),
        (("House rules",), "Be kind."),
        (("House rules", "Bins"), "Paper on Tuesday.\n\n- brown: food\n- blue: paper"),
        (("House rules", "Guests", "Wi-Fi guest"), "The password is on the fridge."),
        (("Pets",), "No dogs."),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "```sh\n# not a heading\n```",
        "~~~\nnot one\n=======\n~~~",
        "    # not a heading",
        "```\n# never closed",
    ],
)
def test_code_has_no_headings(code: str):
    """It looks as if it had."""
    (chunk,) = markdown(f"# Real\n\nDo this:\n\n{code}\n")
    assert chunk.headings == ("Real",)
    assert chunk.text.endswith(code.strip())


def test_a_heading_of_a_higher_level_ends_those_below():
    """Also where a level was left out."""
    text = "# A\n\n#### B\n\nb\n\n## C\n\nc\n\n# D\n\nd"
    assert [chunk.headings for chunk in markdown(text)] == [("A", "B"), ("A", "C"), ("D",)]


def test_short_paragraphs_go_together_and_long_ones_stay_apart():
    """So that a passage is about one thing, but says something."""
    short, long = "A short one.", "A sentence of the long one. " * 25
    assert [chunk.text for chunk in plain(f"{short}\n\n{short}\n\n{long}\n\n{long}")] == [
        f"{short}\n\n{short}\n\n{long.strip()}",
        long.strip(),
    ]


def test_a_long_paragraph_is_cut_between_sentences():
    """And not where a mark ends no sentence."""
    sentence = "Die Tonne, z. B. die gelbe, kommt am 3. Mai um 7.30 Uhr (s. o.) an die Straße."
    parts = plain(" ".join([sentence] * 40))
    assert len(parts) == 4
    for part in parts:
        assert len(part.text) <= MAX_CHARACTERS
        assert part.text.startswith("Die Tonne")
        assert part.text.endswith("Straße.")


def test_a_list_is_cut_between_its_lines():
    """Nothing in it ends like a sentence."""
    text = "\n".join(f"- item number {number} with a few more words" for number in range(60))
    parts = markdown(text)
    assert len(parts) > 1
    assert "\n".join(part.text for part in parts) == text
    assert all(part.text.startswith("- item") for part in parts)


@pytest.mark.parametrize("text", ["词" * 3000, "x" * 3000, "word " * 800, "句子。" * 500])
def test_what_has_no_sentences_is_cut_all_the_same(text: str):
    """A passage is never too long."""
    parts = plain(text)
    assert all(len(part.text) <= MAX_CHARACTERS for part in parts)
    assert "".join(part.text.replace(" ", "") for part in parts) == text.replace(" ", "")


@given(st.text(alphabet="ab.# \n-=`*|>1.é。", max_size=4000))
def test_nothing_is_lost(text: str):
    """Whatever a text looks like, each of its words is in a passage or a heading."""
    for parts in (markdown(text), plain(text)):
        assert all(part.text.strip() and len(part.text) <= MAX_CHARACTERS for part in parts)
    letters = sorted(letter for letter in text if letter.isalpha())
    told = sorted(letter for part in plain(text) for letter in part.text if letter.isalpha())
    assert told == letters


def test_pages_and_outline_of_a_pdf():
    """A heading begins at its line; a passage knows the page it begins on."""
    found = pdf(
        "Manual of the dishwasher\n1 Cleaning\nRinse the filter.",
        "2 Errors\nE15 is a leak.\n2.1 What to do\nCall the service.",
        outline=((1, "Cleaning", 0), (1, "Errors", 1), (2, "What to do", 1)),
    )
    assert found == [
        Chunk((), "Manual of the dishwasher", 1),
        Chunk(("Cleaning",), "Rinse the filter.", 1),
        Chunk(("Errors",), "E15 is a leak.", 2),
        Chunk(("Errors", "What to do"), "Call the service.", 2),
    ]


def test_an_outline_whose_lines_are_not_found():
    """Then a heading begins at the top of its page, or where the one before it does."""
    found = pdf("Intro.", "Some text.", outline=((1, "Not there", 1), (2, "Nor this", 1)))
    assert found == [Chunk((), "Intro.", 1), Chunk(("Not there", "Nor this"), "Some text.", 2)]


def test_a_sentence_goes_on_over_pages_and_lines():
    """Words cut in two are made whole."""
    (chunk,) = pdf("Rinse the fil-\nter under cold run\u00ad\nning", "water, twice a month.")
    assert chunk.text == "Rinse the filter under cold running\nwater, twice a month."
    assert chunk.page == 1


def test_what_each_page_has_is_left_out():
    """Its number, and what stands at its top and its end."""
    found = pdf(
        *(
            f"Dishwasher X{n}\n{word} is here.\nMore on {word}.\n{n}"
            for n, word in enumerate("abcd")
        )
    )
    assert [chunk.text for chunk in found] == [
        "\n\n".join(f"{word} is here.\nMore on {word}." for word in "abcd")
    ]


def test_sizes():
    """About 120 to 250 tokens."""
    text = "\n\n".join(f"Paragraph {n} says a thing or two. " * 4 for n in range(100))
    sizes = [len(chunk.text) for chunk in plain(text)]
    assert all(MIN_CHARACTERS <= size <= MAX_CHARACTERS for size in sizes[:-1])
