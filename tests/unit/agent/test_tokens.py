"""Estimating tokens."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.agent.tokens import (
    CAUTION,
    IMAGE_TOKENS,
    MOST,
    REMEMBERED,
    TokenEstimate,
)
from custom_components.local_assist.backends.base import Message, ToolCall

PROMPT = (
    Message(role="system", content="You are the voice assistant of this house."),
    Message(role="user", content="Turn on the light in the kitchen, please."),
)
TOOL = {
    "type": "function",
    "function": {
        "name": "HassTurnOn",
        "description": "Turns a device on.",
        "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        # Characters a token, between what tokenizers of small models make of such texts.
        ("The light in the kitchen is on and the window in the bath is open. " * 20, 3.2, 4.2),
        ("Das Licht in der Küche ist an, und das Fenster im Bad ist geöffnet. " * 20, 2.8, 4.0),
        ("Свет на кухне включён, а окно в ванной открыто. " * 20, 1.8, 3.0),  # noqa: RUF001
        ("厨房的灯开着，浴室的窗户也开着。" * 20, 0.7, 1.3),  # noqa: RUF001
        ('{"name":"HassTurnOn","arguments":{"area":"kitchen","brightness":40}}' * 20, 2.2, 3.4),
        ("20.5 17:45 2026-11-21 " * 20, 1.2, 2.2),
        ("😀🎉" * 20, 0.3, 0.7),
    ],
)
def test_characters_a_token(text: str, least: float, most: float) -> None:
    """Before anything was learned it is about right, by script and kind of text."""
    assert least <= len(text) / (TokenEstimate().count(text) / CAUTION) <= most


def test_nothing_takes_nothing() -> None:
    """An empty text has no tokens; an empty message has its frame."""
    assert TokenEstimate().count("") == 0
    assert TokenEstimate().messages([Message(role="user")]) > 0


def test_everything_in_a_prompt_counts() -> None:
    """Tools, thoughts, calls and images."""
    estimate = TokenEstimate()
    user = Message(role="user", content="Hello")
    call = ToolCall(id="1", name="HassTurnOn", arguments={"area": "the big kitchen"})
    bare = estimate.messages([user])
    assert estimate.messages([user], [TOOL]) > bare + estimate.count(str(TOOL))
    assert estimate.messages([replace(user, thinking="I wonder who that is.")]) > bare + 4
    assert estimate.messages([replace(user, tool_calls=(call,))]) > bare + 10
    assert estimate.messages([replace(user, images=("aGk=",))]) >= bare + IMAGE_TOKENS


@given(
    letters=st.integers(0, 400),
    ratio=st.floats(0.6, 2.9),
    before=st.lists(st.integers(1, 500), max_size=5),
)
def test_what_was_just_seen_is_not_underestimated(
    letters: int, ratio: float, before: list[int]
) -> None:
    """To the token, whatever was seen before."""
    estimate = TokenEstimate()
    prompt = [*PROMPT, Message(role="user", content="a" * letters)]
    actual = int(ratio * estimate.messages(prompt, [TOOL]) / CAUTION)
    for count in before:
        estimate.observe(estimate.messages(prompt, [TOOL]), count)
    estimate.observe(estimate.messages(prompt, [TOOL]), actual)
    assert estimate.messages(prompt, [TOOL]) >= actual


def test_it_learns() -> None:
    """After a few prompts it is within a token or two, also for a prompt it has not seen."""
    estimate = TokenEstimate()
    for _ in range(3):
        estimate.observe(estimate.messages(PROMPT, [TOOL]), 140)
    assert 140 <= estimate.messages(PROMPT, [TOOL]) <= 142
    before = TokenEstimate().count("Is the window open?" * 10)
    assert estimate.count("Is the window open?" * 10) < before


def test_an_odd_count_does_not_stay() -> None:
    """One count far too high makes it careful once; one far too low does nothing."""
    estimate = TokenEstimate()
    for _ in range(5):
        estimate.observe(estimate.messages(PROMPT), 30)
    usual = estimate.messages(PROMPT)
    estimate.observe(usual, 100_000)
    assert estimate.messages(PROMPT) <= MOST / CAUTION * TokenEstimate().messages(PROMPT) + 1
    estimate.observe(estimate.messages(PROMPT), 30)
    assert estimate.messages(PROMPT) <= usual + 1
    for count in (0, -1, *[2] * REMEMBERED):
        estimate.observe(usual, count)
    assert usual <= estimate.messages(PROMPT) <= usual + 1
    estimate.observe(0, 30)
    assert estimate.messages(PROMPT) <= usual + 1


def test_what_lasts_goes_by_what_is_usual() -> None:
    """One odd count, even the first, changes nothing; several that agree do."""
    estimate = TokenEstimate()
    first = estimate.messages(PROMPT, steady=True)
    assert first == estimate.messages(PROMPT)
    estimate.observe(first, 1000)
    assert estimate.messages(PROMPT) > first
    assert estimate.messages(PROMPT, steady=True) == first
    for _ in range(3):
        estimate.observe(estimate.messages(PROMPT), 27)
    assert 27 <= estimate.messages(PROMPT, steady=True) <= 28
    estimate.observe(estimate.messages(PROMPT), 1000)
    assert estimate.messages(PROMPT, steady=True) <= 28


def test_it_follows_a_change() -> None:
    """A new template of the model is learned before long."""
    estimate = TokenEstimate()
    for actual in [60] * REMEMBERED + [24] * REMEMBERED:
        estimate.observe(estimate.messages(PROMPT), actual)
    assert estimate.messages(PROMPT) <= 26
