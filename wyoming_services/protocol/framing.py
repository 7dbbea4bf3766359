"""Bytes to Wyoming events and back, within limits.

The wire format (wyoming 1.10, `wyoming/event.py`): the header, one line of JSON; then `data_length`
bytes of JSON, merged over the header's own `data`; then `payload_length` bytes of payload. The
package's own reader waits for as many bytes as a header asks for, and fails with whatever exception
Python happens to raise; this one refuses a header before it buffers anything for it, and knows two
errors.
"""

import json
from typing import Any, NamedTuple

from wyoming.event import Event
from wyoming.version import __version__ as wyoming_version

from wyoming_services.errors import BadRequestError, TooLargeError

MAX_HEADER = 64 * 1024
"""Bytes of a header line, its newline not counted."""

MAX_DATA = 1024 * 1024
"""Bytes of the data block."""

MAX_PAYLOAD = 1024 * 1024
"""Bytes of the payload."""


class _Header(NamedTuple):
    """A header line that was accepted."""

    type: str
    data: dict[str, Any]
    data_length: int
    payload_length: int


class Framer:
    """Takes bytes as they come and gives events as they become whole.

    It holds at most one event and the bytes of the last `feed`. After an error it must not be used
    again: where the next event begins is not known any more.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._header: _Header | None = None

    @property
    def in_event(self) -> bool:
        """Tell whether an event has begun and is not whole yet, once `next_event` gave None."""
        return self._header is not None or bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream, of any length."""
        self._buffer += data

    def next_event(self) -> Event | None:
        """Return the next whole event, or None when more bytes are needed.

        Raises:
            BadRequestError: the bytes are not an event.
            TooLargeError: the event is over a limit.
        """
        if self._header is None:
            line = self._take_line()
            if line is None:
                return None
            self._header = _parse_header(line)
        header = self._header
        if len(self._buffer) < header.data_length + header.payload_length:
            return None
        self._header = None
        data = header.data
        if header.data_length:
            data = {**data, **_parse_object(self._take(header.data_length), "The data block")}
        payload = self._take(header.payload_length) if header.payload_length else None
        return Event(type=header.type, data=data, payload=payload)

    def end(self) -> None:
        """Take the end of the stream.

        Raises:
            BadRequestError: it came in the middle of an event.
        """
        if self.in_event:
            raise BadRequestError("The connection ended in the middle of an event.")

    def _take_line(self) -> bytes | None:
        """Remove a line from the buffer, searching no byte twice."""
        end = self._buffer.find(b"\n", self._searched)
        self._searched = len(self._buffer) if end < 0 else end
        if self._searched > MAX_HEADER:
            raise TooLargeError(f"The header is over {MAX_HEADER} bytes.")
        if end < 0:
            return None
        self._searched = 0
        line = self._take(end + 1)
        return line[:-1]

    def _take(self, length: int) -> bytes:
        """Remove bytes from the front of the buffer."""
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken


def encode(event: Event) -> bytes:
    """Return an event as it goes over the wire."""
    header: dict[str, Any] = {"type": event.type, "version": wyoming_version}
    data = json.dumps(event.data, ensure_ascii=False).encode() if event.data else b""
    payload = event.payload or b""
    if data:
        header["data_length"] = len(data)
    if payload:
        header["payload_length"] = len(payload)
    return b"".join((json.dumps(header, ensure_ascii=False).encode(), b"\n", data, payload))


def _parse_header(line: bytes) -> _Header:
    """Read a header line, refusing what is over a limit."""
    header = _parse_object(line, "The header")
    event_type = header.get("type")
    if not isinstance(event_type, str):
        raise BadRequestError("The header's 'type' must be a text.")
    data = header.get("data")
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise BadRequestError("The header's 'data' must be an object.")
    return _Header(
        type=event_type,
        data=data,
        data_length=_length(header, "data_length", MAX_DATA),
        payload_length=_length(header, "payload_length", MAX_PAYLOAD),
    )


def _length(header: dict[str, Any], key: str, limit: int) -> int:
    """Read a length; absent or null means 0."""
    value = header.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadRequestError(f"The header's '{key}' must be a whole number of at least 0.")
    if value > limit:
        raise TooLargeError(f"The header's '{key}' is over {limit} bytes.")
    return value


def _parse_object(raw: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object.

    ValueError covers wrong UTF-8, wrong JSON and numbers with more digits than Python converts;
    RecursionError is Python's own guard against deep nesting.
    """
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"{what} is not JSON that can be read.") from error
    if not isinstance(value, dict):
        raise BadRequestError(f"{what} must be a JSON object.")
    return value
