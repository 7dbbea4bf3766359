"""The agents in a real Home Assistant, with a stand-in for Ollama."""

from typing import Any

import pytest
from homeassistant.components import conversation
from homeassistant.components.conversation import chat_log as chat_logs
from homeassistant.components.conversation.trace import async_get_traces
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.local_assist.const import MAX_TOOL_ROUNDS
from tests.fakes.ollama import FakeOllama, Fault, Model, Reply, call, say
from tests.integration.agent_house import LAMPS, MODEL, House, agent, speech

LAMP_ON = call("intent__HassTurnOn", name=LAMPS[0])
THINKER = Model(name=MODEL, capabilities=("completion", "tools", "thinking"))


async def test_a_sentence_changes_the_house(kitchen: House, ollama: FakeOllama):
    """The model's tool call turns the lamp on, and its words are the answer."""
    ollama.replies = [LAMP_ON, say("The lamp ", "is on.")]
    await kitchen.add(ollama.url)
    result = await kitchen.say("Make it bright here")
    assert kitchen.lamp() == "on"
    assert speech(result) == "The lamp is on."
    assert result.response.response_type.value == "action_done"
    assert not result.continue_conversation
    assert kitchen.turn == {
        "agent": "conversation.ada",
        "conversation_id": result.conversation_id,
        "device_id": None,
        "handled_by": f"ollama:{MODEL}",
        "error": None,
    }


async def test_the_request_holds_the_whole_house(kitchen: House, ollama: FakeOllama):
    """Tools in order with their whole schema, instructions first, context last."""
    await kitchen.add(ollama.url)
    await kitchen.say("Hello", device_id=kitchen.satellite_id, extra_system_prompt="Be brief.")
    (body,) = ollama.chats
    names = [tool["function"]["name"] for tool in body["tools"]]
    assert "intent__HassTurnOn" in names
    assert names == sorted(names)
    brightness = next(
        tool["function"]["parameters"]["properties"]["brightness"]
        for tool in body["tools"]
        if tool["function"]["name"] == "light__HassLightSet"
    )
    assert brightness["maximum"] == 100
    system, user = body["messages"]
    assert system["role"] == "system"
    assert LAMPS[0] in system["content"]
    assert "Kitchen and all generic" not in system["content"]
    assert user["content"].endswith("</context>\nHello")
    for note in ("Time: ", "Answer in: en", "Room: Kitchen", "Be brief."):
        assert note in user["content"]
        assert note not in system["content"]


async def test_the_head_is_the_same_in_every_room(kitchen: House, ollama: FakeOllama):
    """Otherwise the server reads the whole house again for each room."""
    await kitchen.add(ollama.url)
    await kitchen.say("Hello")
    await kitchen.say("Hello", device_id=kitchen.satellite_id)
    first, second = ollama.chats
    assert first["messages"][0] == second["messages"][0]
    assert first["tools"] == second["tools"]
    assert first["messages"][1] != second["messages"][1]


async def test_a_conversation_goes_on(kitchen: House, ollama: FakeOllama):
    """A question keeps the microphone open; what was said comes along, the context does not."""
    ollama.replies = [say("Which lamp?"), LAMP_ON, say("Done.")]
    await kitchen.add(ollama.url)
    asked = await kitchen.say("Turn the lamp on")
    assert asked.continue_conversation
    result = await kitchen.say("The first", conversation_id=asked.conversation_id)
    assert speech(result) == "Done."
    assert [(m["role"], m["content"]) for m in ollama.chats[1]["messages"][1:3]] == [
        ("user", "Turn the lamp on"),
        ("assistant", "Which lamp?"),
    ]
    logged = kitchen.hass.data[chat_logs.DATA_CHAT_LOGS][result.conversation_id].content
    assert not [item for item in logged[1:] if "<context>" in str(getattr(item, "content", ""))]


async def test_tool_calls_at_once(kitchen: House, ollama: FakeOllama):
    """Both lamps, and each result goes back with its own id."""
    both = tuple(("intent__HassTurnOn", {"name": name}) for name in LAMPS)
    ollama.replies = [Reply(tool_calls=both), say("Both are on.")]
    await kitchen.add(ollama.url)
    await kitchen.say("Everything on")
    assert [kitchen.lamp(name) for name in LAMPS] == ["on", "on"]
    *_, called, first, second = ollama.chats[1]["messages"]
    assert [first["tool_call_id"], second["tool_call_id"]] == [
        item["id"] for item in called["tool_calls"]
    ]
    assert first["tool_name"] == "intent__HassTurnOn"


async def test_a_tool_that_fails_is_told_to_the_model(kitchen: House, ollama: FakeOllama):
    """It can still answer; nothing is raised."""
    ollama.replies = [call("no_such__Tool"), say("I cannot do that.")]
    await kitchen.add(ollama.url)
    assert speech(await kitchen.say("Fly")) == "I cannot do that."
    assert "There is no tool 'no_such__Tool'" in ollama.chats[1]["messages"][-1]["content"]


