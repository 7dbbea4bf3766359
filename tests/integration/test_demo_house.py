"""The demo house: its configuration is valid, and holds what the demo sentences speak of."""

import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.auth.providers.homeassistant import Data
from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.components.http.config import async_get_and_load_store
from homeassistant.components.onboarding.const import STEPS
from homeassistant.config import async_hass_config_yaml
from homeassistant.const import ATTR_FRIENDLY_NAME
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers.check_config import async_check_ha_config_file
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from demo.grammar import ENGLISH_SLOTS
from demo.house.prepare import PASSWORD, TEMPLATE, USER_NAME, prepare_config
from demo.house.rooms import ROOMS, room_of
from demo.house.seed import WHOLE_HOUSE, seed

ASSISTANT = "conversation"
FURNISHING = (
    *("input_select", "input_number", "zone", "person", "template", "climate", "media_player"),
    *("config", "frontend", "intent", "conversation"),
)
"""What has to be set up for the house to stand."""


@pytest.fixture
def house_config(hass: HomeAssistant, tmp_path: Path) -> None:
    """Give Home Assistant a copy of the house's configuration, for it writes into it."""
    hass.config.config_dir = str(shutil.copytree(TEMPLATE, tmp_path, dirs_exist_ok=True))


class _Client:
    """What the demo driver is to the house: a connection to Home Assistant."""

    def __init__(self, http: Any, websocket: Any) -> None:
        self._http = http
        self._websocket = websocket

    async def call(self, type_: str, **payload: Any) -> Any:
        await self._websocket.send_json_auto_id({"type": type_, **payload})
        answer = await self._websocket.receive_json()
        assert answer["success"], answer
        return answer["result"]

    async def post(self, path: str, data: dict[str, Any]) -> Any:
        answer = await self._http.post(path, json=data)
        assert answer.ok, await answer.text()
        return await answer.json()


