"""Bytes to events and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event

from wyoming_services.errors import BadRequestError, TooLargeError
from wyoming_services.protocol.framing import MAX_DATA, MAX_HEADER, MAX_PAYLOAD, Framer, encode


def frame(header: object, *blocks: bytes) -> bytes:
    """Build a frame by hand."""
    return json.dumps(header).encode() + b"\n" + b"".join(blocks)


def events(framer: Framer, data: bytes) -> list[Event]:
    """Return what bytes complete."""
    framer.feed(data)
    return list(iter(framer.next_event, None))


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
objects = st.dictionaries(st.text(), scalars | st.lists(scalars), max_size=5)
surrogate_free = st.text(st.characters(exclude_categories=["Cs"]))
some_events = st.builds(
    Event,
    type=surrogate_free,
    data=st.dictionaries(surrogate_free, st.none() | st.integers() | surrogate_free),
    payload=st.none() | st.binary(min_size=1),
)


@given(some_events)
def test_what_is_encoded_is_read_again(event: Event):
    """The two directions agree."""
    framer = Framer()
    assert events(framer, encode(event)) == [event]
    framer.end()


@given(st.lists(some_events, max_size=4), st.data())
def test_any_split_gives_the_same_events(sent: list[Event], data: st.DataObject):
    """Where the network cuts the stream means nothing."""
    stream = b"".join(map(encode, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer = Framer()
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [event for piece in pieces for event in events(framer, piece)] == sent


def test_byte_by_byte_is_all_at_once():
    """Also when every byte comes alone."""
    stream = encode(Event("a", {"b": "ü"}, b"123")) + encode(Event("c"))
    framer = Framer()
    found = [event for byte in stream for event in events(framer, bytes([byte]))]
    assert found == [Event("a", {"b": "ü"}, b"123"), Event("c")]


def test_the_data_block_wins_over_the_header():
    """Both places may hold data."""
    block = b'{"a": 2}'
    header = {"type": "x", "data": {"a": 1, "b": 1}, "data_length": len(block)}
    assert events(Framer(), frame(header, block)) == [Event("x", {"a": 2, "b": 1})]


def test_null_means_absent():
    """As the wyoming package's reader takes it."""
    header = {"type": "x", "data": None, "data_length": None, "payload_length": None}
    assert events(Framer(), frame(header)) == [Event("x")]


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"hello\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"5\n",
        b"null\n",
        b"{}\n",
        b'{"type": 5}\n',
        b'{"type": "x", "data": []}\n',
        b'{"type": "x", "data": "text"}\n',
        b'{"type": "x", "data_length": "5"}\n',
        b'{"type": "x", "data_length": 5.5}\n',
        b'{"type": "x", "data_length": true}\n',
        b'{"type": "x", "data_length": -1}\n',
        b'{"type": "x", "data_length": NaN}\n',
        b'{"type": "x", "data_length": 1' + b"0" * 5000 + b"}\n",
        b'{"type": "x", "payload_length": {}}\n',
        b'{"type": "x", "data_length": 4}\nnope',
        b'{"type": "x", "data_length": 2}\n[]',
        b'{"type": "x", "data": ' + b"[" * 20_000 + b"]" * 20_000 + b"}\n",
        b'{"type": "x", "data_length": 200000}\n' + b"[" * 200_000,
    ],
)
def test_nonsense_is_a_bad_request(sent: bytes):
    """One error, whatever is wrong."""
    with pytest.raises(BadRequestError):
        events(Framer(), sent)


@pytest.mark.parametrize("key", ["data_length", "payload_length"])
@pytest.mark.parametrize("length", [MAX_DATA + 1, 10**12])
def test_a_length_over_the_limit_is_refused_before_its_bytes_come(key: str, length: int):
    """Nothing is buffered for it."""
    assert MAX_DATA == MAX_PAYLOAD
    with pytest.raises(TooLargeError, match=key):
        events(Framer(), frame({"type": "x", key: length}))


def test_an_endless_header_is_refused():
    """At the limit, not when its newline comes."""
    framer = Framer()
    assert events(framer, b" " * MAX_HEADER) == []
    with pytest.raises(TooLargeError):
        events(framer, b" ")


def test_the_largest_frame_passes():
    """The limits themselves are allowed."""
    block = b'{"a":"' + b"b" * (MAX_DATA - 8) + b'"}'
    header = frame({"type": "x", "data_length": MAX_DATA, "payload_length": MAX_PAYLOAD})
    padded = b" " * (MAX_HEADER + 1 - len(header)) + header
    (event,) = events(Framer(), padded + block + bytes(MAX_PAYLOAD))
    assert event.payload == bytes(MAX_PAYLOAD)
    assert len(event.data["a"]) == MAX_DATA - 8


def test_events_before_an_error_are_kept():
    """A good event is not lost to the bad one after it."""
    framer = Framer()
    framer.feed(encode(Event("good")) + b"bad\n")
    assert framer.next_event() == Event("good")
    with pytest.raises(BadRequestError):
        framer.next_event()


@pytest.mark.parametrize("cut", [1, 20, 40, 60])
def test_an_end_within_an_event_is_told(cut: int):
    """Only between two events is it a clean end."""
    whole = frame({"type": "x", "data_length": 2, "payload_length": 10}, b"{}", bytes(10))
    framer = Framer()
    assert events(framer, whole[:cut]) == []
    assert framer.in_event
    with pytest.raises(BadRequestError, match="middle"):
        framer.end()
