"""URIs a server listens on."""

from pathlib import Path

import pytest

from wyoming_services.address import TcpAddress, UnixAddress, parse_uri
from wyoming_services.errors import ConfigError


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("tcp://127.0.0.1:10300", TcpAddress("127.0.0.1", 10300)),
        ("tcp://[::1]:0", TcpAddress("::1", 0)),
        ("tcp://localhost:1", TcpAddress("localhost", 1)),
        ("unix:///run/stt.sock", UnixAddress(Path("/run/stt.sock"))),
    ],
)
def test_an_address_is_read_and_written(uri: str, address: TcpAddress | UnixAddress):
    """There and back."""
    assert parse_uri(uri) == address
    assert str(address) == uri


@pytest.mark.parametrize("uri", ["", "10300", "tcp://", "tcp://h:x", "tcp://h:1/x", "unix://h/p"])
def test_other_uris_are_refused(uri: str):
    """With an example of a good one."""
    with pytest.raises(ConfigError, match=r"tcp://127\.0\.0\.1:10300"):
        parse_uri(uri)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")),
        *((host, False) for host in ("0.0.0.0", "::", "192.0.2.1", "house.local")),
    ],
)
def test_who_can_reach_it(host: str, is_loopback: bool):
    """Only loopback is out of reach."""
    assert TcpAddress(host, 1).is_loopback is is_loopback
