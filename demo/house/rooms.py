"""The rooms of the demo house, and which of them a thing is in."""

from collections.abc import Mapping
from dataclasses import dataclass

FLOORS: Mapping[str, int] = {"Lower floor": -1, "Ground floor": 0, "Upper floor": 1, "Outside": 0}
"""Level of each floor, by its name."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room, its floor, its icon in the web interface, and what else people call it."""

    name: str
    floor: str
    icon: str
    aliases: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What the ids of the room's things begin with."""
        return self.name.lower().replace(" ", "_")


KITCHEN = Room("Kitchen", "Ground floor", "mdi:fridge")
LIVING_ROOM = Room("Living room", "Ground floor", "mdi:sofa", ("Lounge", "Sitting room"))
HALLWAY = Room("Hallway", "Ground floor", "mdi:coat-rack", ("Hall", "Entrance"))
BASEMENT = Room("Basement", "Lower floor", "mdi:stairs-down", ("Cellar",))
GARDEN = Room("Garden", "Outside", "mdi:flower", ("Yard",))

ROOMS = (
    KITCHEN,
    LIVING_ROOM,
    Room("Dining room", "Ground floor", "mdi:silverware-fork-knife"),
    HALLWAY,
    Room("Garage", "Ground floor", "mdi:garage"),
    Room("Bedroom", "Upper floor", "mdi:bed"),
    Room("Bathroom", "Upper floor", "mdi:shower"),
    Room("Office", "Upper floor", "mdi:desk", ("Study",)),
    BASEMENT,
    GARDEN,
)

PLACES: Mapping[str, Room] = {
    "alarm": HALLWAY,
    "back_door": KITCHEN,
    "back_door_contact": KITCHEN,
    "dishwasher": KITCHEN,
    "front_door": HALLWAY,
    "front_door_contact": HALLWAY,
    "gate": GARDEN,
    "vacuum_cleaner": LIVING_ROOM,
    "washing_machine": BASEMENT,
}
"""Room of each thing whose id does not begin with one."""


def room_of(entity_id: str) -> Room | None:
    """Return the room an entity is in, None for what belongs to no room."""
    _, _, key = entity_id.partition(".")
    if key in PLACES:
        return PLACES[key]
    return next((room for room in ROOMS if key.startswith(f"{room.key}_")), None)
