"""What an address of a server says of where the server is."""

from ipaddress import ip_address
from typing import Final

from yarl import URL

# Names that are never those of a server on the internet: RFC 6762, 8375, 9476 (.internal is
# reserved by ICANN), and what common routers call a home network.
HOME_SUFFIXES: Final = (
    ".local",
    ".home.arpa",
    ".internal",
    ".localhost",
    ".localdomain",
    ".lan",
    ".home",
    ".fritz.box",
)


def in_house(url: str) -> bool:
    """Return whether an address is, by itself, one of a home network or of this machine.

    A name that is not, such as nas.example.com, may still lead to a machine in the house.
    """
    host = (URL(url).host or "").rstrip(".").lower()
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(HOME_SUFFIXES)


def openai_base(url: str) -> str:
    """Return the base of the OpenAI-compatible API at an address that may lack its usual path."""
    return url if URL(url).path.strip("/") else f"{url.rstrip('/')}/v1"
