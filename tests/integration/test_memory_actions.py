"""The actions of the memory: who may reach what, and errors that name the field."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import yaml
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import ServiceValidationError, UnknownUser
from homeassistant.setup import async_setup_component

from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.memory.memory import DATA_MEMORY, Memory
from tests.integration.translated import ENGLISH, FOLDER

BINS = "The bins go out on Tuesday"
TEA = "Her favourite tea is Earl Grey"
KEY = "His key is under the third stone"
ACTIONS = ("remember", "recall", "forget", "list_memory", "export_memory", "import_memory")

type Act = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def memory(hass: HomeAssistant) -> Memory:
    """Set the integration up without any entry; return its memory."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, DOMAIN, {})
    return hass.data[DATA_MEMORY]


@pytest.fixture
async def anna(hass: HomeAssistant) -> str:
    """Return the id of a user who is no administrator."""
    await hass.auth.async_create_user("The first, who owns the house")
    return (await hass.auth.async_create_user("Anna", group_ids=["system-users"])).id


@pytest.fixture
async def ben(hass: HomeAssistant, anna: str) -> str:
    """Return the id of an administrator; both are people of the house."""
    ben = (await hass.auth.async_create_user("Ben", group_ids=["system-admin"])).id
    people = [
        {"id": "anna", "name": "Anna", "user_id": anna},
        {"id": "ben", "name": "Ben", "user_id": ben},
        {"id": "cat", "name": "Cat"},
    ]
    assert await async_setup_component(hass, "person", {"person": people})
    return ben


@pytest.fixture
def act(hass: HomeAssistant, memory: Memory) -> Act:  # noqa: ARG001 - it must be there
    """Return what calls an action and returns its response."""

    async def act(action: str, caller: str | None = None, **data: Any) -> dict[str, Any]:
        response = await hass.services.async_call(
            DOMAIN,
            action,
            data,
            blocking=True,
            context=Context(user_id=caller),
            return_response=True,
        )
        assert isinstance(response, dict)
        # What an action returns can be sent to a browser.
        returned: dict[str, Any] = json.loads(json.dumps(response))
        return returned

    return act


def texts(response: dict[str, Any]) -> list[str]:
    """Return the texts of facts."""
    return [fact["text"] for fact in response["facts"]]


async def test_a_fact_from_told_to_forgotten(act: Act):
    """Without a person it is the household's."""
    told = (await act("remember", text=f"  {BINS}\n"))["fact"]
    assert told["text"] == BINS
    assert told["person"] is None
    assert told["source"] == "action"
    assert told["expires"] is told["used"] is None
    await act("remember", text="The boiler is in the attic")
    found = (await act("recall", query="bins", limit=1))["facts"]
    assert found == [told | {"strong": found[0]["strong"]}]
    assert texts(await act("list_memory")) == ["The boiler is in the attic", BINS]
    assert texts(await act("forget", fact_ids=told["id"])) == [BINS]
    assert texts(await act("list_memory")) == ["The boiler is in the attic"]


async def test_a_response_need_not_be_wanted(hass: HomeAssistant, act: Act):
    """Automations remember and forget without looking at what is returned."""
    await hass.services.async_call(DOMAIN, "remember", {"text": BINS}, blocking=True)
    assert texts(await act("list_memory")) == [BINS]


async def test_a_person_is_named_by_entity_or_user(act: Act, anna: str, ben: str):
    """Their facts are recalled for them alone."""
    for person in (anna, "person.anna"):
        assert (await act("remember", text=TEA, person=person))["fact"]["person"] == anna
    assert texts(await act("recall", query="tea", person="person.anna")) == [TEA]
    assert texts(await act("recall", query="tea", person=ben)) == []
    assert texts(await act("recall", query="tea")) == []
    assert texts(await act("list_memory", person=ben)) == []


@pytest.mark.parametrize("person", ["person.cat", "person.nobody", "nobody", ""])
async def test_a_person_without_a_user(act: Act, ben: str, person: str):
    """The error names the field and what was in it."""
    assert ben
    with pytest.raises(ServiceValidationError, match="field person must be") as raised:
        await act("remember", text=TEA, person=person)
    assert raised.value.translation_placeholders == {"field": "person", "value": person}


@pytest.mark.parametrize(
    ("wrong", "field", "key"),
    [
        ({"text": " \n"}, "text", "memory_empty"),
        ({"text": "x" * 501}, "text", "memory_too_long"),
        ({"text": BINS, "expires": "2020-01-01T00:00:00"}, "expires", "memory_past"),
    ],
)
async def test_what_cannot_be_remembered(act: Act, wrong: dict[str, Any], field: str, key: str):
    """The error names the field; nothing is kept."""
    with pytest.raises(ServiceValidationError) as raised:
        await act("remember", **wrong)
    assert raised.value.translation_key == key
    assert raised.value.translation_placeholders["field"] == field
    assert f"field {field} " in str(raised.value)
    assert texts(await act("list_memory")) == []


