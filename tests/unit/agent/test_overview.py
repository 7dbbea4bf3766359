"""The overview of a house."""

from custom_components.local_assist.agent.overview import overview
from custom_components.local_assist.retrieval import Area, Floor, House, Thing

HOUSE = House(
    things=(
        Thing("light.a", ("Ceiling", "Big lamp"), "light", area="kitchen"),
        Thing("light.b", ("Counter <b>",), "light", area="kitchen"),
        Thing("cover.c", ("Blind",), "cover", area="bedroom"),
        Thing("light.g", ("Bedside",), "light", area="bedroom"),
        Thing("fan.h", ("Bedroom fan",), "fan", area="bedroom"),
        Thing("scene.d", ("Movie",), "scene"),
        Thing("light.e", ("Lost",), "light", area="gone"),
        Thing("fan.f", ("Shed fan",), "fan", area="shed"),
    ),
    areas=(
        Area("bedroom", ("Bedroom",), "up"),
        Area("empty", ("Empty room",), "up"),
        Area("kitchen", ("Kitchen",), "ground"),
        Area("shed", ("Shed",)),
    ),
    floors=(Floor("ground", ("Ground floor",)), Floor("up", ("Upstairs",))),
)
NAMED = """\
- Shed: fan Shed fan
- Elsewhere: light Lost; scene Movie
Ground floor:
- Kitchen: light Ceiling, Counter b
Upstairs:
- Bedroom: cover Blind; fan Bedroom fan; light Bedside"""
COUNTED = """\
- Shed: fan 1
- Elsewhere: light 1, scene 1
Ground floor:
- Kitchen: light 2
Upstairs:
- Bedroom: cover 1, fan 1, light 1"""
AREAS = """\
In the house: cover 1, fan 2, light 4, scene 1
Areas: Shed, Elsewhere; Ground floor: Kitchen; Upstairs: Bedroom"""
KINDS = "In the house: cover 1, fan 2, light 4, scene 1"


def test_the_fullest_form_that_fits() -> None:
    """Names while they fit, else numbers, else the areas, else the kinds alone."""
    for told in (NAMED, COUNTED, AREAS, KINDS):
        assert overview(HOUSE, max_tokens=len(told), count=len) == told
    assert overview(HOUSE, max_tokens=1, count=len) == KINDS


def test_an_empty_house_has_none() -> None:
    """Nothing is said of nothing."""
    assert overview(House(things=()), max_tokens=100, count=len) == ""
