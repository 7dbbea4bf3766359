"""What of a transcript is given out before it is whole."""

from hypothesis import given
from hypothesis import strategies as st

from wyoming_services.stt.partials import PartialTranscript

TEXTS = st.lists(st.sampled_from(["turn", "on", "the", "light", "lamp"]), max_size=6).map(" ".join)


def test_two_readings_must_agree() -> None:
    """On whole words, and each is given out once."""
    partial = PartialTranscript()
    assert partial.agree("turn on the") == ""
    assert partial.agree("turn on the kit") == "turn on the"
    assert partial.agree("turn on the kitchen light") == ""
    assert partial.agree("turn on the kitchen light please") == " kitchen light"
    assert partial.rest("turn on the kitchen light please") == " please"
    assert partial.told == "turn on the kitchen light please"


def test_nothing_follows_what_turned_out_wrong() -> None:
    """The transcript says it right."""
    partial = PartialTranscript()
    partial.agree("turn on")
    partial.agree("turn on")
    assert partial.rest("turn off") == ""


@given(st.lists(TEXTS, max_size=5), TEXTS)
def test_what_is_given_out_is_how_some_reading_begins(drafts: list[str], text: str) -> None:
    """And with the rest it is the transcript, unless that begins differently."""
    partial = PartialTranscript()
    told = "".join(partial.agree(draft) for draft in drafts)
    assert told == partial.told
    assert not told or any(draft.startswith(told) for draft in drafts)
    rest = partial.rest(text)
    assert not rest or told + rest == text
