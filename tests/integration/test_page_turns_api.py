"""The page's commands for turns, health and models, over a real connection."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from wyoming.info import Info

from custom_components.local_assist.const import DOMAIN
from tests.fakes.ollama import FakeOllama, Model, say
from tests.fakes.wyoming import asr
from tests.integration.agent_house import House, agent
from tests.integration.one_server import one_server
from tests.integration.test_chain import SPARE, stand_in

type Send = Callable[..., Awaitable[dict[str, Any]]]

COMMANDS: dict[str, dict[str, Any]] = {
    "turns/list": {},
    "turns/subscribe": {},
    "health": {},
    "models/list": {},
    "models/pull": {"entry_id": "x", "model": "x"},
    "models/load": {"entry_id": "x", "model": "x"},
    "models/unload": {"entry_id": "x", "model": "x"},
    "models/delete": {"entry_id": "x", "model": "x"},
}


class Page:
    """The page, as far as it sends and hears."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def send(self, command: str, **data: Any) -> dict[str, Any]:
        """Send a command and return the answer."""
        await self._socket.send_json_auto_id({"type": f"{DOMAIN}/{command}"} | data)
        return await self.hear()

    async def ask(self, command: str, **data: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        answer = await self.send(command, **data)
        assert answer["success"], answer
        result: dict[str, Any] = answer["result"]
        return result

    async def hear(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(5):
            message: dict[str, Any] = await self._socket.receive_json()
        return message

    async def leave(self, subscription: int) -> None:
        """Unsubscribe."""
        await self._socket.send_json_auto_id(
            {"type": "unsubscribe_events", "subscription": subscription}
        )
        while (await self.hear())["type"] != "result":
            pass


@pytest.fixture
async def house(kitchen: House, ollama: FakeOllama) -> House:
    """Return a house with a model."""
    await kitchen.add(ollama.url)
    return kitchen


@pytest.fixture
async def page(house: House, hass_ws_client: WebSocketGenerator) -> Page:
    """Return the page of an administrator."""
    return Page(await hass_ws_client(house.hass))


@pytest.mark.parametrize("command", COMMANDS)
async def test_only_administrators_may(
    house: House, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser, command: str
) -> None:
    """Nobody else hears what is said in the house, or changes what it runs on."""
    hass_admin_user.groups = []
    page = Page(await hass_ws_client(house.hass))
    answer = await page.send(command, **COMMANDS[command])
    assert (answer["success"], answer["error"]["code"]) == (False, "unauthorized")


async def test_turns(house: House, ollama: FakeOllama, page: Page) -> None:
    """They come the newest first, with all that the page shows, and are told when they end."""
    subscribed = await page.send("turns/subscribe")
    ollama.replies = [say("Good day."), say("Well.")]
    await house.say("Hello", device_id=house.satellite_id)
    event = await page.hear()
    assert (event["id"], event["event"]["turn"]["said"]) == (subscribed["id"], "Hello")
    await house.say("How are you?")
    await page.hear()
    await page.leave(subscribed["id"])
    await house.say("And now?")

    (newest, second, first) = (await page.ask("turns/list"))["turns"]
    assert [turn["said"] for turn in (newest, second)] == ["And now?", "How are you?"]
    assert first == event["event"]["turn"]
    assert first.keys() == {
        *("id", "time", "agent", "agent_name", "conversation_id", "device_name", "said"),
        *("answered", "handled_by", "error", "stages", "retrieved", "tools", "tokens", "guard"),
    }
    began = dt_util.parse_datetime(first["time"], raise_on_error=True)
    assert abs((dt_util.utcnow() - began).total_seconds()) < 60
    assert [stage["name"] for stage in first["stages"]] == ["context", "first_token", "reply"]
    assert first["stages"][0]["start_ms"] == 0


async def health(page: Page) -> dict[str, dict[str, Any]]:
    """Return the parts by kind."""
    parts = (await page.ask("health"))["parts"]
    return {part["kind"]: part for part in parts}


async def test_health(house: House, ollama: FakeOllama, page: Page) -> None:
    """Each part tells how it is, and in words what is wrong with it."""
    parts = await health(page)
    assert list(parts) == ["ollama", "memory", "knowledge"]
    told = parts["ollama"]
    assert (told["ok"], told["error"], told["address"]) == (True, None, ollama.url)
    assert told["detail"] == "0.20.2"
    assert told["latency_ms"] >= 0
    assert dt_util.parse_datetime(told["last_seen"])
    assert parts["memory"]["ok"]
    assert parts["memory"]["name"] == "memory.db"
    assert parts["knowledge"]["ok"]

    await ollama.stop()
    await house.say("Hello")
    gone = (await health(page))["ollama"]
    assert gone["ok"] is False
    assert "cannot be reached" in gone["error"]
    assert (gone["last_seen"], gone["detail"]) == (told["last_seen"], "0.20.2")


async def test_health_of_who_stands_in(
    kitchen: House, ollama: FakeOllama, hass_ws_client: WebSocketGenerator
) -> None:
    """Of a server nobody has asked yet nothing is known; then it is."""
    ollama.models = [Model(name=SPARE)]
    await kitchen.add(None, agent(fallbacks=["backend:spare"]), stand_in(ollama, "ollama"))
    page = Page(await hass_ws_client(kitchen.hass))
    spare = (await health(page))["backend"]
    assert (spare["ok"], spare["last_seen"], spare["address"]) == (None, None, ollama.url)

    await kitchen.say("Hello")
    spare = (await health(page))["backend"]
    assert (spare["ok"], spare["error"]) == (True, None)
    assert spare["last_seen"]

    await ollama.stop()
    await kitchen.say("Hello")
    spare = (await health(page))["backend"]
    assert spare["ok"] is False
    assert "cannot be reached" in spare["error"]


async def test_health_of_speech(home: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """A speech server that was never there says why."""
    async with one_server(home, "stt", Info(asr=[asr("en")])):
        page = Page(await hass_ws_client(home))
        part = (await health(page))["stt"]
        assert (part["name"], part["ok"], part["error"]) == ("It", True, None)
        assert part["detail"]
        assert part["latency_ms"] >= 0
    async with one_server(home, "stt", None):
        part = (await health(page))["stt"]
        assert (part["ok"], part["last_seen"], part["detail"]) == (False, None, None)
        assert part["error"]


async def test_models(house: House, ollama: FakeOllama, page: Page) -> None:
    """They are listed with what is known of them; each can be loaded, unloaded and deleted."""
    ollama.models = [Model(name="gemma3:4b", size=7)]
    ollama.loaded.clear()
    entry = house.entry
    assert entry is not None
    (server,) = (await page.ask("models/list"))["servers"]
    assert (server["entry_id"], server["error"]) == (entry.entry_id, None)
    (model,) = server["models"]
    assert model == {
        "name": "gemma3:4b",
        "size": 7,
        "family": "llama",
        "parameters": "3.2B",
        "quantization": "Q4_K_M",
        "capabilities": ["completion", "tools"],
        "loaded": None,
    }

    this = {"entry_id": entry.entry_id, "model": " gemma3:4b "}
    await page.ask("models/load", **this)
    ((model,),) = (server["models"] for server in (await page.ask("models/list"))["servers"])
    assert model["loaded"]["context"] == 4096
    assert (model["loaded"]["size"], model["loaded"]["vram"]) == (7, 7)
    assert model["loaded"]["expires"].startswith("2318")
    await page.ask("models/unload", **this)
    assert ollama.loaded == {}
    await page.ask("models/delete", **this)
    assert ollama.models == []
    # The settings of agents offer what is there now.
    assert entry.runtime_data.ollama.data.models == []

    answer = await page.send("models/delete", **this)
    assert answer["error"]["translation_key"] == "model_not_found"
    answer = await page.send("models/load", entry_id="x", model="gemma3:4b")
    assert answer["error"]["code"] == "not_found"
    assert (await page.ask("models/list", entry_id="x"))["servers"] == []
    answer = await page.send("models/load", entry_id=entry.entry_id, model="  ")
    assert answer["error"]["code"] == "invalid_format"

    await ollama.stop()
    (server,) = (await page.ask("models/list"))["servers"]
    assert server["models"] == []
    assert "cannot be reached" in server["error"]


@pytest.fixture
async def pulling(house: House, ollama: FakeOllama, page: Page) -> AsyncGenerator[int]:
    """Subscribe to a download that takes its time; return the subscription."""
    ollama.pull_seconds = 0.05
    assert house.entry is not None
    answer = await page.send("models/pull", entry_id=house.entry.entry_id, model="qwen3:4b")
    assert answer["success"]
    yield answer["id"]
    await house.hass.async_block_till_done(wait_background_tasks=True)


async def test_a_download_tells_how_far_it_is(
    house: House, ollama: FakeOllama, page: Page, pulling: int
) -> None:
    """Up to its success; then the model is there."""
    events = [await page.hear()]
    while events[-1]["event"]["status"] != "success":
        events.append(await page.hear())
    assert {event["id"] for event in events} == {pulling}
    assert {"completed": 500, "total": 1000} in [
        {key: event["event"][key] for key in ("completed", "total")} for event in events
    ]
    await house.hass.async_block_till_done(wait_background_tasks=True)
    assert house.entry is not None
    names = [model.name for model in house.entry.runtime_data.ollama.data.models]
    assert "qwen3:4b" in names
    assert names == sorted(model.name for model in ollama.models)


async def test_a_download_that_fails_says_why(ollama: FakeOllama, page: Page, pulling: int) -> None:
    """In words, and as something the page can translate."""
    ollama.pull_error = "write: no space left on device"
    answer = await page.hear()
    while answer["event"]["status"] != "error":
        answer = await page.hear()
    error = answer["event"]["error"]
    assert (answer["id"], error["translation_key"]) == (pulling, "download_disk_full")
    assert "too full" in error["message"]
    assert error["translation_placeholders"] == {"model": "qwen3:4b"}


async def test_to_unsubscribe_is_to_cancel(ollama: FakeOllama, page: Page, pulling: int) -> None:
    """The server sees that nobody wants it any more."""
    await page.hear()
    await page.leave(pulling)
    async with asyncio.timeout(5):
        await ollama.hung_up.wait()
    assert [model.name for model in ollama.models] == ["llama3.2:3b"]


async def test_an_unloaded_house_downloads_nothing(
    house: House, ollama: FakeOllama, page: Page, pulling: int
) -> None:
    """The download ends with the entry, and who follows it hears nothing more."""
    await page.hear()
    entry = house.entry
    assert isinstance(entry, MockConfigEntry)
    assert await house.hass.config_entries.async_unload(entry.entry_id)
    async with asyncio.timeout(5):
        await ollama.hung_up.wait()
    answer = await page.send("models/pull", entry_id=entry.entry_id, model="qwen3:4b")
    while answer["type"] != "result":
        answer = await page.hear()
    assert answer["error"]["code"] == "not_found"
    assert pulling != answer["id"]
