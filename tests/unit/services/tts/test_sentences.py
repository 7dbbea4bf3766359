"""Text is cut where a voice would breathe, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from wyoming_services.tts.sentences import SentenceStream


def cut(*texts: str) -> list[str]:
    """Cut a text that comes in pieces."""
    stream = SentenceStream()
    return [sentence for text in texts for sentence in stream.add(text)] + list(stream.finish())


def test_sentences_come_as_soon_as_they_are_complete() -> None:
    """That is when the next one begins."""
    stream = SentenceStream()
    assert list(stream.add("The light is on. ")) == []
    assert list(stream.add("The")) == ["The light is on."]
    assert list(stream.finish()) == ["The"]


def test_abbreviations_do_not_end_a_sentence() -> None:
    """As the library knows them."""
    assert cut("Dr. Miller is here. He waits.") == ["Dr. Miller is here.", "He waits."]


def test_a_long_sentence_is_cut_after_a_clause() -> None:
    """A voice renders what it is given whole, so a piece has an upper length."""
    sentence = "the kitchen, " * 100
    pieces = cut(sentence)
    assert all(len(piece) <= 400 for piece in pieces)
    assert all(piece.rstrip().endswith(",") for piece in pieces)
    assert "".join(pieces).split() == sentence.split()


def test_a_long_row_of_words_is_cut_between_words() -> None:
    """There is no clause to cut at."""
    pieces = cut("light " * 200)
    assert all(len(piece) <= 400 for piece in pieces)
    assert " ".join(pieces).split() == ["light"] * 200


def test_text_without_spaces_is_cut_all_the_same() -> None:
    """Anywhere."""
    assert [len(piece) for piece in cut("x" * 1000)] == [400, 400, 200]


@given(
    st.lists(
        st.sampled_from(["A", "b", "1", ".", "!", "。", "…", "\n", " ", "U.", "”", "x" * 90]),
        max_size=40,
    )
)
def test_every_character_comes_out_once(pieces: list[str]) -> None:
    """However the text is cut into chunks; white space at the edges apart."""
    assert "".join("".join(cut(*pieces)).split()) == "".join("".join(pieces).split())
