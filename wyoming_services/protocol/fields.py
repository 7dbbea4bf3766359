"""Reading the data of a stranger's event: the right type, or an error that names the field."""

from collections.abc import Mapping
from typing import Any

from wyoming_services.errors import BadRequestError

_SHOWN = 60


def shown(value: object) -> str:
    """Quote a client's value for an error message: one line, printable, short."""
    text = str(value)
    printable = "".join(character if character.isprintable() else " " for character in text)
    return f"'{printable[:_SHOWN]}…'" if len(printable) > _SHOWN else f"'{printable}'"


def text(data: Mapping[str, Any], key: str) -> str | None:
    """Return a string, or None when the field is absent or null.

    Raises:
        BadRequestError: it is something else, or holds half of a surrogate pair, which no engine
            can encode.
    """
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadRequestError(f"'{key}' must be a text.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadRequestError(f"'{key}' is not valid Unicode.") from error
    return value


def texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of strings; empty when the field is absent or null.

    Raises:
        BadRequestError: it is something else.
    """
    value = data.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadRequestError(f"'{key}' must be a list of texts.")
    return tuple(text({key: item}, key) or "" for item in value)


def whole(data: Mapping[str, Any], key: str) -> int:
    """Return a whole number.

    Raises:
        BadRequestError: it is absent or something else.
    """
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequestError(f"'{key}' must be a whole number.")
    return value


def number(data: Mapping[str, Any], key: str, low: float, high: float) -> float | None:
    """Return a number from `low` to `high`, or None when the field is absent or null.

    Raises:
        BadRequestError: it is something else, or out of bounds.
    """
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadRequestError(f"'{key}' must be a number from {low:g} to {high:g}.")
    return float(value)


def mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object; empty when the field is absent or null.

    Raises:
        BadRequestError: it is something else.
    """
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequestError(f"'{key}' must be an object.")
    return value
