"""Listening on an address, and saying why that is not possible."""

import errno
import socket
from typing import Any

from wyoming_services.address import Address, TcpAddress


def where(address: TcpAddress) -> dict[str, Any]:
    """Return the arguments that make asyncio listen on an address; `::` takes IPv4 as well.

    Raises:
        OSError: it cannot be listened on.
    """
    if address.host == "::" and socket.has_dualstack_ipv6():
        both = ("::", address.port)
        sock = socket.create_server(both, family=socket.AF_INET6, dualstack_ipv6=True)
        return {"sock": sock}
    return {"host": address.host, "port": address.port}


def problem(address: Address, error: OSError) -> str:
    """Say why an address cannot be listened on, and what to do."""
    if isinstance(error, socket.gaierror):
        return f"the host of {address} is not known."
    reasons = {
        errno.EADDRINUSE: "it is in use; stop what uses it or choose another",
        errno.EADDRNOTAVAIL: "this machine has no such address",
        errno.EACCES: "this user may not; ports below 1024 need rights",
    }
    # asyncio has no number for it when none of a host's addresses can be had.
    reason = reasons.get(error.errno or errno.EADDRNOTAVAIL, error.strerror)
    what = f"port {address.port} of {address.host}" if isinstance(address, TcpAddress) else address
    return f"cannot listen on {what}: {reason}."
