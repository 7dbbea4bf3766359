"""How sure is sure, for this model in this house."""

import pytest

from wyoming_services.stt.certainty import UsualEndings


def test_at_first_only_a_model_without_a_doubt_is_believed() -> None:
    """Nothing is known of it yet."""
    usual = UsualEndings()
    assert usual.rank(0.99) == 1
    assert usual.rank(0.9) == 0


@pytest.mark.parametrize("typical", [0.6, 0.9, 0.999])
def test_a_model_is_measured_by_itself(typical: float) -> None:
    """After some utterances what is usual for it ranks in the middle, what is not at the end."""
    usual = UsualEndings()
    for number in range(100):
        usual.add(typical * (1 - number % 10 / 100))
    assert usual.rank(typical) == 1
    assert usual.rank(typical * 0.955) == pytest.approx(0.5)
    assert usual.rank(typical * 0.85) == 0


def test_more_than_a_doubt_is_never_usual() -> None:
    """However often a model turned out right so."""
    usual = UsualEndings()
    for _ in range(100):
        usual.add(0.3)
    assert usual.rank(0.49) == 0
