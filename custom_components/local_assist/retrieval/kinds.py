"""Which things of Home Assistant each kind a person speaks of stands for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .house import Thing

CONTROLLABLE: Final = ("light", "switch", "media_player", "fan", "cover", "climate")
"""Domains that "everything" means when it says no more."""
COUNTED: Final = frozenset(
    {
        "battery",
        "camera",
        "cover",
        "door",
        "fan",
        "heating",
        "light",
        "lock",
        "plug",
        "speaker",
        "tv",
        "window",
    }
)
"""Kinds of which there are many, so that "what lights" means each of them."""
IN_NO_ROOM: Final = frozenset(
    {"calendar", "list", "rain", "sun", "timer", "update", "weather", "wind"}
)
"""Kinds that nothing in a room can stand in for."""
MEANT_ALONE: Final = frozenset(
    {
        *CONTROLLABLE,
        "alarm_control_panel",
        "calendar",
        "camera",
        "climate",
        "humidifier",
        "input_boolean",
        "lawn_mower",
        "lock",
        "person",
        "scene",
        "script",
        "todo",
        "vacuum",
        "valve",
        "water_heater",
        "weather",
    }
)
"""Domains of things in their own right; others mostly come along with a device."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: its (domain, device class) pairs, "*" for any class, "-" for none.

    `wide` kinds are asked for about the whole house rather than the room one stands in.
    """

    name: str
    is_: tuple[tuple[str, str], ...]
    wide: bool

    def takes(self, domain: str, device_class: str | None) -> bool:
        """Whether things of this domain and device class are of this kind."""
        return any(domain == own and kind in ("*", device_class or "-") for own, kind in self.is_)

    def which(self, thing: Thing) -> tuple[str, str] | None:
        """Return the pair that takes this thing in, None if it is not of this kind."""
        for domain, device_class in self.is_:
            if thing.domain == domain and device_class in ("*", thing.device_class or "-"):
                return domain, device_class
        return None


def _read() -> Mapping[str, Kind]:
    text = (Path(__file__).parent / "words" / "kinds.toml").read_text(encoding="utf-8")
    kinds = {}
    for name, entry in tomllib.loads(text).items():
        pairs = (selector.partition(".") for selector in entry["is"])
        kinds[name] = Kind(
            name,
            tuple((domain, device_class or "*") for domain, _, device_class in pairs),
            entry.get("wide", False),
        )
    return kinds


KINDS: Final = _read()
