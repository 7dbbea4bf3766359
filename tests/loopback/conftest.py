"""Fixtures of the tests on real sockets."""

import pytest
from pytest_socket import socket_allow_hosts


@pytest.fixture
def this_machine(request: pytest.FixtureRequest) -> None:
    """Allow every connection that does not leave the machine: IPv4, IPv6 and Unix sockets."""
    request.getfixturevalue("socket_enabled")
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
