"""Values made to fit a JSON schema, as far as there is one way to."""

from collections.abc import Callable, Mapping
from typing import Any

from ..loose_json import LooseJsonError, loads
from .numbers import number, spread
from .tables import TABLES

type Schema = Mapping[str, Any]

_TRUE = frozenset(TABLES["booleans"]["true"])
_FALSE = frozenset(TABLES["booleans"]["false"])
_BLANKS = frozenset(TABLES["blanks"]["words"])


class UnfitError(ValueError):
    """A value cannot be made to fit; the message says what would."""


def is_blank(value: Any) -> bool:
    """Return whether a value is as good as none; Home Assistant's intents leave it out as well."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def says_nothing(value: Any) -> bool:
    """Return whether a value is a word for none, such as "null" or "unknown"."""
    return isinstance(value, str) and value.strip().casefold() in _BLANKS


def says_yes(value: Any) -> bool:
    """Return whether a value means true or on."""
    return str(value).strip().casefold() in _TRUE


def says_no(value: Any) -> bool:
    """Return whether a value means false or off."""
    return str(value).strip().casefold() in _FALSE


def fit(key: str, value: Any, schema: Schema) -> Any:
    """Return a value as a schema wants it, the same object if it is right already.

    Raises:
        UnfitError: there is no one way to make it fit.
    """
    if fits(value, schema):
        return value
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return _fit_any(key, value, options)
    if "enum" in schema:
        return _fit_enum(value, schema["enum"])
    fitter = _FITTERS.get(schema.get("type", ""))
    return fitter(key, value, schema) if fitter else value


def fits(value: Any, schema: Schema) -> bool:
    """Return whether a value is right as it is."""
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return any(fits(value, option) for option in options)
    if "enum" in schema:
        return value in schema["enum"]
    check = _CHECKS.get(schema.get("type", ""))
    return check(value, schema) if check else True


def _is_number(value: Any) -> bool:
    # Neither infinite nor beyond what a float counts in ones.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _within(value: float, schema: Schema) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    return (low is None or value >= low) and (high is None or value <= high)


def _fit_any(key: str, value: Any, options: list[Schema]) -> Any:
    reasons = []
    for option in options:
        try:
            return fit(key, value, option)
        except UnfitError as err:
            reasons.append(str(err))
    raise UnfitError(", or ".join(dict.fromkeys(reasons)))


def _fit_enum(value: Any, allowed: list[Any]) -> Any:
    """Return the one of the values allowed that differs only in case, signs or a plural's s."""
    value = _single(value)
    if isinstance(value, str):
        written = _plain(value)
        for candidate in (written, written.removesuffix("s")):
            found = [item for item in allowed if _plain(str(item)) == candidate]
            if len(found) == 1:
                return found[0]
    raise UnfitError(f"one of {', '.join(map(str, allowed))}")


def _plain(text: str) -> str:
    return spread(text).replace("_", " ")


def _single(value: Any) -> Any:
    """Return the only item of a list; anything else as it is."""
    if isinstance(value, list | tuple):
        if len(value) != 1:
            raise UnfitError("one value, not several: call the tool once for each")
        return value[0]
    return value


def _as_array(key: str, value: Any, schema: Schema) -> list[Any]:
    return [fit(key, item, schema.get("items", {})) for item in _items(value)]


def _items(value: Any) -> list[Any]:
    if isinstance(value, list | tuple | set):
        return list(value)
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            return list(loads(value))
        except LooseJsonError as err:
            raise UnfitError("a list") from err
    if isinstance(value, str) and "," in value:
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value]


def _as_object(_key: str, value: Any, _schema: Schema) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = loads(value)
        except LooseJsonError as err:
            raise UnfitError("an object") from err
    if not isinstance(value, dict):
        raise UnfitError("an object")
    return value


def _as_boolean(_key: str, value: Any, _schema: Schema) -> bool:
    value = _single(value)
    if says_yes(value) or says_no(value):
        return says_yes(value)
    raise UnfitError("true or false")


def _as_number(key: str, value: Any, schema: Schema) -> float:
    value = _single(value)
    low, high = schema.get("minimum"), schema.get("maximum")
    found = value if _is_number(value) else None
    if isinstance(value, str):
        found = number(value, key, high if low == 0 else None)
    limits = f" from {low:g} to {high:g}" if low is not None and high is not None else ""
    if found is None:
        raise UnfitError(f"a number{limits}")
    if schema["type"] == "integer" and abs(found) >= 1:
        found = round(found)
    if not _within(found, schema) or (schema["type"] == "integer" and found != int(found)):
        raise UnfitError(f"a{' whole' * (schema['type'] == 'integer')} number{limits}")
    return int(found) if float(found).is_integer() else found


def _as_string(_key: str, value: Any, _schema: Schema) -> str:
    value = _single(value)
    if isinstance(value, dict | list):
        raise UnfitError("a text")
    return str(value)


def _all_fit(value: Any, schema: Schema) -> bool:
    items = schema.get("items", {})
    return isinstance(value, list) and all(fits(item, items) for item in value)


_FITTERS: dict[str, Callable[[str, Any, Schema], Any]] = {
    "array": _as_array,
    "object": _as_object,
    "boolean": _as_boolean,
    "integer": _as_number,
    "number": _as_number,
    "string": _as_string,
}
_CHECKS: dict[str, Callable[[Any, Schema], bool]] = {
    "array": _all_fit,
    "object": lambda value, _: isinstance(value, dict),
    "boolean": lambda value, _: isinstance(value, bool),
    "integer": lambda value, schema: (
        _is_number(value) and float(value).is_integer() and _within(value, schema)
    ),
    "number": lambda value, schema: _is_number(value) and _within(value, schema),
    "string": lambda value, _: isinstance(value, str),
}
