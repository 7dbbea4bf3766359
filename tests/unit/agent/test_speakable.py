"""What a model thinks aloud is never spoken, wherever a chunk ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.agent.speakable import ThoughtFilter


def split(chunks: list[str]) -> tuple[str, str]:
    """Return all that is spoken and all that is thought."""
    thoughts = ThoughtFilter()
    parts = [*map(thoughts.feed, chunks), thoughts.finish()]
    return "".join(part[0] for part in parts), "".join(part[1] for part in parts)


@pytest.mark.parametrize(
    ("text", "spoken", "thought"),
    [
        ("The light is on.", "The light is on.", ""),
        ("<think>Which light?</think>\n\nThe light is on.", "The light is on.", "Which light?"),
        ("On. <think>Why?</think>Off.", "On. Off.", "Why?"),
        ("<think>no end", "", "no end"),
        ("<think>half a tag </thi", "", "half a tag </thi"),
        ("two </think>three", "two three", ""),
        ("1 < 2 and <b> is no tag <thin", "1 < 2 and <b> is no tag <thin", ""),
        ("<think></think>", "", ""),
        ("", "", ""),
    ],
)
def test_thoughts_are_split_off(text: str, spoken: str, thought: str):
    """In one piece, and letter by letter."""
    assert split([text]) == (spoken, thought)
    assert split(list(text)) == (spoken, thought)


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "thi", "nk>", "a", " "])), st.data())
def test_chunk_boundaries_make_no_difference(pieces: list[str], data: st.DataObject):
    """Any text, cut anywhere, is split the same."""
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)))))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(chunks) == split([text])


def test_speech_is_not_held_back_longer_than_needed():
    """A plain word goes on at once; only what may become a tag waits."""
    thoughts = ThoughtFilter()
    assert thoughts.feed("Good ") == ("Good ", "")
    assert thoughts.feed("day <") == ("day ", "")
    assert thoughts.feed("3") == ("<3", "")
