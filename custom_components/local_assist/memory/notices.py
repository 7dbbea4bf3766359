"""What the people of a house are told when something is wrong with its memory."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN

DAMAGED: Final = "memory_damaged"
UNUSABLE: Final = "memory_unusable"
FULL: Final = "memory_full"


@callback
def tell_damaged(hass: HomeAssistant, put_aside: Path) -> None:
    """Say that the file was damaged and where it is now, until somebody has seen it."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        DAMAGED,
        # Nothing is mended: somebody has seen it.
        is_fixable=True,
        # A restart makes it no less true.
        is_persistent=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=DAMAGED,
        translation_placeholders={"file": str(put_aside)},
    )


@callback
def tell_unusable(hass: HomeAssistant, path: Path, reason: str) -> None:
    """Say why the file cannot be used, until it can."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        UNUSABLE,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=UNUSABLE,
        translation_placeholders={"file": str(path), "reason": reason},
    )


@callback
def tell_usable(hass: HomeAssistant) -> None:
    """Say no longer that the file cannot be used."""
    ir.async_delete_issue(hass, DOMAIN, UNUSABLE)


@callback
def tell_full(hass: HomeAssistant, gone: int) -> None:
    """Say how many facts had to go since the start, until somebody has seen it; not whose."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        FULL,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=FULL,
        translation_placeholders={"count": str(gone)},
    )
