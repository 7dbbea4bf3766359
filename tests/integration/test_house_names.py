"""What a speech-to-text server is told of the house with each utterance."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.asr import Transcript
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Info

from custom_components.local_assist.const import CONF_HOST, CONF_PORT, DOMAIN
from tests.fakes.wyoming import Peer, asr, serve
from tests.integration.one_server import one_server
from tests.integration.speaking import for_listening, listen, speak
from tests.speech_servers import Endpoint

type Names = Callable[[], Awaitable[list[str] | None]]

CHANDELIER = "light.chandelier"


@pytest.fixture
async def told(home: HomeAssistant) -> AsyncGenerator[Names]:
    """Say something, and return the names that the server is told with it."""
    requests: list[Event] = []

    async def script(peer: Peer) -> None:
        requests.append((await peer.read_until("audio-stop"))[0])
        await peer.write(Transcript("all right"))

    async def names() -> list[str] | None:
        await listen(home, "stt.it", bytes(640))
        return requests[-1].data.get("transcript_names")

    async with one_server(home, "stt", Info(asr=[asr("en")]), script):
        yield names


def furnish(home: HomeAssistant, entity_id: str, name: str, **attributes: str) -> er.RegistryEntry:
    """Add an entity with a registry entry; a light is exposed, as Home Assistant does by itself."""
    domain, object_id = entity_id.split(".")
    entry = er.async_get(home).async_get_or_create(
        domain,
        "test",
        object_id,
        suggested_object_id=object_id,
        original_name=name,
        original_device_class=attributes.get("device_class"),
    )
    home.states.async_set(entity_id, "off", {"friendly_name": name, **attributes})
    return entry


async def test_an_empty_house_tells_nothing(told: Names) -> None:
    """Where nothing has a name, the event is as Home Assistant's own."""
    assert await told() is None


async def test_places_things_and_their_aliases(home: HomeAssistant, told: Names) -> None:
    """Areas, floors and exposed entities go by their names and their aliases."""
    ar.async_get(home).async_create("Kitchen", aliases={"Cookery"})
    fr.async_get(home).async_create("Upstairs", aliases={"First floor"})
    light = furnish(home, CHANDELIER, "Chandelier")
    er.async_get(home).async_update_entity(
        light.entity_id, aliases=[er.COMPUTED_NAME, "Crystal thing"]
    )
    furnish(home, "sensor.oven", "Oven", device_class="temperature")

    assert await told() == [
        "Cookery",
        "Kitchen",
        "Upstairs",
        "First floor",
        "Chandelier",
        "Crystal thing",
        "Oven",
    ]


async def test_only_names_that_assist_answers_to(home: HomeAssistant, told: Names) -> None:
    """A name that the user took from an entity is not one; what has no entry goes by its state."""
    light = furnish(home, CHANDELIER, "Chandelier")
    er.async_get(home).async_update_entity(light.entity_id, aliases=["Crystal thing"])
    home.states.async_set("light.made_of_yaml", "off", {"friendly_name": "Yaml lamp"})

    assert await told() == ["Yaml lamp", "Crystal thing"]


async def test_what_is_not_exposed_is_not_told(home: HomeAssistant, told: Names) -> None:
    """An entity leaves and comes back with its exposure, and with that alone."""
    furnish(home, CHANDELIER, "Chandelier")
    furnish(home, "automation.secret", "Secret")
    assert await told() == ["Chandelier"]

    async_expose_entity(home, "conversation", CHANDELIER, should_expose=False)
    assert await told() is None

    async_expose_entity(home, "conversation", CHANDELIER, should_expose=True)
    assert await told() == ["Chandelier"]


async def test_exposure_counts_beside_home_assistants_agent(
    home: HomeAssistant, told: Names
) -> None:
    """Home Assistant's agent, which listens for the same, does not keep the change from us."""
    home.states.async_set("light.made_of_yaml", "off", {"friendly_name": "Yaml lamp"})
    await conversation.async_converse(home, "turn on the yaml lamp", None, Context(), "en")
    assert await told() == ["Yaml lamp"]

    async_expose_entity(home, "conversation", "light.made_of_yaml", should_expose=False)

    assert await told() is None


def furnish_with_device(home: HomeAssistant) -> None:
    """Add a device, with one light that is called as it is."""
    entry = MockConfigEntry()
    entry.add_to_hass(home)
    device = dr.async_get(home).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "device")}, name="Lamp"
    )
    light = er.async_get(home).async_get_or_create(
        "light", "test", "device", device_id=device.id, has_entity_name=True
    )
    home.states.async_set(light.entity_id, "off")


def rename_entity(home: HomeAssistant) -> None:
    """Give the chandelier a name of the user's."""
    er.async_get(home).async_update_entity(CHANDELIER, name="Big lamp")


def add_alias(home: HomeAssistant) -> None:
    """Give the chandelier one more name."""
    er.async_get(home).async_update_entity(CHANDELIER, aliases=[er.COMPUTED_NAME, "Big lamp"])


def rename_device(home: HomeAssistant) -> None:
    """Give the device a name of the user's."""
    (device,) = (each for each in dr.async_get(home).devices if each.name == "Lamp")
    dr.async_get(home).async_update_device(device.id, name_by_user="Big lamp")


def add_entity(home: HomeAssistant) -> None:
    """Add one that no registry knows."""
    home.states.async_set("light.big", "off", {"friendly_name": "Big lamp"})


