"""What the text-to-speech bench has said."""

import pytest

from bench.tts.texts import SECONDS, Texts

SEED = 11
PACE = 15.0


def test_a_seed_says_the_same_again():
    """Two runs measure the same texts, and another seed gives others."""
    first, again, other = (Texts(seed, PACE).take(12, 5) for seed in (SEED, SEED, SEED + 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("seconds", SECONDS)
@pytest.mark.parametrize("pace", [13.0, 15.0])
def test_no_text_comes_twice_and_each_has_its_length(seconds: int, pace: float):
    """One sentence each, so that nobody can begin with a shorter one."""
    texts = Texts(SEED, pace)
    said = [text for _ in range(20) for text in texts.take(seconds, 10)]
    assert len(set(said)) == len(said)
    for text in said:
        assert len(text) / pace == pytest.approx(seconds, rel=0.25)
        assert text[0].isupper()
        assert text.index(".") == len(text) - 1


def test_texts_that_have_run_out_are_told():
    """Rather than said again."""
    with pytest.raises(ValueError, match="Every text of 1 s"):
        Texts(SEED, PACE).take(1, 10_000)
