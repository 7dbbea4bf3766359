"""The scripted model: it tells what the prompt holds, and looks up what it does not."""

from typing import Any

import pytest

from bench.agent.policy import Call, Known, ScriptedModel, Turn, is_told

LAMP = Known(("Counter light", "Worktop light"), ("on",), "light")
QUESTION = Turn("kitchen", "Is it bright at the counter", ("light.counter",), says="It is.")
ORDER = Turn(
    "kitchen",
    "Let there be light",
    ("light.counter",),
    (Call("HassTurnOn", {"name": "Counter light"}),),
    "It is bright now.",
)


def _tool(name: str, *arguments: str) -> dict[str, Any]:
    properties = {argument: {"type": "string"} for argument in arguments}
    return {"function": {"name": name, "parameters": {"properties": properties}}}


TOOLS = [
    _tool("intent__HassTurnOn", "name"),
    _tool("homeassistant__GetLiveContext", "area", "name"),
]


def _answer(turn: Turn, *messages: dict[str, Any], system: str = "", note: str = "") -> Any:
    model = ScriptedModel([QUESTION, ORDER], lambda _: LAMP)
    asked = {"role": "user", "content": f"{note}\n{turn.text}"}
    start = {"role": "system", "content": system}
    return model, model({"messages": [start, asked, *messages], "tools": TOOLS})


def _called(name: str, **arguments: Any) -> dict[str, Any]:
    return {
        "role": "assistant",
        "tool_calls": [{"function": {"name": name, "arguments": arguments}}],
    }


def test_a_state_that_is_there_is_told():
    """One round."""
    _, answer = _answer(QUESTION, note="Worktop light (light, Kitchen): on, brightness 40 %")
    assert answer["content"] == "It is."


def test_a_state_that_is_not_there_is_looked_up():
    """With the tool there is; and told once that has answered."""
    _, answer = _answer(QUESTION, system="- names: Counter light")
    function = answer["tool_calls"][0]["function"]
    assert function["name"] == "homeassistant__GetLiveContext"
    assert function["arguments"] == {"name": "Counter light"}
    found = {"role": "tool", "content": "- names: Counter light\\n  state: 'on'"}
    _, answer = _answer(QUESTION, _called(function["name"]), found)
    assert answer["content"] == "It is."


def test_what_cannot_be_found_is_given_up():
    """After one look, and remembered."""
    nothing = {"role": "tool", "content": "{}"}
    model, answer = _answer(QUESTION, _called("homeassistant__GetLiveContext"), nothing)
    assert "tool_calls" not in answer
    assert model.failed == [QUESTION.text]


def test_an_order_is_carried_out_once_its_name_is_known():
    """Then told to be."""
    _, answer = _answer(ORDER, system="Counter light")
    call = answer["tool_calls"][0]["function"]
    assert (call["name"], call["arguments"]) == ("intent__HassTurnOn", {"name": "Counter light"})
    _, answer = _answer(ORDER, _called("intent__HassTurnOn"), {"role": "tool", "content": "ok"})
    assert answer["content"] == "It is bright now."
    _, answer = _answer(ORDER)
    assert answer["tool_calls"][0]["function"]["name"] == "homeassistant__GetLiveContext"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Counter light: on", True),
        ("lights on: Kitchen: Worktop light; Hall: Lamp", True),
        ("- names: Counter light\n  domain: light\n  state: 'on'\n- names: Lamp", True),
        ("- names: Counter light\n- names: Lamp\n  state: 'on'", False),
        ("Counter light (Salon): off", False),
        ("Lamp: on", False),
    ],
)
def test_where_a_state_is_told(text: str, told: bool):
    """On the line of the name, or below it and deeper."""
    assert is_told(text, LAMP) is told


def test_a_number_is_told_as_it_is():
    """Not as part of another."""
    warm = Known(("Kitchen temperature",), ("21", "21.0"), "sensor")
    assert is_told("Kitchen temperature: 21 °C", warm)
    assert not is_told("Kitchen temperature: 21.4 °C", warm)
    assert not is_told("Kitchen temperature: 121 °C", warm)
