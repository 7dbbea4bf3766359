"""What a model is told of the real tools."""

import json

from homeassistant.core import Context
from homeassistant.helpers import llm

from custom_components.local_assist.agent.convert import (
    told,
    tool_message,
    tool_specifications,
)
from custom_components.local_assist.const import DOMAIN
from tests.fakes.ollama import FakeOllama, call, say
from tests.integration.agent_house import House


async def test_it_is_less_and_says_the_same(kitchen: House):
    """Names, required arguments and every choice stay; what has no choice is left out."""
    llm_context = llm.LLMContext(DOMAIN, Context(), "en", "conversation", None)
    api = await llm.async_get_api(kitchen.hass, llm.LLM_API_ASSIST, llm_context)
    whole = tool_specifications(api)
    short = [told(specification) for specification in whole]
    assert len(json.dumps(short)) < 0.93 * len(json.dumps(whole))
    for before, after in zip(whole, short, strict=True):
        full, cut = before["function"]["parameters"], after["function"]["parameters"]
        assert after["function"]["name"] == before["function"]["name"]
        assert cut.get("required") == full.get("required")
        gone = full["properties"].keys() - cut["properties"].keys()
        assert gone <= {"domain"}
        assert all(
            cut["properties"][name] == full["properties"][name] for name in cut["properties"]
        )
    lights = next(tool for tool in short if tool["function"]["name"] == "light__HassLightSet")
    assert "domain" not in lights["function"]["parameters"]["properties"]
    everything = next(tool for tool in short if tool["function"]["name"] == "intent__HassTurnOn")
    assert "domain" in everything["function"]["parameters"]["properties"]


async def test_results_are_told_in_short(kitchen: House, ollama: FakeOllama):
    """What was done and to what; the chat log keeps the whole."""
    ollama.replies = [call("intent__HassTurnOn", name="Kitchen lamp"), say("It is on.")]
    await kitchen.add(ollama.url)
    await kitchen.say("Make the kitchen lamp bright")
    assert json.loads(ollama.chats[1]["messages"][-1]["content"]) == {
        "response_type": "action_done",
        "data": {"success": ["Kitchen lamp"]},
    }


def test_what_a_result_says_stays():
    """Zeros, refusals and text do; only what is empty goes."""
    data = {"count": 0, "on": False, "text": "x", "none": None, "list": [], "deep": {"a": {}}}
    told_data = json.loads(tool_message("t", "1", llm.ToolResult(data)).content)
    assert told_data == {"count": 0, "on": False, "text": "x"}
    places = [{"name": "Kitchen", "type": "area", "id": "kitchen"}]
    told_data = json.loads(tool_message("t", "1", llm.ToolResult({"success": places})).content)
    assert told_data == {"success": ["Kitchen"]}
    failed = json.loads(tool_message("t", "1", llm.ToolResult({"why": ""}, error=True)).content)
    assert failed == {"error": True}


def test_what_has_to_be_given_stays():
    """Also if it can have one value only."""
    specification = {
        "type": "function",
        "function": {
            "name": "x",
            "description": "",
            "parameters": {
                "type": "object",
                "properties": {"a": {"enum": ["b"]}, "c": {"enum": ["d"]}},
                "required": ["a"],
                "additionalProperties": False,
            },
        },
    }
    assert told(specification)["function"] == {
        "name": "x",
        "parameters": {
            "type": "object",
            "properties": {"a": {"enum": ["b"]}},
            "required": ["a"],
        },
    }
