"""Effects are told once each."""

from custom_components.local_assist.guard.effects import Effect, distinct

_UNLOCK = Effect("lock", "unlock", "lock.front")
_MAYBE = Effect("lock", "unlock", "lock.front", certain=False)
_OPEN = Effect("cover", "set_cover_position", "cover.garage", "garage", '{"position": 10}')
_WIDER = Effect("cover", "set_cover_position", "cover.garage", "garage", '{"position": 100}')


def test_each_effect_is_told_once_in_its_order() -> None:
    """Whatever came first stays first."""
    assert distinct([_OPEN, _UNLOCK, _OPEN, _UNLOCK]) == (_OPEN, _UNLOCK)


def test_what_surely_happens_is_not_told_as_uncertain() -> None:
    """Whether the sure one comes first or last."""
    assert distinct([_MAYBE, _UNLOCK]) == (_UNLOCK,)
    assert distinct([_UNLOCK, _MAYBE]) == (_UNLOCK,)
    assert distinct([_MAYBE, _MAYBE]) == (_MAYBE,)


def test_effects_with_other_data_are_others() -> None:
    """To open a garage a little is not to open it wide."""
    assert distinct([_OPEN, _WIDER]) == (_OPEN, _WIDER)
