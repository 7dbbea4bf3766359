"""Whatever a server sends is understood or is one of our errors."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.backends.ollama_wire import deltas, response_failure
from custom_components.local_assist.errors import BackendError, BackendStreamError

numbers = st.integers(-(2**70), 2**70) | st.floats()
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
calls = st.fixed_dictionaries(
    {}, optional={"function": json_values | st.fixed_dictionaries({"name": json_values})}
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "content": json_values,
        "thinking": json_values,
        "tool_calls": json_values | st.lists(calls, max_size=2),
    },
)
lines = st.fixed_dictionaries(
    {},
    optional={
        "message": json_values | messages,
        "done": json_values,
        "done_reason": json_values,
        "error": json_values,
        "eval_count": json_values,
        "load_duration": json_values,
    },
)


def parse(line: bytes) -> list[Any] | None:
    """Return the deltas of a line, or nothing for one of our errors."""
    try:
        return deltas(line, url="u", model="m")
    except BackendError:
        return None


@given(lines)
def test_lines_of_nearly_the_right_shape(line: dict[str, Any]):
    """Any value in any place is an answer or one of our errors, nothing else."""
    answer = parse(json.dumps(line).encode())
    assert answer is None or isinstance(answer, list)


@given(st.binary())
def test_bytes(line: bytes):
    """No random bytes are an answer."""
    assert parse(line) is None


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"message":' * 10_000, b"1e999", b"[]", b"3"])
def test_lines_that_break_parsers(line: bytes):
    """Deep, huge or of another type."""
    with pytest.raises(BackendStreamError):
        deltas(line, url="u", model="m")


@given(st.integers(300, 599), st.text() | json_values.map(json.dumps))
def test_failed_responses(status: int, body: str):
    """Any status and body mean one of our errors."""
    assert isinstance(response_failure(status, body, url="u", model="m"), BackendError)
