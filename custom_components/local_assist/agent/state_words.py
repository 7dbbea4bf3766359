"""What a thing's state is in words: as Home Assistant displays it, with what else matters of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, async_rounded_state
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, EntityStateAttribute
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import LOCALE_EN, async_get_cached_translations
from homeassistant.util import dt as dt_util

from .outside_text import one_line, quoted

type Shown = str | None
type Show = Callable[[HomeAssistant, State, Any], Shown]

# Their state is when they were last used: what to say of that, and if they never were.
_USED: Final = {
    "button": ("last pressed", "never pressed"),
    "event": ("last happened", "never happened"),
    "input_button": ("last pressed", "never pressed"),
    "scene": ("last activated", "never activated"),
}
# Where Home Assistant's own word for a state would mislead: a script is "off" until it is run.
_OTHER_WORDS: Final = {
    ("calendar", "on"): "event now",
    ("calendar", "off"): "no event now",
    ("script", "on"): "running",
    ("script", "off"): "not running",
}


def value(hass: HomeAssistant, state: State) -> str:
    """Return the state itself: "on", "21.5 °C", "open", "2026-11-21 19:30"."""
    raw = state.state
    if state.domain in _USED and raw != STATE_UNAVAILABLE:
        used, never = _USED[state.domain]
        return (
            never
            if raw == STATE_UNKNOWN
            else f"{used} {_moment(hass, state, raw) or one_line(raw, 30)}"
        )
    if raw in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return raw
    if show := _VALUES.get(state.domain):
        return show(hass, state)
    return _OTHER_WORDS.get((state.domain, raw)) or _word(hass, state)


def details(hass: HomeAssistant, state: State) -> list[str]:
    """Return what else matters of a thing of its domain: "brightness 40 %", "volume 30 %"."""
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return []
    shown = (_shown(hass, state, detail) for detail in _DETAILS.get(state.domain, ()))
    return [text for text in shown if text]


def _shown(hass: HomeAssistant, state: State, detail: _Detail) -> Shown:
    raw = state.attributes.get(detail.attribute)
    if raw is None or raw == "":
        return None
    try:
        text = detail.show(hass, state, raw)
    except OverflowError, TypeError, ValueError:
        # An integration can put anything into an attribute; the rest of the state is still true.
        return None
    return f"{detail.label} {text}".lstrip() if text else None


def _word(hass: HomeAssistant, state: State) -> str:
    """Return Home Assistant's word: the integration's, the device class's or the domain's.

    Without one, the state as it is. English, because the words around it are; that is always
    loaded (helpers/translation.py).
    """
    domain, raw = state.domain, state.state
    entry = er.async_get(hass).async_get(state.entity_id)
    word = None
    if entry and entry.translation_key:
        words = async_get_cached_translations(hass, LOCALE_EN, "entity", entry.platform)
        key = f"component.{entry.platform}.entity.{domain}.{entry.translation_key}.state.{raw}"
        word = words.get(key)
    if word is None:
        kind = state.attributes.get(EntityStateAttribute.DEVICE_CLASS)
        words = async_get_cached_translations(hass, LOCALE_EN, "entity_component", domain)
        prefix = f"component.{domain}.entity_component"
        word = words.get(f"{prefix}.{kind}.state.{raw}") or words.get(f"{prefix}._.state.{raw}")
    if word is None:
        # A code is told as it is; what has spaces may be anybody's words.
        return quoted(raw) if " " in raw else one_line(raw)
    return word if word.isupper() else word.lower()


def _reading(hass: HomeAssistant, state: State) -> str:
    """Return a measured or set value with its unit."""
    unit = state.attributes.get(EntityStateAttribute.UNIT_OF_MEASUREMENT)
    text = _number(hass, state, state.state)
    return f"{text} {one_line(unit, 20)}" if unit else text


def _sensor(hass: HomeAssistant, state: State) -> str:
    """Return what a sensor reads, rounded as it is displayed."""
    raw = state.state
    kind = state.attributes.get(EntityStateAttribute.DEVICE_CLASS)
    if kind == SensorDeviceClass.TIMESTAMP:
        return _local_moment(hass, state)
    try:
        float(raw)
    except ValueError:
        return _word(hass, state)
    rounded = async_rounded_state(hass, state.entity_id, state)
    if rounded == raw:
        return _reading(hass, state)
    unit = state.attributes.get(EntityStateAttribute.UNIT_OF_MEASUREMENT)
    return f"{rounded} {one_line(unit, 20)}" if unit else rounded


def _written(_hass: HomeAssistant, state: State) -> str:
    """Return what people or integrations wrote, which is no word of Home Assistant's."""
    return quoted(state.state)


