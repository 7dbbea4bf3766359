"""The form of an agent: what it asks for before it does it."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.local_assist.flows.guard_form import MODE_FIELDS
from custom_components.local_assist.guard.pin import hash_pin, verify
from custom_components.local_assist.guard.rules import Kind, Mode, Rules
from tests.fakes.ollama import FakeOllama
from tests.integration.flow_steps import (
    Result,
    answer_subentry,
    options,
    start_subentry,
    suggested,
    within,
)
from tests.integration.test_agent_options_flow import set_up, unload

PLAIN = {"model": "llama3.2:3b", "think": "off"}
STORED = PLAIN | {"prompt": "", "llm_hass_api": []}
ALL_ASK = dict.fromkeys(MODE_FIELDS.values(), "ask")
HASHED = hash_pin("0815")
MARKED = {
    "guard_entities": ["switch.boiler", "script.party"],
    "guard_areas": ["cellar"],
    "guard_domains": ["light"],
    "guard_labels": ["careful"],
}


async def an_agent(
    home: HomeAssistant, ollama: FakeOllama, **settings: Any
) -> tuple[MockConfigEntry, ConfigSubentry]:
    """Set up a house with one agent and a light."""
    home.states.async_set("light.desk", "off")
    entry = await set_up(home, ollama.url, ("conversation", "Butler", PLAIN | settings))
    (agent,) = entry.get_subentries_of_type("conversation")
    return entry, agent


async def fill_in(
    home: HomeAssistant, entry: MockConfigEntry, agent: ConfigSubentry, **guard: Any
) -> Result:
    """Fill in the section of the guard; its modes are asking unless they are given."""
    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    result = await answer_subentry(home, form, PLAIN | {"guard": guard})
    await home.async_block_till_done()
    return result


async def fill_in_well(
    home: HomeAssistant, entry: MockConfigEntry, agent: ConfigSubentry, **guard: Any
) -> dict[str, Any]:
    """Fill in the section of the guard, and return what is stored of it."""
    result = await fill_in(home, entry, agent, **guard)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    return {key: value for key, value in agent.data.items() if key.startswith("guard")}


def starts_with(form: Result) -> dict[str, Any]:
    """Return what the fields of the section start with, where they do."""
    section = within(form, "guard")
    found = {str(key): suggested(section, str(key)) for key in section["data_schema"].schema}
    return {key: value for key, value in found.items() if value is not None}


async def test_a_new_agent_asks(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Every kind is asked for unless the user says otherwise, and nothing is stored of it."""
    entry = await set_up(home, ollama.url)
    form = await start_subentry(home, entry, "conversation")
    assert starts_with(form) == ALL_ASK
    for field in ALL_ASK:
        assert options(within(form, "guard"), field) == ["ask", "pin", "never", "free"]
    await answer_subentry(home, form, {"name": "Butler", "guard": ALL_ASK} | PLAIN)
    await home.async_block_till_done()
    (agent,) = entry.get_subentries_of_type("conversation")
    assert dict(agent.data) == STORED
    await unload(home, entry)