async def test_a_model_that_only_calls_tools_is_stopped(kitchen: House, ollama: FakeOllama):
    """It acts at most as often as it may, and the person hears that it went in circles."""
    ollama.replies = [
        call(f"intent__HassTurn{'Off' if number % 2 else 'On'}", name=LAMPS[number // 2 % 2])
        for number in range(20)
    ]
    await kitchen.add(ollama.url)
    result = await kitchen.say("Lamp")
    assert "kept on doing things" in speech(result)
    assert len(ollama.chats) == MAX_TOOL_ROUNDS + 1
    assert kitchen.turn["error"] == "tool_rounds"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(thinking=("Which ", "lamp?"), content=("It is on.",)),
        say("<thi", "nk>Which lamp?</thi", "nk>\n\nIt is on."),
    ],
)
async def test_thinking_is_never_spoken(kitchen: House, ollama: FakeOllama, reply: Reply):
    """Neither from its own field nor printed into the text; the chat log keeps it."""
    ollama.models = [THINKER]
    ollama.replies = [reply]
    await kitchen.add(ollama.url, agent(think="on"))
    result = await kitchen.say("Is the lamp on")
    assert speech(result) == "It is on."
    assert ollama.chats[0]["think"] is True
    *_, answer = kitchen.hass.data[chat_logs.DATA_CHAT_LOGS][result.conversation_id].content
    assert isinstance(answer, conversation.AssistantContent)
    assert answer.thinking_content == "Which lamp?"


async def test_a_model_that_could_think_is_told_not_to(kitchen: House, ollama: FakeOllama):
    """Left out, the server would have it think, and the person wait."""
    ollama.models = [THINKER]
    await kitchen.add(ollama.url)
    await kitchen.say("Hello")
    assert ollama.chats[0]["think"] is False


async def run_pipeline(
    kitchen: House, hass_ws_client: WebSocketGenerator, text: str
) -> dict[str, list[Any]]:
    """Run the intent stage as a satellite does; return the data of its events by type."""
    assert await async_setup_component(kitchen.hass, "assist_pipeline", {})
    client = await hass_ws_client(kitchen.hass)
    await client.send_json_auto_id(
        {
            "type": "assist_pipeline/run",
            "start_stage": "intent",
            "end_stage": "intent",
            "input": {"text": text},
            "pipeline": "conversation.ada",
        }
    )
    events: dict[str, list[Any]] = {}
    while "run-end" not in events:
        event = (await client.receive_json()).get("event") or {"type": "result", "data": None}
        events.setdefault(event["type"], []).append(event["data"])
    return events


def texts(events: dict[str, list[Any]]) -> list[str]:
    """Return the pieces of text the pipeline streamed."""
    deltas = [data["chat_log_delta"] for data in events["intent-progress"]]
    return [delta["content"] for delta in deltas if isinstance(delta.get("content"), str)]


async def test_text_streams_into_the_pipeline(
    kitchen: House, ollama: FakeOllama, hass_ws_client: WebSocketGenerator
):
    """Each piece is an event of the pipeline while the answer still comes."""
    ollama.replies = [LAMP_ON, say("The lamp ", "is on.")]
    await kitchen.add(ollama.url)
    events = await run_pipeline(kitchen, hass_ws_client, "Lamp")
    assert texts(events) == ["The lamp", " is on."]
    assert events["intent-end"][0]["processed_locally"] is False


async def test_a_break_is_streamed_as_well(
    kitchen: House, ollama: FakeOllama, hass_ws_client: WebSocketGenerator
):
    """A voice that is already speaking says that the answer broke off."""
    ollama.replies = [say("The sea is wide", fault=Fault.CUT, after=1)]
    await kitchen.add(ollama.url)
    events = await run_pipeline(kitchen, hass_ws_client, "Tell me about the sea")
    said, broken = texts(events)
    assert said == "The sea is wide"
    assert "broke off" in broken
    response = events["intent-end"][0]["intent_output"]["response"]
    assert response["response_type"] == "error"


async def test_several_agents(kitchen: House, ollama: FakeOllama):
    """Each with its own model, prompt and rights, as a device of its own."""
    ollama.models.append(Model(name="gemma3:1b", capabilities=("completion",)))
    entry = await kitchen.add(
        ollama.url,
        agent("Ada", prompt="You are Ada."),
        agent("Bob", prompt="You are Bob.", model="gemma3:1b", llm_hass_api=[]),
    )
    await kitchen.say("Hello")
    await kitchen.say("Hello", agent_id="conversation.bob")
    ada, bob = ollama.chats
    assert (ada["model"], bob["model"]) == (MODEL, "gemma3:1b")
    assert ada["messages"][0]["content"].startswith("You are Ada.")
    assert bob["messages"][0]["content"].startswith("You are Bob.")
    assert "tools" not in bob
    states = kitchen.hass.states
    assert states.get("conversation.ada").attributes["supported_features"] == 1
    assert states.get("conversation.bob").attributes["supported_features"] == 0
    devices = dr.async_entries_for_config_entry(dr.async_get(kitchen.hass), entry.entry_id)
    assert sorted((device.name, device.model) for device in devices) == [
        ("Ada", MODEL),
        ("Bob", "gemma3:1b"),
    ]
    registry = er.async_get(kitchen.hass)
    assert registry.async_get("conversation.ada").unique_id in entry.subentries