async def test_who_is_no_administrator_reaches_their_own(
    act: Act, memory: Memory, anna: str, ben: str
):
    """And the household's, by every action; others' facts are as good as not there."""
    key = await memory.async_remember(KEY, person=ben, source="page")
    for text, person in ((BINS, None), (TEA, anna)):
        await memory.async_remember(text, person=person, source="page")

    for named in ({"person": ben}, {"person": "person.ben"}):
        for action, more in (
            ("remember", {"text": BINS}),
            ("recall", {"query": "key"}),
            ("list_memory", {}),
            ("export_memory", {}),
        ):
            with pytest.raises(ServiceValidationError, match="Only an administrator"):
                await act(action, anna, **named, **more)
    assert texts(await act("list_memory", anna)) == [TEA, BINS]
    assert texts(await act("export_memory", anna)) == [TEA, BINS]
    assert texts(await act("recall", anna, query=KEY)) == []
    with pytest.raises(ServiceValidationError, match="field fact_ids"):
        await act("forget", anna, fact_ids=[key.id])
    stolen = {"version": 1, "facts": [{"id": key.id, "text": "Mine", "person": anna}]}
    forged = {"version": 1, "facts": [{"id": "new", "text": "His", "person": ben}]}
    for content in (stolen, forged):
        with pytest.raises(ServiceValidationError, match="facts\\[0\\]"):
            await act("import_memory", anna, content=content)
    assert texts(await act("list_memory")) == [TEA, BINS, KEY]


@pytest.mark.parametrize("admin", [True, False])
async def test_the_house_and_its_administrators_reach_all(
    act: Act, memory: Memory, anna: str, ben: str, admin: bool
):
    """An automation acts for nobody in particular."""
    caller = ben if admin else None
    told = await memory.async_remember(TEA, person=anna, source="page")
    assert texts(await act("list_memory", caller)) == [TEA]
    assert texts(await act("export_memory", caller)) == [TEA]
    assert texts(await act("recall", caller, query="tea")) == []
    assert texts(await act("recall", caller, query="tea", person=anna)) == [TEA]
    assert texts(await act("forget", caller, fact_ids=[told.id])) == [TEA]


async def test_a_user_that_is_gone(hass: HomeAssistant, act: Act, ben: str):
    """Reaches nothing."""
    user = await hass.auth.async_get_user(ben)
    assert user
    await hass.auth.async_remove_user(user)
    with pytest.raises(UnknownUser):
        await act("list_memory", ben)


async def test_forgetting_is_all_or_nothing(act: Act):
    """An id that is not there is named, and nothing is forgotten."""
    told = (await act("remember", text=BINS))["fact"]
    with pytest.raises(ServiceValidationError, match="a fact that is not there: nonsense"):
        await act("forget", fact_ids=[told["id"], "nonsense"])
    assert texts(await act("list_memory")) == [BINS]


async def test_an_export_can_be_imported(
    act: Act, anna: str, ben: str, freezer: FrozenDateTimeFactory
):
    """As an object or as text, as often as one likes; a known id is changed."""
    freezer.move_to("2026-03-01 12:00:00+00:00")
    await act("remember", text=BINS, expires="2026-03-05T12:00:00+00:00")
    await act("remember", text=TEA, person=anna)
    exported = await act("export_memory")
    assert exported["version"] == 1
    ids = [fact["id"] for fact in exported["facts"]]
    for content in (exported, json.dumps(exported)):
        known = await act("import_memory", ben, content=content)
        assert known == {"added": 0, "changed": 0, "unchanged": 2}
    await act("forget", fact_ids=ids)
    assert await act("import_memory", content=exported) == {
        "added": 2,
        "changed": 0,
        "unchanged": 0,
    }
    assert await act("export_memory") == exported
    # Both were told at the same moment, so either may come first.
    tea = next(fact for fact in exported["facts"] if fact["text"] == TEA)
    tea["text"] = "Her favourite tea is Assam"
    assert (await act("import_memory", content=exported))["changed"] == 1
    assert texts(await act("recall", query="tea", person=anna)) == ["Her favourite tea is Assam"]
    freezer.move_to("2026-03-05 12:00:00+00:00")
    assert texts(await act("list_memory")) == ["Her favourite tea is Assam"]


async def test_an_import_is_all_or_nothing(act: Act):
    """Each item and field that is wrong is named."""
    good = {"id": "a", "text": BINS}
    bad = {"id": "b", "text": "", "person": "stranger"}
    with pytest.raises(ServiceValidationError) as raised:
        await act("import_memory", content={"version": 1, "facts": [good, bad]})
    assert "field content" in str(raised.value)
    problems = (raised.value.translation_placeholders or {})["problems"]
    assert problems == (
        "facts[1].text must not be empty; "
        "facts[1].person is nobody whose facts you may write: 'stranger'"
    )
    assert texts(await act("list_memory")) == []
    with pytest.raises(ServiceValidationError, match="it is no JSON"):
        await act("import_memory", content="{")


async def test_every_action_is_described(hass: HomeAssistant, memory: Memory):
    """With its fields, words and icon; what only reads must be asked for a response."""
    described = yaml.safe_load((FOLDER.parent / "services.yaml").read_text())
    icons = json.loads((FOLDER.parent / "icons.json").read_text())["services"]
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert memory
    assert set(ACTIONS) == set(registered) == set(described)
    assert set(ACTIONS) == set(icons) == set(ENGLISH["services"])
    for name, action in registered.items():
        fields = set(map(str, action.schema.schema))  # type: ignore[union-attr]
        assert fields == set(described[name]["fields"]) == set(ENGLISH["services"][name]["fields"])
        reads = name in ("recall", "list_memory", "export_memory")
        expected = SupportsResponse.ONLY if reads else SupportsResponse.OPTIONAL
        assert action.supports_response is expected
