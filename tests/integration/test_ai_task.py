"""AI tasks in a real Home Assistant, with a stand-in for Ollama."""

import base64
from pathlib import Path
from typing import Any

import pytest
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

from tests.fakes.ollama import FakeOllama, Fault, Model, say
from tests.integration.agent_house import MODEL, House, task

STRUCTURE = {
    "rooms": {
        "description": "How many rooms",
        "required": True,
        "selector": {"number": {"min": 0, "max": 50}},
    }
}
PNG = b"\x89PNG\r\n\x1a\n"
SEES = Model(name=MODEL, capabilities=("completion", "vision", "thinking"))


async def generate(kitchen: House, **more: Any) -> Any:
    """Have the task done through Home Assistant's action and return its data."""
    response = await kitchen.hass.services.async_call(
        "ai_task",
        "generate_data",
        {"entity_id": "ai_task.clerk", "task_name": "t", "instructions": "Count rooms."} | more,
        blocking=True,
        return_response=True,
    )
    assert response
    return response["data"]


@pytest.fixture
async def clerk(kitchen: House, ollama: FakeOllama, tmp_path: Path) -> House:
    """Add a task on a model that sees and thinks."""
    (tmp_path / "kitchen.png").write_bytes(PNG)
    (tmp_path / "notes.txt").write_text("hi")
    kitchen.hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(kitchen.hass, "media_source", {})
    ollama.models = [SEES]
    await kitchen.add(ollama.url, task(think="on"))
    return kitchen


async def test_free_text(clerk: House, ollama: FakeOllama):
    """Without a structure the answer is text, of any length."""
    ollama.replies = [say("There are ", "ten.")]
    assert await generate(clerk) == "There are ten."
    (body,) = ollama.chats
    assert body["messages"][-1]["content"] == "Count rooms."
    assert "format" not in body
    assert body["options"]["num_predict"] > 4096
    assert body["think"] is True


async def test_structure(clerk: House, ollama: FakeOllama):
    """The structure goes to the server as a JSON schema, and its JSON comes back as data."""
    ollama.replies = [say('{"rooms":', " 10}")]
    assert await generate(clerk, structure=STRUCTURE) == {"rooms": 10}
    (body,) = ollama.chats
    rooms = body["format"]["properties"]["rooms"]
    assert (rooms["minimum"], rooms["maximum"]) == (0, 50)
    assert body["format"]["required"] == ["rooms"]
    assert body["think"] is False


async def test_an_answer_without_the_structure_is_an_error(clerk: House, ollama: FakeOllama):
    """It says so instead of handing on half a JSON."""
    ollama.replies = [say('{"rooms": ')]
    with pytest.raises(HomeAssistantError, match="structure that was asked for"):
        await generate(clerk, structure=STRUCTURE)


async def test_an_image(clerk: House, ollama: FakeOllama):
    """The file's bytes reach the server."""
    image = {
        "media_content_id": "media-source://media_source/local/kitchen.png",
        "media_content_type": "image/png",
    }
    await generate(clerk, attachments=[image])
    assert ollama.chats[0]["messages"][-1]["images"] == [base64.b64encode(PNG).decode()]


async def test_something_that_is_no_image(clerk: House, ollama: FakeOllama):
    """It is named and refused before the model is asked."""
    text = {
        "media_content_id": "media-source://media_source/local/notes.txt",
        "media_content_type": "text/plain",
    }
    with pytest.raises(HomeAssistantError, match=r"notes\.txt is not an image"):
        await generate(clerk, attachments=[text])
    assert not ollama.chats


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault.NOT_FOUND, "is not installed"),
        (Fault.CUT, "broke off"),
        (Fault.NO_DONE, "broke off"),
        (Fault.CRASHED, "had a problem"),
    ],
)
async def test_faults_are_errors_in_words(
    clerk: House, ollama: FakeOllama, fault: Fault, text: str
):
    """The action fails and says why."""
    ollama.fault = fault
    with pytest.raises(HomeAssistantError, match=text):
        await generate(clerk)


async def test_features_follow_the_model(clerk: House, ollama: FakeOllama):
    """Images are offered only while the model on the server sees them."""
    coordinator = clerk.entry.runtime_data.ollama

    def features() -> int:
        return clerk.hass.states.get("ai_task.clerk").attributes["supported_features"]

    assert features() == 3
    ollama.models = [Model(name=MODEL)]
    await coordinator.async_refresh()
    await clerk.hass.async_block_till_done()
    assert features() == 1


async def test_without_its_server_it_is_unavailable(clerk: House, ollama: FakeOllama):
    """As soon as a task finds it gone; it comes back with the server."""
    await ollama.stop()
    with pytest.raises(HomeAssistantError, match="cannot be reached"):
        await generate(clerk)
    assert clerk.hass.states.get("ai_task.clerk").state == "unavailable"
    await ollama.start()
    await clerk.entry.runtime_data.ollama.async_refresh()
    await clerk.hass.async_block_till_done()
    assert clerk.hass.states.get("ai_task.clerk").state != "unavailable"
