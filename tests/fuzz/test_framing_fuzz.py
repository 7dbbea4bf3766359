"""Framing takes any bytes: an event, or one of two errors."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from wyoming.event import Event

from wyoming_services.errors import BadRequestError, TooLargeError
from wyoming_services.protocol.framing import Framer, encode

ROUNDS = 20_000
SEED = 20_261_121

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
headers = st.dictionaries(
    st.sampled_from(["type", "data", "data_length", "payload_length", "version"]),
    json_values | st.integers(-2, 40) | st.just("x"),
)


def outcome(pieces: list[bytes]) -> list[object]:
    """Return the events bytes give, and the error they end with; any other error fails the test."""
    framer = Framer()
    found: list[object] = []
    try:
        for piece in pieces:
            framer.feed(piece)
            while (event := framer.next_event()) is not None:
                assert isinstance(event.type, str)
                assert isinstance(event.data, dict)
                # repr, because NaN is not equal to itself
                found.append(repr(event))
        framer.end()
    except (BadRequestError, TooLargeError) as error:
        found.append(type(error))
    return found


@settings(max_examples=500, deadline=None)
@given(headers, st.binary(max_size=60), st.integers(0, 100))
def test_any_header_gives_an_event_or_a_documented_error(
    header: dict[str, object], rest: bytes, cut: int
):
    """Whole or in two pieces, with the same outcome."""
    stream = json.dumps(header).encode() + b"\n" + rest
    assert outcome([stream]) == outcome([stream[:cut], stream[cut:]])


def test_mutated_streams_give_events_or_documented_errors():
    """Bytes changed, lost, doubled and swapped in good streams."""
    chance = random.Random(SEED)
    good = b"".join(
        encode(event)
        for event in (
            Event("transcribe", {"language": "en", "transcript_names": ["Küche"]}),
            Event("audio-start", {"rate": 16000, "width": 2, "channels": 1}),
            Event("audio-chunk", {"rate": 16000, "width": 2, "channels": 1}, bytes(range(64))),
            Event("audio-stop"),
        )
    )
    pieces = (b'"', b"{", b"}", b"[", b"\n", b"-", b"9", b"e9", b"null", b"\xff", b"\x00", b":")
    for _ in range(ROUNDS):
        stream = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(stream))
            stream[at : at + chance.randint(0, 3)] = chance.choice(pieces) * chance.randint(0, 2)
        cut = chance.randrange(len(stream) + 1)
        assert outcome([bytes(stream)]) == outcome([bytes(stream[:cut]), bytes(stream[cut:])])
