"""The actions of the integration: what automations, scripts and people do with the memory."""

import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import UnknownUser
from homeassistant.helpers import config_validation as cv

from .const import DOMAIN
from .memory.embedder import async_vector
from .memory.errors import MemoryForeignError, MemoryIdError, MemoryImportError, MemoryPersonError
from .memory.exchange import FIELD as CONTENT
from .memory.exchange import as_json
from .memory.facts import HOUSEHOLD, MAX_TEXT, Fact, Person
from .memory.memory import ALL, DATA_MEMORY, Whose

SOURCE: Final = "action"
TEXT: Final = "text"
QUERY: Final = "query"
PERSON: Final = "person"
EXPIRES: Final = "expires"
FACT_IDS: Final = "fact_ids"
LIMIT: Final = "limit"
DEFAULT_LIMIT: Final = 5
MAX_LIMIT: Final = 100

type _Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the actions; they are there whether or not a house is set up."""
    only, optional = SupportsResponse.ONLY, SupportsResponse.OPTIONAL
    person = {vol.Optional(PERSON): cv.string}
    actions: tuple[tuple[str, _Handler, dict[Any, Any], SupportsResponse], ...] = (
        (
            "remember",
            _remember,
            {vol.Required(TEXT): cv.string, vol.Optional(EXPIRES): cv.datetime} | person,
            optional,
        ),
        (
            "recall",
            _recall,
            {
                vol.Required(QUERY): vol.All(cv.string, vol.Length(max=MAX_TEXT)),
                vol.Optional(LIMIT, default=DEFAULT_LIMIT): vol.All(
                    vol.Coerce(int), vol.Range(min=1, max=MAX_LIMIT)
                ),
            }
            | person,
            only,
        ),
        (
            "forget",
            _forget,
            {vol.Required(FACT_IDS): vol.All(cv.ensure_list, [cv.string], vol.Length(min=1))},
            optional,
        ),
        ("list_memory", _list, person, only),
        ("export_memory", _export, person, only),
        ("import_memory", _import, {vol.Required(CONTENT): vol.Any(dict, str)}, optional),
    )
    for name, handler, schema, response in actions:
        hass.services.async_register(
            DOMAIN, name, handler, vol.Schema(schema), supports_response=response
        )


async def _remember(call: ServiceCall) -> ServiceResponse:
    """Keep a fact of a person, or of the household."""
    fact = await call.hass.data[DATA_MEMORY].async_remember(
        call.data[TEXT],
        person=await _person(call),
        source=SOURCE,
        expires=call.data.get(EXPIRES),
    )
    return {"fact": as_json(fact)}


async def _recall(call: ServiceCall) -> ServiceResponse:
    """Find what a person may know; without a person, what everybody may."""
    vector, model = await async_vector(call.hass, call.data[QUERY])
    found = await call.hass.data[DATA_MEMORY].async_recall(
        call.data[QUERY],
        person=await _person(call),
        language=call.hass.config.language,
        limit=call.data[LIMIT],
        vector=vector,
        model=model,
    )
    return {"facts": [as_json(each.fact) | {"strong": each.strong} for each in found]}


async def _forget(call: ServiceCall) -> ServiceResponse:
    """Forget facts, all of them or none."""
    memory, whose = call.hass.data[DATA_MEMORY], await _reach(call)
    wanted = list(dict.fromkeys(call.data[FACT_IDS]))
    known = {fact.id for fact in await memory.async_list(whose)}
    if missing := [fact_id for fact_id in wanted if fact_id not in known]:
        raise MemoryIdError(field=FACT_IDS, value=", ".join(missing))
    return _told(await memory.async_forget(wanted, whose))


async def _list(call: ServiceCall) -> ServiceResponse:
    """List all the caller may see, or of that what a person may know."""
    return _told(await call.hass.data[DATA_MEMORY].async_list(await _narrowed(call)))


async def _export(call: ServiceCall) -> ServiceResponse:
    """Return the same as an import takes it."""
    return await call.hass.data[DATA_MEMORY].async_export(await _narrowed(call))


async def _import(call: ServiceCall) -> ServiceResponse:
    """Take in what an export returned, also as the text of a file; all of it or nothing."""
    content = call.data[CONTENT]
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError) as err:
            raise MemoryImportError(field=CONTENT, problems=f"it is no JSON: {err}") from err
    whose = await _reach(call)
    people = None if whose is ALL else {whose, HOUSEHOLD}
    return {**await call.hass.data[DATA_MEMORY].async_import(content, people)}


def _told(facts: Sequence[Fact]) -> ServiceResponse:
    return {"facts": [as_json(fact) for fact in facts]}


async def _narrowed(call: ServiceCall) -> Whose:
    return await _person(call) if PERSON in call.data else await _reach(call)


async def _reach(call: ServiceCall) -> Whose:
    """Return whose facts the caller may reach: everybody's, for the house itself and its admins.

    Raises:
        UnknownUser: the call comes from a user that is gone.
    """
    user_id = call.context.user_id
    if user_id is None:
        return ALL
    user = await call.hass.auth.async_get_user(user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    return ALL if user.is_admin else user.id


async def _person(call: ServiceCall) -> Person:
    """Return the user that a call names, by their id or their entity; without, the household.

    Raises:
        MemoryPersonError: there is no such person, or no user belongs to them.
        MemoryForeignError: it is somebody else, and the caller is no administrator.
    """
    named = call.data.get(PERSON)
    if named is None:
        return HOUSEHOLD
    user = await _user(call.hass, named)
    if user is None:
        raise MemoryPersonError(field=PERSON, value=named)
    whose = await _reach(call)
    if whose not in (ALL, user.id):
        raise MemoryForeignError(field=PERSON)
    return user.id


async def _user(hass: HomeAssistant, named: str) -> User | None:
    """Return the user of a person's entity, or the user with an id."""
    if state := hass.states.get(named) if named.startswith("person.") else None:
        named = state.attributes.get("user_id") or ""
    return await hass.auth.async_get_user(named)
