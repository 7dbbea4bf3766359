"""Every cell of the bench's fault matrix: an answer in the person's language, and nothing twice."""

import pytest
from homeassistant.core import HomeAssistant

from bench.agent.faults import SCENARIOS, Scenario, live, spoken
from bench.agent.faulty import Fault
from bench.agent.home import Home, furnish
from bench.agent.houses import house

LANGUAGE = {"question": "de", "order": "en", "after acting": "de"}
CELLS = [
    pytest.param(fault, scenario, id=f"{scenario.name}, {fault}")
    for scenario in SCENARIOS
    for fault in Fault.every()
    if scenario.can_meet(fault, LANGUAGE[scenario.name])
]


@pytest.fixture
async def home(hass: HomeAssistant, socket_enabled: None) -> Home:  # noqa: ARG001
    """Furnish a small house."""
    return await furnish(hass, house(20))


@pytest.mark.parametrize(("fault", "scenario"), CELLS)
async def test_there_is_an_answer_and_nothing_is_done_twice(
    home: Home, fault: Fault, scenario: Scenario
):
    """Also the built-in commands go on working, whatever is wrong with the model."""
    language = LANGUAGE[scenario.name]
    outcome = await live(home, fault, scenario, language)
    assert spoken(outcome.text) == {language}, outcome.text
    assert outcome.actions <= 1
    if scenario.name == "order":
        assert outcome.actions == 1