def _local_moment(hass: HomeAssistant, state: State) -> str:
    return _moment(hass, state, state.state) or one_line(state.state)


def _open_items(_hass: HomeAssistant, state: State) -> str:
    return f"{one_line(state.state)} to do"


_VALUES: Final[Mapping[str, Callable[[HomeAssistant, State], str]]] = {
    "counter": _reading,
    "datetime": _local_moment,
    "input_number": _reading,
    "input_text": _written,
    "number": _reading,
    "sensor": _sensor,
    "text": _written,
    "todo": _open_items,
}


def _number(_hass: HomeAssistant, _state: State, raw: Any) -> str:
    """Return a number with at most two decimals, or three digits below 1; anything else as is."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    try:
        number = float(raw)
    except TypeError, ValueError:
        return one_line(raw)
    if not isfinite(number) or abs(number) >= 1e15 or number == 0:
        return "0" if number == 0 else one_line(raw, 30)
    if abs(number) < 1:
        return f"{number:.3g}"
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _with_unit(unit: str) -> Show:
    def show(hass: HomeAssistant, state: State, raw: Any) -> Shown:
        return f"{_number(hass, state, raw)} {unit}"

    return show


def _with_unit_in(attribute: str) -> Show:
    """Return how a value is shown whose unit is another attribute, as weather's are."""

    def show(hass: HomeAssistant, state: State, raw: Any) -> Shown:
        unit = one_line(state.attributes.get(attribute) or "", 20)
        return f"{_number(hass, state, raw)} {unit}".rstrip()

    return show


def _temperature(hass: HomeAssistant, state: State, raw: Any) -> Shown:
    return f"{_number(hass, state, raw)} {hass.config.units.temperature_unit}"


def _of_255(_hass: HomeAssistant, _state: State, raw: Any) -> Shown:
    """Return a brightness, in steps of 255, in percent; what glows at all has at least 1."""
    return f"{max(round(raw / 255 * 100), 1 if raw > 0 else 0)} %"


def _of_one(_hass: HomeAssistant, _state: State, raw: Any) -> Shown:
    return f"{round(raw * 100)} %"


def _color(_hass: HomeAssistant, state: State, raw: Any) -> Shown:
    """Return the color of a light that shows one; in other modes it only approximates white."""
    if state.attributes.get("color_mode") not in ("hs", "xy", "rgb", "rgbw", "rgbww"):
        return None
    red, green, blue = raw
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"


def _text(_hass: HomeAssistant, _state: State, raw: Any) -> Shown:
    return one_line(raw, 40)


def _quoted(_hass: HomeAssistant, _state: State, raw: Any) -> Shown:
    return quoted(raw, 80)


def _if_so(word: str) -> Show:
    def show(_hass: HomeAssistant, _state: State, raw: Any) -> Shown:
        return word if raw is True else None

    return show


def _moment(_hass: HomeAssistant, _state: State, raw: Any) -> Shown:
    """Return a point in time in the house's time zone."""
    moment = dt_util.parse_datetime(raw) if isinstance(raw, str) else raw
    if not isinstance(moment, datetime):
        return None
    try:
        return f"{dt_util.as_local(moment):%Y-%m-%d %H:%M}"
    except OverflowError, ValueError:  # near the ends of the calendar
        return None


