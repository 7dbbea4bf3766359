"""What the house holds for Assist, and when that is looked at anew."""

from collections.abc import Callable, Iterator

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.local_assist.agent.house import HouseIndex
from custom_components.local_assist.retrieval import Area, Floor, Thing

LAMP = "light.ceiling"
LOCK = "lock.front_door"
YAML = "switch.made_of_yaml"


@pytest.fixture
async def home(hass: HomeAssistant) -> HomeAssistant:
    """A house with a lamp in a kitchen, a lock that is not exposed and a switch without entry."""
    assert await async_setup_component(hass, "homeassistant", {})
    ground = fr.async_get(hass).async_create("Ground floor", aliases={"Downstairs"}, level=0)
    fr.async_get(hass).async_create("Cellar", level=-1)
    kitchen = ar.async_get(hass).async_create(
        "Kitchen", aliases={"Galley", "Cookery"}, floor_id=ground.floor_id
    )
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "lamp")}, name="Ceiling"
    )
    dr.async_get(hass).async_update_device(device.id, area_id=kitchen.id)
    entities = er.async_get(hass)
    entities.async_get_or_create(
        "light",
        "test",
        "lamp",
        suggested_object_id="ceiling",
        device_id=device.id,
        has_entity_name=True,
    )
    entities.async_update_entity(LAMP, aliases=["Big lamp", er.COMPUTED_NAME])
    hass.states.async_set(LAMP, "off", {"friendly_name": "Ceiling"})
    entities.async_get_or_create("lock", "test", "lock", suggested_object_id="front_door")
    hass.states.async_set(LOCK, "locked", {"friendly_name": "Front door"})
    hass.states.async_set(
        YAML, "1", {"friendly_name": "Pump ", "device_class": "outlet", "unit_of_measurement": "x"}
    )
    return hass


@pytest.fixture
def index(home: HomeAssistant) -> Iterator[HouseIndex]:
    """The index of that house."""
    index = HouseIndex(home)
    yield index
    index.async_stop()


async def test_what_a_house_holds(index: HouseIndex) -> None:
    """The exposed things with every name, the displayed one first, and all places."""
    house = index.async_get()

    assert house.things == (
        Thing(LAMP, ("Ceiling", "Big lamp"), "light", area="kitchen"),
        Thing(YAML, ("Pump",), "switch", "outlet", unit="x"),
    )
    assert house.areas == (Area("kitchen", ("Kitchen", "Cookery", "Galley"), "ground_floor"),)
    assert house.floors == (
        Floor("cellar", ("Cellar",)),
        Floor("ground_floor", ("Ground floor", "Downstairs")),
    )


async def test_only_names_that_intents_take(home: HomeAssistant, index: HouseIndex) -> None:
    """A displayed name that the user took away is none, unless there is no other."""
    er.async_get(home).async_update_entity(LAMP, aliases=["Big lamp"])
    assert index.async_get().things[0].names == ("Big lamp",)

    er.async_get(home).async_update_entity(LAMP, aliases=[])
    assert index.async_get().things[0].names == ("Ceiling",)


async def test_attributes_that_are_no_text(home: HomeAssistant, index: HouseIndex) -> None:
    """Whoever sets a state can put anything there; a thing is still told of."""
    home.states.async_set(YAML, "1", {"friendly_name": 7, "device_class": [1], "unit": {}})

    assert index.async_get().things[1] == Thing(YAML, ("7",), "switch")


def rename_entity(home: HomeAssistant) -> None:
    """Give the lamp a name of the user's."""
    er.async_get(home).async_update_entity(LAMP, name="New")


def move_entity(home: HomeAssistant) -> None:
    """Put the lamp elsewhere than its device."""
    area = ar.async_get(home).async_create("Hall")
    er.async_get(home).async_update_entity(LAMP, area_id=area.id, name="Ceiling")


def move_device(home: HomeAssistant) -> None:
    """Take the lamp's device out of the kitchen."""
    (device,) = dr.async_get(home).devices
    dr.async_get(home).async_update_device(device.id, area_id=None)


def rename_area(home: HomeAssistant) -> None:
    """Call the kitchen otherwise."""
    ar.async_get(home).async_update("kitchen", name="New")