async def test_the_trace_tells_what_was_done(kitchen: House, ollama: FakeOllama):
    """Home Assistant's conversation trace: what was found, sent, counted, and who answered."""
    ollama.replies = [LAMP_ON, say("Done.")]
    await kitchen.add(ollama.url)
    await kitchen.say("Make the kitchen lamp bright")
    *_, told = [
        event["data"]
        for event in async_get_traces()[-1].as_dict()["events"]
        if event["event_type"] == "agent_detail"
    ]
    assert told["stats"].keys() == {"input_tokens", "cached_input_tokens", "output_tokens"}
    assert told["stats"]["input_tokens"] > 0
    assert told["model"]["rounds"] == 2
    assert told["model"]["first_words_seconds"] <= told["model"]["seconds"]
    assert "light.kitchen_lamp" in told["retrieved"]["entities"]
    assert told["prompt"]["characters"] > 100
    assert told["handled_by"] == f"ollama:{MODEL}"


async def test_what_a_sentence_needs_comes_with_it(kitchen: House, ollama: FakeOllama):
    """A question for a state needs no tool: the state is in the note."""
    ollama.replies = [say("It is off.")]
    await kitchen.add(ollama.url)
    await kitchen.say("Is the kitchen lamp on?")
    (body,) = ollama.chats
    assert f"{LAMPS[0]} (light, Kitchen): off" in body["messages"][-1]["content"]
    assert "homeassistant__GetLiveContext" not in [
        tool["function"]["name"] for tool in body["tools"]
    ]


async def test_an_agent_that_may_not_control_the_house_is_told_nothing_of_it(
    kitchen: House, ollama: FakeOllama
):
    """Neither what there is nor how it is."""

    class Other(llm.API):
        """Another API."""

        async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
            """Return one without tools."""
            return llm.APIInstance(self, "Be a poet.", llm_context, [], llm.selector_serializer)

    llm.async_register_api(kitchen.hass, Other(hass=kitchen.hass, id="other", name="Other"))
    await kitchen.add(ollama.url, agent(llm_hass_api=["other"]))
    await kitchen.say("Is the kitchen lamp on?")
    system, user = (message["content"] for message in ollama.chats[0]["messages"])
    assert "Be a poet." in system
    assert "Kitchen" not in system
    assert "(light" not in user


async def test_what_was_acted_on_is_meant_by_it(kitchen: House, ollama: FakeOllama):
    """The next sentence says only "it"."""
    ollama.replies = [LAMP_ON, say("It is on.")]
    await kitchen.add(ollama.url)
    first = await kitchen.say("Make the kitchen lamp bright")
    await kitchen.say("Turn it off again", conversation_id=first.conversation_id)
    context, _, said = ollama.chats[-1]["messages"][-1]["content"].rpartition("</context>\n")
    assert f"{LAMPS[0]} (light, Kitchen): on" in context
    assert said == "Turn it off again"


async def test_a_persona_may_know_who_speaks(kitchen: House, ollama: FakeOllama):
    """What it says of the moment rides with the sentence; the rest stays in the head."""
    prompt = "You are Ada of {{ ha_name }}.\nYou talk to {{ user_name or 'a guest' }}.\nBe kind."
    await kitchen.add(ollama.url, agent(prompt=prompt))
    await kitchen.say("Hello")
    (body,) = ollama.chats
    system, user = (message["content"] for message in body["messages"])
    assert system.startswith("You are Ada of test home.\nBe kind.")
    assert "You talk to a guest." in user


async def test_tools_that_a_template_tells_last_are_told_first(kitchen: House, ollama: FakeOllama):
    """Llama 3 in Ollama would be sent them anew in each message; it calls them in its text."""
    ollama.models = [Model(name=MODEL, template="{{- if and $.Tools $last }}{{ .Tools }}")]
    ollama.replies = [
        say('{"name": "intent__HassTurnOn", "parameters": {"name": "Kitchen lamp"}}'),
        say("The lamp is on."),
    ]
    await kitchen.add(ollama.url)
    await kitchen.hass.async_block_till_done(wait_background_tasks=True)
    assert speech(await kitchen.say("Make the kitchen lamp bright")) == "The lamp is on."
    assert kitchen.switched() == 1
    first, second = ollama.chats
    assert "tools" not in first
    assert '"name": "intent__HassTurnOn"' in first["messages"][0]["content"]
    assert first["messages"][0] == second["messages"][0]
    assert [message["role"] for message in second["messages"][-2:]] == ["assistant", "tool"]
    assert ollama.warmups[0]["messages"][0] == first["messages"][0]
    shown = [request for request in ollama.requests if request.path == "/api/show"]
    assert len(shown) == 1