def _left(_hass: HomeAssistant, state: State, raw: Any) -> Shown:
    """Return how long a timer still runs."""
    if state.state == "paused":
        return one_line(raw, 20)
    ends = dt_util.parse_datetime(str(state.attributes.get("finishes_at")))
    if state.state != "active" or ends is None:
        return None
    left = max(dt_util.as_utc(ends) - dt_util.utcnow(), timedelta())
    return str(timedelta(seconds=round(left.total_seconds())))


@dataclass(frozen=True, slots=True)
class _Detail:
    """An attribute that matters: what goes before it, and how it is shown."""

    attribute: str
    label: str
    show: Show


_PERCENT: Final = _with_unit("%")
_DETAILS: Final[Mapping[str, tuple[_Detail, ...]]] = {
    "automation": (_Detail("last_triggered", "last triggered", _moment),),
    "calendar": (
        _Detail("message", "event", _quoted),
        _Detail("start_time", "from", _moment),
        _Detail("end_time", "to", _moment),
    ),
    "climate": (
        _Detail("hvac_action", "now", _text),
        _Detail("current_temperature", "temperature", _temperature),
        _Detail("temperature", "target", _temperature),
        _Detail("target_temp_low", "target from", _temperature),
        _Detail("target_temp_high", "to", _temperature),
        _Detail("current_humidity", "humidity", _PERCENT),
        _Detail("humidity", "target humidity", _PERCENT),
        _Detail("fan_mode", "fan", _text),
        _Detail("preset_mode", "preset", _text),
    ),
    "cover": (
        _Detail("current_position", "position", _PERCENT),
        _Detail("current_tilt_position", "tilt", _PERCENT),
    ),
    "event": (_Detail("event_type", "event", _text),),
    "fan": (
        _Detail("percentage", "speed", _PERCENT),
        _Detail("preset_mode", "preset", _text),
        _Detail("oscillating", "", _if_so("oscillating")),
    ),
    "humidifier": (
        _Detail("current_humidity", "humidity", _PERCENT),
        _Detail("humidity", "target", _PERCENT),
        _Detail("mode", "mode", _text),
    ),
    "lawn_mower": (_Detail("battery_level", "battery", _PERCENT),),
    "light": (
        _Detail("brightness", "brightness", _of_255),
        _Detail("color_temp_kelvin", "white", _with_unit("K")),
        _Detail("rgb_color", "color", _color),
        _Detail("effect", "effect", _text),
    ),
    "media_player": (
        _Detail("media_title", "", _quoted),
        _Detail("media_artist", "by", _quoted),
        _Detail("app_name", "in", _text),
        _Detail("source", "source", _text),
        _Detail("volume_level", "volume", _of_one),
        _Detail("is_volume_muted", "", _if_so("muted")),
    ),
    "script": (_Detail("last_triggered", "last run", _moment),),
    "sun": (
        _Detail("next_rising", "next sunrise", _moment),
        _Detail("next_setting", "next sunset", _moment),
    ),
    "timer": (_Detail("duration", "of", _text), _Detail("remaining", "left", _left)),
    "update": (
        _Detail("installed_version", "installed", _text),
        _Detail("latest_version", "latest", _text),
    ),
    "vacuum": (
        _Detail("battery_level", "battery", _PERCENT),
        _Detail("fan_speed", "suction", _text),
    ),
    "valve": (_Detail("current_position", "position", _PERCENT),),
    "water_heater": (
        _Detail("current_temperature", "temperature", _temperature),
        _Detail("temperature", "target", _temperature),
    ),
    "weather": (
        _Detail("temperature", "", _with_unit_in("temperature_unit")),
        _Detail("humidity", "humidity", _PERCENT),
        _Detail("wind_speed", "wind", _with_unit_in("wind_speed_unit")),
    ),
}