@pytest.fixture
async def house(
    hass: HomeAssistant,
    house_config: None,  # noqa: ARG001
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> AsyncIterator[HomeAssistant]:
    """Return Home Assistant with the house in it."""
    config = await async_hass_config_yaml(hass)
    assert await async_setup_component(hass, "homeassistant", {})
    for domain in FURNISHING:
        assert await async_setup_component(hass, domain, config)
    await hass.async_block_till_done()
    # As its own server does: an integration set up later may still register views.
    hass.http.app._router.freeze = lambda: None  # type: ignore[method-assign]
    await seed(_Client(await hass_client(), await hass_ws_client(hass)))
    await hass.async_block_till_done()
    yield hass
    # Its forecast follows the clock, which a stopping Home Assistant does not stop.
    er.async_get(hass).async_remove("weather.weather")
    await hass.async_block_till_done()


def _exposed(hass: HomeAssistant) -> dict[str, str]:
    """Return the names of what Assist may use, by entity id."""
    return {
        state.entity_id: state.attributes[ATTR_FRIENDLY_NAME].lower()
        for state in hass.states.async_all()
        if async_should_expose(hass, ASSISTANT, state.entity_id)
    }


@pytest.mark.usefixtures("house_config")
async def test_configuration_is_valid(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant finds nothing to complain about."""
    checked = await async_check_ha_config_file(hass)

    assert "climate" in checked
    assert not checked.errors
    assert not checked.warnings
    assert "duplicate key" not in caplog.text


async def test_rooms_are_those_of_the_sentences(house: HomeAssistant) -> None:
    """Each room one can speak of is an area on a floor, with a temperature and a humidity."""
    areas = {area.name.lower(): area for area in ar.async_get(house).async_list_areas()}

    assert set(areas) == set(ENGLISH_SLOTS["room"])
    assert all(fr.async_get(house).async_get_floor(area.floor_id or "") for area in areas.values())
    for area in areas.values():
        assert house.states.get(area.temperature_entity_id or "") is not None
        assert house.states.get(area.humidity_entity_id or "") is not None


async def test_things_of_the_sentences_are_there(house: HomeAssistant) -> None:
    """Each kind of thing one can speak of is in at least one room."""
    names = set(_exposed(house).values())
    rooms = ENGLISH_SLOTS["room"]

    assert {f"{room} {device}" for room in rooms for device in ("light", "lamp")} <= names
    for thing in (*ENGLISH_SLOTS["device"], *ENGLISH_SLOTS["cover"], "thermostat"):
        assert any(f"{room} {thing}" in names for room in rooms), thing
    single = (*ENGLISH_SLOTS["door"], *ENGLISH_SLOTS["machine"], *ENGLISH_SLOTS["person"])
    assert {*single, "alarm", "shopping list"} <= names
    radio = er.async_get(house).async_get("media_player.kitchen_radio")
    assert radio is not None
    assert "Radio" in radio.aliases  # for "the radio in the kitchen"


async def test_each_thing_has_a_name_a_place_and_a_state_of_its_own(house: HomeAssistant) -> None:
    """No name means two things, nothing is in the wrong room, and every state is known."""
    exposed = _exposed(house)
    registry = er.async_get(house)
    areas = ar.async_get(house)

    assert [name for name, count in Counter(exposed.values()).items() if count > 1] == []
    for entity_id in exposed:
        entry = registry.async_get(entity_id)
        assert entry is not None, entity_id
        room = room_of(entity_id)
        assert room or entity_id.startswith(WHOLE_HOUSE), entity_id
        area = areas.async_get_area(entry.area_id) if entry.area_id else None
        assert (area.name if area else None) == (room.name if room else None), entity_id
        state = house.states.get(entity_id)
        assert state is not None
        assert state.state not in ("unknown", "unavailable"), entity_id


async def test_house_does_what_it_is_told(house: HomeAssistant) -> None:
    """Home Assistant's own sentences find the things of the house and change them."""
    for sentence, entity_id, wanted in (
        ("switch on the living room light", "light.living_room_light", "on"),
        ("turn off the radio in the kitchen", "media_player.kitchen_radio", "off"),
        ("close the garage door", "cover.garage_door", "closed"),
        ("lock the back door", "lock.back_door", "locked"),
        ("set the garage thermostat to twenty one degrees", "switch.garage_heater", "on"),
        ("start the vacuum cleaner", "vacuum.vacuum_cleaner", "cleaning"),
        ("remove eggs from the shopping list", "todo.shopping_list", "2"),
    ):
        assert not house.states.is_state(entity_id, wanted), sentence

        answer = await conversation.async_converse(house, sentence, None, Context(), "en")
        await house.async_block_till_done()

        assert answer.response.error_code is None, (sentence, answer.response.speech)
        assert house.states.is_state(entity_id, wanted), sentence


async def test_prepared_folder_starts_without_questions(tmp_path: Path) -> None:
    """A prepared folder has its address, its owner and a finished onboarding."""
    await prepare_config(tmp_path, 8321)

    fresh = HomeAssistant(str(tmp_path))
    address = await async_get_and_load_store(fresh)
    passwords = Data(fresh)
    await passwords.async_load()
    await fresh.async_stop(force=True)
    assert address.pending is None
    assert (address.stable["server_host"], address.stable["server_port"]) == (["127.0.0.1"], 8321)
    passwords.validate_login(USER_NAME, PASSWORD)
    stored = {name: _stored(tmp_path, name) for name in ("auth", "onboarding")}
    owner = next(user for user in stored["auth"]["users"] if user["is_owner"])
    assert [one["user_id"] for one in stored["auth"]["credentials"]] == [owner["id"]]
    assert stored["onboarding"]["done"] == STEPS
    assert _names(TEMPLATE) < _names(tmp_path)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _stored(config: Path, name: str) -> Any:
    return json.loads((config / ".storage" / name).read_text())["data"]


async def test_used_folder_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written over."""
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(FileExistsError, match="name a new folder"):
        await prepare_config(tmp_path, 8321)

    assert _names(tmp_path) == {"notes.txt"}


def test_ids_begin_with_no_two_rooms() -> None:
    """The first words of an id tell its room."""
    keys = [room.key for room in ROOMS]

    assert not [(one, two) for one in keys for two in keys if one.startswith(f"{two}_")]
