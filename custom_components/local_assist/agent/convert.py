"""Home Assistant's chat log and tools, as a model is sent them."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import probatio
from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm
from homeassistant.helpers.json import json_dumps
from homeassistant.util.json import JsonValueType

from ..backends.base import Message, ToolCall
from ..errors import AttachmentError
from .outside_text import MAX_DESCRIPTION, harmless, lines, one_line

OPENAPI_VERSION = "3.1.0"


async def async_messages(
    hass: HomeAssistant, contents: Sequence[conversation.Content], api: llm.APIInstance | None
) -> list[Message]:
    """Return the messages of a chat log.

    Calls of tools the API does not have are left out: Home Assistant's own agent logs what it does
    as calls by other names, and a model would copy them.

    Raises:
        AttachmentError: an attachment is not an image, or cannot be read.
    """
    names = {tool.name for tool in api.tools} if api else set()
    messages = [await _message(hass, content, names) for content in contents]
    return [message for message in messages if message is not None]


async def _message(
    hass: HomeAssistant, content: conversation.Content, tool_names: set[str]
) -> Message | None:
    match content:
        case conversation.SystemContent():
            return Message(role="system", content=content.content)
        case conversation.UserContent():
            images = [await _image(hass, item) for item in content.attachments or ()]
            return Message(role="user", content=content.content, images=tuple(images))
        case conversation.AssistantContent():
            calls = [call for call in content.tool_calls or () if call.tool_name in tool_names]
            if not content.content and not calls:
                return None
            # What it thought in earlier turns is not repeated to it.
            return assistant_message(content.content or "", None, calls)
        case conversation.ToolResultContent():
            if content.tool_name not in tool_names:
                return None
            return tool_message(content.tool_name, content.tool_call_id, content.result)


def assistant_message(
    text: str, thinking: str | None, tool_calls: Sequence[llm.ToolInput]
) -> Message:
    """Return what the model said, thought and called."""
    return Message(
        role="assistant",
        content=text,
        thinking=thinking,
        tool_calls=tuple(
            ToolCall(id=call.id, name=call.tool_name, arguments=call.tool_args)
            for call in tool_calls
        ),
    )


def tool_message(name: str, call_id: str, result: llm.ToolResult) -> Message:
    """Return what a tool answered; a failure says so whatever the tool put into it."""
    data = {"error": True} | result.data if result.error else result.data
    content = json_dumps(harmless(_without_nothing(data)))
    return Message(role="tool", content=content, tool_name=name, tool_call_id=call_id)


def _without_nothing(value: JsonValueType) -> JsonValueType:
    """Return a result without what is empty, and what an intent acted on by its names alone.

    An intent's response is mostly that: empty fields, and a type and an id for each name.
    """
    if isinstance(value, dict):
        pruned = {key: _without_nothing(inner) for key, inner in value.items()}
        return {key: inner for key, inner in pruned.items() if inner not in (None, "", [], {})}
    if isinstance(value, list):
        if targets := [item for item in value if isinstance(item, dict) and _is_target(item)]:
            things = [item["name"] for item in targets if item["type"] == "entity"]
            return things or [item["name"] for item in targets]
        return [_without_nothing(item) for item in value]
    return value


def _is_target(item: dict[str, JsonValueType]) -> bool:
    return item.keys() == {"name", "type", "id"}


async def _image(hass: HomeAssistant, attachment: conversation.Attachment) -> str:
    if not attachment.mime_type.startswith("image/"):
        raise AttachmentError(name=attachment.media_content_id)
    try:
        return await hass.async_add_executor_job(_encoded, attachment.path)
    except OSError as err:
        raise AttachmentError(name=attachment.media_content_id) from err


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def tool_specifications(api: llm.APIInstance) -> tuple[dict[str, Any], ...]:
    """Return the tools as the model is told of them, in an order that never changes."""
    return tuple(
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description or "",
                "parameters": schema(tool.parameters, api),
            },
        }
        for tool in sorted(api.tools, key=lambda tool: tool.name)
    )


def told(specification: dict[str, Any]) -> dict[str, Any]:
    """Return a tool's specification without what tells a model nothing: it has to read it all.

    Left out are what may not be added, descriptions that are empty, and arguments that may be left
    out and can have one value only (the domain of a tool for one domain). What is described, and
    the names to choose from, are made harmless: anybody may have given them.
    """
    function = _described(specification["function"])
    if not function["description"]:
        del function["description"]
    parameters = dict(function["parameters"])
    if parameters.get("additionalProperties") is False:
        del parameters["additionalProperties"]
    required = parameters.get("required", ())
    if properties := parameters.get("properties"):
        parameters["properties"] = {
            name: shape
            for name, shape in properties.items()
            if name in required or not _has_one_value(shape)
        }
    return specification | {"function": function | {"parameters": parameters}}


def _described(shape: Any) -> Any:
    """Return a schema, or what holds one, with its descriptions and choices made harmless."""
    if isinstance(shape, list):
        return [_described(inner) for inner in shape]
    if not isinstance(shape, dict):
        return shape
    return {key: _described_key(key, inner) for key, inner in shape.items()}


def _described_key(key: str, inner: Any) -> Any:
    if key == "description" and isinstance(inner, str):
        return lines(inner, MAX_DESCRIPTION)
    if key == "enum" and isinstance(inner, list):
        return [one_line(each) if isinstance(each, str) else each for each in inner]
    return _described(inner)


def _has_one_value(shape: dict[str, Any]) -> bool:
    allowed = shape.get("items", shape).get("enum", ())
    return len(allowed) == 1


def schema(shape: probatio.Schema, api: llm.APIInstance | None) -> dict[str, Any]:
    """Return the JSON schema of a shape."""
    serializer = api.custom_serializer if api else llm.selector_serializer
    converted: dict[str, Any] = probatio.to_openapi(
        shape, custom_serializer=serializer, openapi_version=OPENAPI_VERSION
    )
    return converted
