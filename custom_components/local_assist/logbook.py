"""What the logbook says of the guard: who wanted what, and what became of it.

Like all messages of the logbook it is English, and begins with the name it is about.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.components.person.const import DOMAIN as PERSON_DOMAIN
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN, EVENT_GUARD


class _Verb(NamedTuple):
    """A verb in the forms that messages need."""

    do: str
    doing: str
    done: str


_VERBS: Final = {
    "unlock": _Verb("unlock", "unlocking", "unlocked"),
    "open": _Verb("open", "opening", "opened"),
    "disarm": _Verb("disarm", "disarming", "disarmed"),
    "valve": _Verb("open", "opening", "opened"),
    "siren": _Verb("sound", "sounding", "sounded"),
    "marked": _Verb("use", "using", "used"),
}
_SOMETHING: Final = _VERBS["marked"]

# By outcome, and where it matters by mode too.
_MESSAGES: Final = {
    "asked": "asked before {doing} {targets}",
    "asked pin": "asked for the PIN before {doing} {targets}",
    "confirmed": "had consent to {do} {targets}",
    "confirmed pin": "was given the PIN to {do} {targets}",
    "done": "{done} {targets} after consent",
    "done pin": "{done} {targets} after the PIN",
    "failed": "had consent, but failed to {do} {targets}",
    "refused": "was told not to go on, and did not {do} {targets}",
    "expired": "got no answer in time, and did not {do} {targets}",
    "subject_changed": "was asked for something else, and did not {do} {targets}",
    "other_person": "was answered by somebody else, and did not {do} {targets}",
    "other_device": "was answered from elsewhere, and did not {do} {targets}",
    "wrong_pin": "was given a wrong PIN, and did not {do} {targets}",
    "locked_out": "was given too many wrong PINs, and did not {do} {targets}",
    "no_pin": "has no PIN to ask for, and did not {do} {targets}",
    "never": "is never to {do} {targets}, and did not",
    "not_later": "was to act later on by itself, and will not {do} {targets}",
    "unattended": "had nobody to ask, and did not {do} {targets}",
}
_OTHERWISE: Final = "had to do with {doing} {targets}: {outcome}"


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Describe the events of the guard."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        data = event.data
        return {
            LOGBOOK_ENTRY_NAME: _name(hass, data.get("agent") or DOMAIN),
            LOGBOOK_ENTRY_MESSAGE: _message(hass, data) + _whose(hass, data),
            LOGBOOK_ENTRY_ENTITY_ID: data.get("agent"),
        }

    async_describe_event(DOMAIN, EVENT_GUARD, describe)


def _message(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Return what happened, such as "asked before unlocking Front door"."""
    outcome, mode = str(data.get("outcome")), str(data.get("mode"))
    message = _MESSAGES.get(f"{outcome} {mode}") or _MESSAGES.get(outcome) or _OTHERWISE
    verbs = [_VERBS.get(kind, _SOMETHING) for kind in data.get("kinds") or ()] or [_SOMETHING]
    targets = _listed(_name(hass, entity_id) for entity_id in data.get("entities") or ())
    return message.format(
        do=_listed(verb.do for verb in verbs),
        doing=_listed(verb.doing for verb in verbs),
        done=_listed(verb.done for verb in verbs),
        targets=targets or "something",
        outcome=outcome.replace("_", " "),
    )


def _whose(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Return who spoke where, as far as that is known: " (Anna, from Kitchen satellite)"."""
    user_id, device_id = data.get("user_id"), data.get(ATTR_DEVICE_ID)
    known = [
        person.name
        for person in hass.states.async_all(PERSON_DOMAIN)
        if user_id and person.attributes.get("user_id") == user_id
    ]
    device = dr.async_get(hass).async_get(device_id) if device_id else None
    if device and (name := device.name_by_user or device.name):
        known.append(f"from {name}")
    return f" ({', '.join(known)})" if known else ""


def _name(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    return state.name if state else entity_id


def _listed(words: Iterable[str]) -> str:
    """Return words as a list in English, each of them once."""
    *others, last = [*dict.fromkeys(words)] or [""]
    return f"{', '.join(others)} and {last}" if others else last
