"""The page's commands for the memory. Administrators alone may send them: they see everybody's."""

from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, Final

import voluptuous as vol
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    require_admin,
    websocket_command,
)
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..memory.errors import MemoryIdError, MemoryPersonError
from ..memory.exchange import as_json
from ..memory.facts import MAX_TEXT, Fact, Person
from ..memory.memory import ALL, DATA_MEMORY, Memory, Whose

SOURCE: Final = "page"
MAX_LISTED: Final = 500
"""Facts that one answer holds; a search finds the others."""

type _Message = dict[str, Any]
type _Answering = Callable[[HomeAssistant, Memory, _Message], Coroutine[Any, Any, _Message]]
type _Handler = Callable[[HomeAssistant, ActiveConnection, _Message], None]


@callback
def async_register(hass: HomeAssistant) -> None:
    """Answer the commands from now on."""
    for handler in (_add, _delete, _export, _import, _list, _subscribe, _update):
        async_register_command(hass, handler)


def _command(name: str, schema: dict[Any, Any] | None = None) -> Callable[[_Answering], _Handler]:
    """Make a command of a coroutine that returns its result; what it raises is the answer too."""

    def decorate(answer: _Answering) -> _Handler:
        @websocket_command({vol.Required("type"): f"{DOMAIN}/memory/{name}"} | (schema or {}))
        @require_admin
        @async_response
        @wraps(answer)
        async def handle(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
            connection.send_result(msg["id"], await answer(hass, hass.data[DATA_MEMORY], msg))

        return handle

    return decorate


_PERSON: Final = vol.Any(None, str)
_EXPIRES: Final = vol.Any(None, cv.datetime)


@_command("list", {vol.Optional("person"): _PERSON, vol.Optional("query"): str})
async def _list(hass: HomeAssistant, memory: Memory, msg: _Message) -> _Message:
    """Return facts, the newest first, with all whose facts they can be."""
    everything = await memory.async_list(ALL)
    people = await _people(hass, everything)
    names = {person["id"]: person["name"] for person in people}
    whose: Whose = msg.get("person", ALL)
    words = msg.get("query", "").casefold().split()
    found = [
        fact
        for fact in everything
        if (whose is ALL or fact.person == whose)
        and all(word in fact.text.casefold() for word in words)
    ]
    return {
        "facts": [
            as_json(fact) | {"person_name": names.get(fact.person)} for fact in found[:MAX_LISTED]
        ],
        "total": len(found),
        "people": people,
        "limits": {"text": MAX_TEXT, "facts": memory.max_facts, "listed": MAX_LISTED},
    }


async def _people(hass: HomeAssistant, facts: Sequence[Fact]) -> list[dict[str, str | None]]:
    """Return the users, and whoever has facts but is no user any more: those have no name."""
    users = [user for user in await hass.auth.async_get_users() if not user.system_generated]
    people = {user.id: user.name or user.id for user in users}
    gone = {fact.person for fact in facts if fact.person is not None} - people.keys()
    return [{"id": person, "name": people.get(person)} for person in (*people, *sorted(gone))]


async def _known(hass: HomeAssistant, memory: Memory, person: Person) -> Person:
    """Return a person whose fact it can be."""
    if person is not None:
        people = await _people(hass, await memory.async_list(ALL))
        if person not in {known["id"] for known in people}:
            raise MemoryPersonError(field="person", value=person)
    return person


@_command(
    "add",
    {vol.Required("text"): str, vol.Optional("person"): _PERSON, vol.Optional("expires"): _EXPIRES},
)
async def _add(hass: HomeAssistant, memory: Memory, msg: _Message) -> _Message:
    """Keep a fact; return it, or the one that says the same already."""
    person = await _known(hass, memory, msg.get("person"))
    fact = await memory.async_remember(
        msg["text"], person=person, source=SOURCE, expires=msg.get("expires")
    )
    return {"fact": as_json(fact)}


@_command(
    "update",
    {
        vol.Required("fact_id"): str,
        vol.Optional("text"): str,
        vol.Optional("person"): _PERSON,
        vol.Optional("expires"): _EXPIRES,
    },
)
async def _update(hass: HomeAssistant, memory: Memory, msg: _Message) -> _Message:
    """Change what is given of a fact; return it."""
    changed = {field: msg[field] for field in ("text", "person", "expires") if field in msg}
    if "person" in changed:
        await _known(hass, memory, changed["person"])
    fact = await memory.async_change(msg["fact_id"], **changed)
    if fact is None:
        raise MemoryIdError(field="fact_id", value=msg["fact_id"])
    return {"fact": as_json(fact)}


@_command("delete", {vol.Required("fact_ids"): [str]})
async def _delete(_hass: HomeAssistant, memory: Memory, msg: _Message) -> _Message:
    """Forget facts; those that are gone already are no problem."""
    return {"deleted": len(await memory.async_forget(msg["fact_ids"]))}


@_command("export")
async def _export(_hass: HomeAssistant, memory: Memory, _msg: _Message) -> _Message:
    """Return all facts as a file that can be imported again."""
    day = dt_util.now().date().isoformat()
    return {
        "file_name": f"local-assist-memory-{day}.json",
        "content": await memory.async_export(),
    }


@_command("import", {vol.Required("content"): dict})
async def _import(hass: HomeAssistant, memory: Memory, msg: _Message) -> _Message:
    """Take an exported file in; return how many facts were added, changed and unchanged."""
    people = await _people(hass, await memory.async_list(ALL))
    counts: _Message = await memory.async_import(
        msg["content"], {None, *(person["id"] for person in people)}
    )
    return counts


@websocket_command({vol.Required("type"): f"{DOMAIN}/memory/subscribe"})
@require_admin
@callback
def _subscribe(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Send an empty event after each change."""

    @callback
    def _changed() -> None:
        connection.send_message(event_message(msg["id"], {}))

    connection.subscriptions[msg["id"]] = hass.data[DATA_MEMORY].async_listen(_changed)
    connection.send_result(msg["id"])
