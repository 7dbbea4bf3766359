"""The page's commands for the memory, over a real connection."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.memory.facts import MAX_TEXT
from custom_components.local_assist.memory.memory import DATA_MEMORY, Memory
from custom_components.local_assist.page.memory_api import MAX_LISTED

type Send = Callable[..., Awaitable[dict[str, Any]]]

TUESDAY = "The bins go out on Tuesday"
COFFEE = "Anna drinks her coffee black"
COMMANDS: dict[str, dict[str, Any]] = {
    "list": {},
    "add": {"text": TUESDAY},
    "update": {"fact_id": "1", "text": COFFEE},
    "delete": {"fact_ids": ["1"]},
    "export": {},
    "import": {"content": {}},
    "subscribe": {},
}


@pytest.fixture
async def memory(home: HomeAssistant) -> Memory:
    """Return the memory of a house that is set up."""
    MockConfigEntry(domain=DOMAIN).add_to_hass(home)
    assert await async_setup_component(home, DOMAIN, {})
    await home.async_block_till_done()
    return home.data[DATA_MEMORY]


@pytest.fixture
async def send(
    home: HomeAssistant,
    memory: Memory,  # noqa: ARG001
    hass_ws_client: WebSocketGenerator,
) -> Send:
    """Return what sends a command as an administrator and returns the answer."""
    client = await hass_ws_client(home)

    async def sent(command: str, **data: Any) -> dict[str, Any]:
        await client.send_json_auto_id({"type": f"{DOMAIN}/memory/{command}"} | data)
        answer: dict[str, Any] = await client.receive_json()
        return answer

    return sent


async def listed(send: Send, **data: Any) -> list[str]:
    """Return the texts of the facts that are listed."""
    answer = await send("list", **data)
    return [fact["text"] for fact in answer["result"]["facts"]]


@pytest.mark.parametrize("command", COMMANDS)
async def test_only_administrators_may(
    home: HomeAssistant,
    memory: Memory,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    command: str,
) -> None:
    """Whoever is none is refused, and nothing happens."""
    client = await hass_ws_client(home, hass_read_only_access_token)
    await client.send_json_auto_id({"type": f"{DOMAIN}/memory/{command}"} | COMMANDS[command])
    answer = await client.receive_json()
    assert (answer["success"], answer["error"]["code"]) == (False, "unauthorized")
    assert await memory.async_list() == []


async def test_facts_are_added_and_listed_by_person(
    home: HomeAssistant, memory: Memory, send: Send
) -> None:
    """All of a fact is told; a fact is somebody's or the household's, and lists go by that."""
    anna = MockUser(name="Anna").add_to_hass(home)
    expires = (dt_util.utcnow() + timedelta(days=3)).isoformat()
    await send("add", text=f"  {TUESDAY} \n", expires=expires)
    added = await send("add", text=COFFEE, person=anna.id)

    answer = (await send("list"))["result"]
    assert [fact["text"] for fact in answer["facts"]] == [COFFEE, TUESDAY]
    coffee, tuesday = answer["facts"]
    assert added["result"]["fact"]["id"] == coffee["id"]
    assert (coffee["person"], coffee["person_name"], coffee["source"]) == (anna.id, "Anna", "page")
    assert (tuesday["person"], tuesday["person_name"]) == (None, None)
    assert (tuesday["expires"], tuesday["used"]) == (expires, None)
    assert dt_util.parse_datetime(tuesday["created"], raise_on_error=True).tzinfo
    assert {"id": anna.id, "name": "Anna"} in answer["people"]
    assert answer["total"] == 2
    assert answer["limits"]["text"] == MAX_TEXT
    assert answer["limits"]["facts"] == memory.max_facts

    assert await listed(send, person=None) == [TUESDAY]
    assert await listed(send, person=anna.id) == [COFFEE]
    assert await listed(send, person="nobody") == []


async def test_a_search_finds_facts_by_all_its_words(send: Send) -> None:
    """Capitals make no difference; parts of words are enough."""
    await send("add", text=TUESDAY)
    await send("add", text=COFFEE)
    assert await listed(send, query="tues BINS") == [TUESDAY]
    assert await listed(send, query="coffee tuesday") == []
    assert await listed(send, query=" ") == [COFFEE, TUESDAY]


async def test_a_long_list_is_cut_and_says_so(memory: Memory, send: Send) -> None:
    """An answer stays small; a search reaches the rest."""
    for number in range(MAX_LISTED + 3):
        await memory.async_remember(f"Fact {number:04}.", person=None, source="voice")
    answer = (await send("list"))["result"]
    assert (len(answer["facts"]), answer["total"]) == (MAX_LISTED, MAX_LISTED + 3)
    assert await listed(send, query="0000") == ["Fact 0000."]


async def test_facts_of_who_is_gone_are_still_there_to_delete(memory: Memory, send: Send) -> None:
    """Somebody without a name has them."""
    await memory.async_remember(COFFEE, person="former", source="voice")
    answer = (await send("list"))["result"]
    assert {"id": "former", "name": None} in answer["people"]
    assert [fact["person_name"] for fact in answer["facts"]] == [None]


async def test_a_fact_is_changed_where_it_is(home: HomeAssistant, send: Send) -> None:
    """What is not given stays; what is null is taken away."""
    anna = MockUser(name="Anna").add_to_hass(home)
    expires = (dt_util.utcnow() + timedelta(days=3)).isoformat()
    before = (await send("add", text=TUESDAY, expires=expires))["result"]["fact"]

    after = (await send("update", fact_id=before["id"], text=COFFEE, person=anna.id))["result"]
    assert after["fact"] == before | {"text": COFFEE, "person": anna.id}
    after = (await send("update", fact_id=before["id"], person=None, expires=None))["result"]
    assert after["fact"] == before | {"text": COFFEE, "expires": None}
    assert await listed(send) == [COFFEE]


@pytest.mark.parametrize(
    ("data", "key", "field"),
    [
        ({"text": " "}, "memory_empty", "text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "memory_too_long", "text"),
        ({"person": "nobody"}, "memory_person", "person"),
        ({"expires": "2020-01-01T00:00:00+00:00"}, "memory_past", "expires"),
    ],
)
async def test_what_cannot_be_a_fact_is_refused(
    send: Send, data: dict[str, str], key: str, field: str
) -> None:
    """The answer names the field; what there is stays as it is."""
    fact = (await send("add", text=TUESDAY))["result"]["fact"]
    for answer in (
        await send("add", **{"text": COFFEE} | data),
        await send("update", fact_id=fact["id"], **data),
    ):
        assert answer["error"]["translation_key"] == key
        assert answer["error"]["translation_domain"] == DOMAIN
        assert answer["error"]["translation_placeholders"]["field"] == field
        assert field in answer["error"]["message"]
    assert (await send("list"))["result"]["facts"] == [fact | {"person_name": None}]


async def test_what_is_not_there_cannot_be_changed(send: Send) -> None:
    """Perhaps somebody else deleted it meanwhile."""
    answer = await send("update", fact_id="gone", text=COFFEE)
    assert answer["error"]["translation_key"] == "memory_id"


async def test_facts_are_deleted_one_or_several(send: Send) -> None:
    """What is not there any more is no problem."""
    ids = [(await send("add", text=text))["result"]["fact"]["id"] for text in "abc"]
    assert (await send("delete", fact_ids=[ids[0]]))["result"] == {"deleted": 1}
    assert await listed(send) == ["c", "b"]
    assert (await send("delete", fact_ids=ids))["result"] == {"deleted": 2}
    assert await listed(send) == []


async def test_an_export_can_be_imported_again(send: Send) -> None:
    """Ids stay, so importing twice adds nothing."""
    await send("add", text=TUESDAY)
    await send("add", text=COFFEE)
    before = (await send("list"))["result"]["facts"]
    exported = (await send("export"))["result"]
    assert exported["file_name"] == f"local-assist-memory-{dt_util.now().date()}.json"

    await send("delete", fact_ids=[before[0]["id"]])
    await send("update", fact_id=before[1]["id"], text="Something else")
    imported = await send("import", content=exported["content"])
    assert imported["result"] == {"added": 1, "changed": 1, "unchanged": 0}
    assert (await send("list"))["result"]["facts"] == before

    imported = await send("import", content=exported["content"])
    assert imported["result"] == {"added": 0, "changed": 0, "unchanged": 2}


async def test_a_wrong_import_is_refused_whole(send: Send) -> None:
    """What is wrong is named, and nothing is taken in."""
    facts = [{"id": "1", "text": TUESDAY}, {"id": "2", "text": COFFEE, "person": "nobody"}]
    answer = await send("import", content={"version": 1, "facts": facts})
    assert answer["error"]["translation_key"] == "memory_import"
    assert "facts[1].person" in answer["error"]["message"]
    assert await listed(send) == []


async def test_the_page_hears_of_changes_until_it_leaves(
    home: HomeAssistant, memory: Memory, hass_ws_client: WebSocketGenerator
) -> None:
    """An event comes after each change, whoever makes it."""
    client = await hass_ws_client(home)
    await client.send_json_auto_id({"type": f"{DOMAIN}/memory/subscribe"})
    subscribed = await client.receive_json()
    assert subscribed["success"]

    await memory.async_remember(TUESDAY, person=None, source="voice")
    event = await client.receive_json()
    assert (event["id"], event["type"], event["event"]) == (subscribed["id"], "event", {})

    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": event["id"]})
    assert (await client.receive_json())["success"]
    await memory.async_remember(COFFEE, person=None, source="voice")
    await client.send_json_auto_id({"type": f"{DOMAIN}/memory/list"})
    assert (await client.receive_json())["type"] == "result"