async def test_a_new_agent_with_a_pin(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The PIN is stored as a hash, and nowhere else."""
    entry = await set_up(home, ollama.url)
    form = await start_subentry(home, entry, "conversation")
    guard = {"guard_unlock": "pin", "guard_pin": " 4711 "}
    result = await answer_subentry(home, form, {"name": "Butler", "guard": guard} | PLAIN)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    (agent,) = entry.get_subentries_of_type("conversation")
    assert agent.data["guard_modes"] == {"unlock": "pin"}
    assert verify("4711", agent.data["guard_pin"])
    assert "4711" not in str({**agent.data, "guard_pin": ""})
    await unload(home, entry)


async def test_modes_and_marks_are_kept(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What was chosen is stored as the rules read it, and the form starts with it."""
    entry, agent = await an_agent(home, ollama)
    modes = {"guard_open": "never", "guard_siren": "free", "guard_marked": "ask"}
    stored = await fill_in_well(home, entry, agent, **modes, **MARKED)
    assert stored == MARKED | {"guard_modes": {"open": "never", "siren": "free"}}
    rules = Rules.of(agent.data)
    assert [rules.mode(kind) for kind in (Kind.OPEN, Kind.SIREN, Kind.UNLOCK)] == [
        Mode.NEVER,
        Mode.FREE,
        Mode.ASK,
    ]
    assert rules.labels == {"careful"}

    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    assert starts_with(form) == ALL_ASK | modes | MARKED
    # As it came, and then with all of it emptied.
    assert await fill_in_well(home, entry, agent, **starts_with(form)) == stored
    assert await fill_in_well(home, entry, agent) == {}
    await unload(home, entry)


async def test_domains_to_choose_from(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Those of entities and of actions, and those that are marked but away."""
    home.states.async_set("switch.boiler", "off")
    entry, agent = await an_agent(home, ollama, guard_domains=["away"])
    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    offered = options(within(form, "guard"), "guard_domains")
    assert offered == sorted(offered)
    assert {"switch", "light", "homeassistant", "away"} <= set(offered)
    await unload(home, entry)


async def test_the_pin_is_never_shown(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Neither it nor its hash is in the form; the field hides what is typed."""
    entry, agent = await an_agent(home, ollama, guard_modes={"unlock": "pin"}, guard_pin=HASHED)
    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    assert starts_with(form) == ALL_ASK | {"guard_unlock": "pin"}
    section = within(form, "guard")["data_schema"].schema
    assert section["guard_pin"].config["type"] == "password"
    assert "scrypt" not in str(form)

    result = await answer_subentry(home, form, PLAIN | {"guard": {"guard_pin": "12"}})
    assert result["type"] is FlowResultType.FORM
    assert "guard_pin" not in starts_with(result)
    await unload(home, entry)


@pytest.mark.parametrize("pin", [{}, {"guard_pin": ""}, {"guard_pin": "  "}])
async def test_an_empty_pin_keeps_the_present_one(
    home: HomeAssistant, ollama: FakeOllama, pin: dict[str, str]
) -> None:
    """As long as something asks for it."""
    entry, agent = await an_agent(home, ollama, guard_modes={"unlock": "pin"}, guard_pin=HASHED)
    stored = await fill_in_well(home, entry, agent, guard_disarm="pin", **pin)
    assert stored == {"guard_modes": {"disarm": "pin"}, "guard_pin": HASHED}
    await unload(home, entry)


async def test_a_new_pin_replaces_the_present_one(home: HomeAssistant, ollama: FakeOllama) -> None:
    """And the old one is good for nothing."""
    entry, agent = await an_agent(home, ollama, guard_modes={"unlock": "pin"}, guard_pin=HASHED)
    stored = await fill_in_well(home, entry, agent, guard_unlock="pin", guard_pin="123456")
    assert verify("123456", stored["guard_pin"])
    assert not verify("0815", stored["guard_pin"])
    await unload(home, entry)


async def test_a_pin_that_nothing_asks_for_is_forgotten(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """That is how it is removed."""
    entry, agent = await an_agent(home, ollama, guard_modes={"unlock": "pin"}, guard_pin=HASHED)
    assert await fill_in_well(home, entry, agent, guard_unlock="never") == {
        "guard_modes": {"unlock": "never"}
    }
    result = await fill_in(home, entry, agent, guard_unlock="pin")
    assert result["errors"] == {"guard": "guard_pin_missing"}
    await unload(home, entry)


@pytest.mark.parametrize(
    ("guard", "error"),
    [
        ({"guard_unlock": "pin"}, "guard_pin_missing"),
        ({"guard_unlock": "pin", "guard_pin": ""}, "guard_pin_missing"),
        ({"guard_unlock": "pin", "guard_pin": "123"}, "guard_pin_format"),
        ({"guard_unlock": "pin", "guard_pin": "12345678901"}, "guard_pin_format"),
        ({"guard_unlock": "pin", "guard_pin": "12a4"}, "guard_pin_format"),
        ({"guard_unlock": "pin", "guard_pin": "１２３４"}, "guard_pin_format"),  # noqa: RUF001
        ({"guard_pin": "12"}, "guard_pin_format"),
        ({"guard_pin": "1234"}, "guard_pin_unused"),
    ],
)
@pytest.mark.parametrize("new", [False, True])
async def test_what_is_wrong_about_a_pin(
    home: HomeAssistant, ollama: FakeOllama, guard: dict[str, str], error: str, new: bool
) -> None:
    """The form says it, keeps what else was filled in, and takes a better one."""
    entry, agent = await an_agent(home, ollama)
    name = {"name": "Second"} if new else {}
    form = await start_subentry(home, entry, "conversation", None if new else agent.subentry_id)
    filled = PLAIN | name | {"prompt": "Be brief.", "guard": guard | MARKED}
    result = await answer_subentry(home, form, filled)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"guard": error}
    assert suggested(result, "prompt") == "Be brief."
    modes = {key: value for key, value in guard.items() if key != "guard_pin"}
    assert starts_with(result) == ALL_ASK | modes | MARKED

    better = {"guard_unlock": "pin", "guard_pin": "1234"}
    result = await answer_subentry(home, result, filled | {"guard": better | MARKED})
    assert result["type"] is not FlowResultType.FORM
    await home.async_block_till_done()
    agent = list(entry.get_subentries_of_type("conversation"))[-1]
    assert verify("1234", agent.data["guard_pin"])
    assert agent.data["prompt"] == "Be brief."
    await unload(home, entry)


async def test_a_form_without_the_section_changes_no_rule(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """What guards the house is not lost by what somebody left out."""
    guard = {"guard_modes": {"open": "never", "unlock": "pin"}, "guard_pin": HASHED} | MARKED
    entry, agent = await an_agent(home, ollama, **guard)
    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    await answer_subentry(home, form, PLAIN)
    await home.async_block_till_done()
    assert dict(agent.data) == STORED | guard
    await unload(home, entry)


@pytest.mark.parametrize(
    "guard",
    [
        {"guard_unlock": "perhaps"},
        {"guard_unlock": ""},
        {"guard_entities": ["no entity"]},
        {"guard_entities": "all"},
        {"guard_domains": ["Light"]},
        {"guard_modes": {"unlock": "free"}},
        {"guard_pin": 1234},
    ],
)
async def test_what_the_section_does_not_take(
    home: HomeAssistant, ollama: FakeOllama, guard: dict[str, Any]
) -> None:
    """Nothing that the rules could not read, nor a way round the fields."""
    entry, agent = await an_agent(home, ollama)
    with pytest.raises(InvalidData):
        await fill_in(home, entry, agent, **guard)
    assert dict(agent.data) == PLAIN
    await unload(home, entry)


async def test_an_ai_task_has_no_such_section(home: HomeAssistant, ollama: FakeOllama) -> None:
    """There is nobody to ask."""
    entry = await set_up(home, ollama.url)
    form = await start_subentry(home, entry, "ai_task_data")
    assert "guard" not in form["data_schema"].schema
    await unload(home, entry)
