"""The PIN of an agent: kept as a hash, compared in constant time, guessed slowly."""

import math
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import scrypt
from hmac import compare_digest
from typing import Final

SHORTEST: Final = 4
LONGEST: Final = 10

# RFC 7914: N, r and p for interactive logins; 16 MiB and some 50 ms on a small computer.
_COST: Final = 2**14
_BLOCK: Final = 8
_PARALLEL: Final = 1
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32

_TRIES: Final = 3
_FIRST_LOCK: Final = 60.0
_LONGEST_LOCK: Final = 24 * 3600.0


def is_pin(text: str) -> bool:
    """Return whether a text can be a PIN: 4 to 10 digits."""
    return SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isdecimal()


def hash_pin(pin: str) -> str:
    """Return what to keep of a PIN: method, parameters, salt and hash. Takes tens of milliseconds.

    Raises:
        ValueError: it is not 4 to 10 digits.
    """
    if not is_pin(pin):
        # Without the text: it would end up in a log.
        raise ValueError(f"A PIN has {SHORTEST} to {LONGEST} digits")
    salt = secrets.token_bytes(_SALT_BYTES)
    found = scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=_HASH_BYTES)
    kept = (b64encode(part).decode() for part in (salt, found))
    return "$".join(("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), *kept))


def verify(pin: str, hashed: str) -> bool:
    """Return whether a text is the PIN of a hash. Takes tens of milliseconds.

    A hash that is damaged belongs to no PIN.
    """
    try:
        method, cost, block, parallel, salt, kept = hashed.split("$")
        expected = b64decode(kept, validate=True)
        found = scrypt(
            pin.encode(),
            salt=b64decode(salt, validate=True),
            n=int(cost),
            r=int(block),
            p=int(parallel),
            dklen=len(expected),
        )
    except ValueError, OverflowError:
        return False
    return method == "scrypt" and compare_digest(found, expected)


class Attempts:
    """How often a PIN may be tried: three times, then not for a minute, then twice as long.

    A try counts as soon as it begins, so that many at once are not more than one after the other.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` returns seconds and never jumps."""
        self._clock = clock
        self._tried = 0
        self._lock = _FIRST_LOCK
        self._locked_until = self._clock()

    @property
    def wait(self) -> int:
        """Return the whole seconds until the next try, 0 if it may be now."""
        return max(0, math.ceil(self._locked_until - self._clock()))

    def begin(self) -> bool:
        """Count a try; return whether it may be made."""
        if self.wait:
            return False
        self._tried += 1
        if self._tried >= _TRIES:
            self._tried = 0
            self._locked_until = self._clock() + self._lock
            self._lock = min(self._lock * 2, _LONGEST_LOCK)
        return True

    def succeed(self) -> None:
        """Forget all tries: the PIN was right."""
        self._tried = 0
        self._lock = _FIRST_LOCK
        self._locked_until = self._clock()