def rename_area(home: HomeAssistant) -> None:
    """Give the area a name."""
    (area,) = ar.async_get(home).async_list_areas()
    ar.async_get(home).async_update(area.id, name="Big lamp")


def add_floor_alias(home: HomeAssistant) -> None:
    """Give the floor one more name."""
    (floor,) = fr.async_get(home).async_list_floors()
    fr.async_get(home).async_update(floor.floor_id, aliases={"Big lamp"})


@pytest.mark.parametrize(
    "change",
    [rename_entity, add_alias, rename_device, add_entity, rename_area, add_floor_alias],
)
async def test_the_next_utterance_has_the_new_name(
    home: HomeAssistant, told: Names, change: Callable[[HomeAssistant], None]
) -> None:
    """Whatever gives something in the house a new name, it is told with the next utterance."""
    ar.async_get(home).async_create("Hall")
    fr.async_get(home).async_create("Upstairs")
    furnish(home, CHANDELIER, "Chandelier")
    furnish_with_device(home)
    assert await told() == ["Hall", "Upstairs", "Lamp", "Chandelier"]

    change(home)

    assert "Big lamp" in (await told() or [])


async def test_a_removed_entity_is_forgotten(home: HomeAssistant, told: Names) -> None:
    """What is gone is not told."""
    home.states.async_set("light.made_of_yaml", "off", {"friendly_name": "Yaml lamp"})
    assert await told() == ["Yaml lamp"]

    home.states.async_remove("light.made_of_yaml")

    assert await told() is None


async def test_nothing_is_collected_again_while_nothing_changed(home: HomeAssistant) -> None:
    """Names are kept over utterances and over changes of what is named."""
    furnish(home, CHANDELIER, "Chandelier")
    async with one_server(home, "stt", Info(asr=[asr("en")])) as entry:
        names = entry.runtime_data.names.async_get()
        home.states.async_set(CHANDELIER, "on", {"friendly_name": "Chandelier"})

        assert entry.runtime_data.names.async_get() is names


async def test_a_house_of_a_thousand_entities(home: HomeAssistant, told: Names) -> None:
    """The places and the first of the rest are told, in an event that stays small."""
    for number in range(20):
        ar.async_get(home).async_create(f"Room {number}")
    for number in range(1000):
        furnish(home, f"light.lamp_{number}", f"Living room lamp number {number}")

    names = await told()

    assert names is not None
    assert len(json.dumps(names)) < 16 * 1024
    assert len(names) > 300
    assert all(name.startswith("Room") for name in names[:20])


async def test_an_unloaded_house_listens_no_more(home: HomeAssistant) -> None:
    """The listeners go with the entry."""
    before = home.bus.async_listeners()
    async with one_server(home, "stt", Info(asr=[asr("en")])) as entry:
        entry.runtime_data.names.async_get()
        assert home.bus.async_listeners()[ar.EVENT_AREA_REGISTRY_UPDATED] > before.get(
            ar.EVENT_AREA_REGISTRY_UPDATED, 0
        )

    after = home.bus.async_listeners()
    watched = (ar.EVENT_AREA_REGISTRY_UPDATED, fr.EVENT_FLOOR_REGISTRY_UPDATED)
    assert [after.get(event) for event in watched] == [before.get(event) for event in watched]


@asynccontextmanager
async def overheard(server: Endpoint, requests: list[Event]) -> AsyncGenerator[Endpoint]:
    """Stand before a server, and note the first event of each client."""

    async def answer(reader: asyncio.StreamReader, peer: Peer) -> None:
        while event := await async_read_event(reader):
            await async_write_event(event, peer.writer)

    async def script(peer: Peer) -> None:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        answering = asyncio.create_task(answer(reader, peer))
        try:
            event = await peer.read()
            requests.append(event)
            while True:
                await async_write_event(event, writer)
                event = await peer.read()
        finally:
            answering.cancel()
            writer.close()

    async with serve(script) as relay:
        yield Endpoint(relay.host, relay.port)


@pytest.mark.usefixtures("house")
async def test_the_real_server_is_told_and_understands(
    home: HomeAssistant, stt_server: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """The names arrive, the text is what was said, and our log has none of it."""
    ar.async_get(home).async_create("Kitchen")
    furnish(home, "light.kitchen", "Kitchen light")
    furnish(home, CHANDELIER, "Chandelier")
    audio = for_listening(await speak(home, "tts.mouth", "turn on the kitchen light."))
    requests: list[Event] = []

    async with overheard(stt_server, requests) as relay:
        data = {CONF_HOST: relay.host, CONF_PORT: relay.port}
        subentry = ConfigSubentryData(subentry_type="stt", title="Mic", data=data, unique_id=None)
        entry = MockConfigEntry(domain=DOMAIN, subentries_data=[subentry])
        entry.add_to_hass(home)
        assert await home.config_entries.async_setup(entry.entry_id)
        await home.async_block_till_done()
        result = await listen(home, "stt.mic", audio)
        assert await home.config_entries.async_unload(entry.entry_id)

    (told,) = (event.data for event in requests if event.type == "transcribe")
    assert told["transcript_names"] == ["Kitchen", "Chandelier", "Kitchen light"]
    assert (result.text or "").strip().rstrip(".").lower() == "turn on the kitchen light"
    ours = (record for record in caplog.records if record.name.startswith("custom_components"))
    assert not [record for record in ours if "handelier" in record.getMessage()]
