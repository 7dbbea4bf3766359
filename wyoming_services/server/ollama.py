"""Finding an Ollama on this machine that others can reach, to hint at it when announcing."""

import json
import urllib.request
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

PORT = 11434
"""Ollama's own default."""

_TIMEOUT = 1.0
_MAX_ANSWER = 64 * 1024

# Never through a proxy: this asks whether the address itself answers.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def find_ollama(addresses: Iterable[IPv4Address | IPv6Address], port: int = PORT) -> str | None:
    """Return the URL of the first address at which an Ollama answers; blocks for a moment."""
    for address in addresses:
        host = f"[{address}]" if address.version == 6 else str(address)
        url = f"http://{host}:{port}"
        if _is_ollama(url):
            return url
    return None


def _is_ollama(url: str) -> bool:
    try:
        with _OPENER.open(f"{url}/api/version", timeout=_TIMEOUT) as answer:
            return "version" in json.loads(answer.read(_MAX_ANSWER))
    except (OSError, ValueError, TypeError):
        return False
