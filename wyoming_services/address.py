"""Where a server listens: `tcp://host:port` or `unix:///path`."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from wyoming_services.errors import ConfigError


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host, by name or address, and a port; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return the URI."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket in the file system."""

    path: Path

    def __str__(self) -> str:
        """Return the URI."""
        return f"unix://{self.path}"


Address = TcpAddress | UnixAddress


def parse_uri(uri: str) -> Address:
    """Read a URI.

    Raises:
        ConfigError: it is not one that a server can listen on.
    """
    wrong = ConfigError(f"uri must look like tcp://127.0.0.1:10300 or unix:///path, not '{uri}'")
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme == "stdio":
        raise ConfigError("uri stdio:// is not served here: use tcp:// or unix://")
    if parts.query or parts.fragment or parts.username:
        raise wrong
    if parts.scheme == "unix" and not parts.netloc and parts.path.strip("/"):
        return UnixAddress(Path(parts.path))
    if parts.scheme == "tcp" and host and port is not None and parts.path in {"", "/"}:
        return TcpAddress(host, port)
    raise wrong