def remove_area(home: HomeAssistant) -> None:
    """Have no kitchen."""
    ar.async_get(home).async_delete("kitchen")


def rename_floor(home: HomeAssistant) -> None:
    """Call a floor otherwise."""
    fr.async_get(home).async_update("cellar", name="New")


def expose(home: HomeAssistant) -> None:
    """Let Assist know of the lock."""
    async_expose_entity(home, "conversation", LOCK, should_expose=True)


def unexpose(home: HomeAssistant) -> None:
    """Keep the switch from Assist."""
    async_expose_entity(home, "conversation", YAML, should_expose=False)


def add(home: HomeAssistant) -> None:
    """Add what no registry knows."""
    home.states.async_set("light.new", "on")


def remove(home: HomeAssistant) -> None:
    """Remove what no registry knows."""
    home.states.async_remove(YAML)


def rename_what_has_no_entry(home: HomeAssistant) -> None:
    """Have the switch call itself otherwise."""
    home.states.async_set(YAML, "1", {"friendly_name": "New"})


@pytest.mark.parametrize(
    "change",
    [
        rename_entity,
        move_entity,
        move_device,
        rename_area,
        remove_area,
        rename_floor,
        expose,
        unexpose,
        add,
        remove,
        rename_what_has_no_entry,
    ],
)
async def test_a_change_is_told_and_seen(
    home: HomeAssistant, index: HouseIndex, change: Callable[[HomeAssistant], None]
) -> None:
    """Whatever it is; and what is made of the house is made anew."""
    told: list[bool] = []
    house, retriever = index.async_get(), index.retriever("en")
    overview = index.overview(max_tokens=1000, count=len)
    index.async_listen(lambda: told.append(True))

    change(home)
    await home.async_block_till_done()

    assert told
    assert index.async_get() != house
    assert index.retriever("en") is not retriever
    # A floor with nothing on it is not in the overview.
    same = index.overview(max_tokens=1000, count=len) == overview
    assert same is (change is rename_floor)


async def test_states_that_change_change_nothing(home: HomeAssistant, index: HouseIndex) -> None:
    """Neither is anybody told, nor is the house collected again."""
    told: list[bool] = []
    house, retriever = index.async_get(), index.retriever("de")
    index.async_listen(lambda: told.append(True))

    home.states.async_set(LAMP, "on", {"friendly_name": "Ceiling", "brightness": 3})
    await home.async_block_till_done()

    assert not told
    assert index.async_get() is house
    assert index.retriever("de") is retriever


async def test_a_house_that_is_as_before_is_the_same(
    home: HomeAssistant, index: HouseIndex
) -> None:
    """So what was derived from it stays, as after a change of something that is not exposed."""
    house, retriever = index.async_get(), index.retriever("en")

    er.async_get(home).async_update_entity(LOCK, name="Back door")
    await home.async_block_till_done()

    assert index.async_get() is house
    assert index.retriever("en") is retriever


async def test_the_first_look_tells_of_no_change(home: HomeAssistant, index: HouseIndex) -> None:
    """Though Home Assistant then notes in its registry which entities are exposed."""
    told: list[bool] = []
    index.async_listen(lambda: told.append(True))

    index.async_get()
    await home.async_block_till_done()

    assert er.async_get(home).entities[LAMP].options["conversation"] == {"should_expose": True}
    assert not told


async def test_the_overview_does_not_change_with_the_estimate(index: HouseIndex) -> None:
    """The house alone changes it."""
    overview = index.overview(max_tokens=1000, count=len)
    assert "Ceiling" in overview

    assert index.overview(max_tokens=1000, count=lambda _: 9999) == overview


async def test_nobody_is_told_after_the_end(home: HomeAssistant, index: HouseIndex) -> None:
    """Of a listener, or of the whole index; and nothing is left on the bus."""
    before = dict(home.bus.async_listeners())
    told: list[str] = []
    end = index.async_listen(lambda: told.append("ended"))
    index.async_listen(lambda: told.append("stopped"))
    end()
    rename_area(home)
    await home.async_block_till_done()
    assert set(told) == {"stopped"}

    told.clear()
    index.async_stop()
    rename_entity(home)
    await home.async_block_till_done()

    assert not told
    assert home.bus.async_listeners() == before
