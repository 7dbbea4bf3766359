"""What an agent's or a task's settings make of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..backends.base import ChatRequest, Think
from ..backends.ollama import OllamaModel
from ..const import (
    AGENT_DEFAULTS,
    CONF_KEEP_ALIVE,
    CONF_MODEL,
    CONF_NUM_CTX,
    CONF_NUM_PREDICT,
    CONF_TEMPERATURE,
    CONF_THINK,
    TASK_DEFAULTS,
)

# The cap is on the reply; a model that thinks first needs room for that as well.
THINKING_TOKENS = 2048


def find_model(models: Sequence[OllamaModel], name: str) -> OllamaModel | None:
    """Return the installed model of that name; without a tag, the server means `latest`."""
    wanted = {name, f"{name}:latest"}
    return next((model for model in models if model.name in wanted), None)


def spoken_request(settings: Mapping[str, Any], models: Sequence[OllamaModel]) -> ChatRequest:
    """Return the request of an agent, still without messages and tools.

    `settings` are the subentry's; `models` are those the server has told of so far.
    """
    settings = AGENT_DEFAULTS | dict(settings)
    return _request(settings, _think(settings, models))


def task_request(
    settings: Mapping[str, Any], models: Sequence[OllamaModel], shape: dict[str, Any] | None
) -> ChatRequest:
    """Return the request of an AI task, whose answer may have a JSON schema."""
    settings = TASK_DEFAULTS | dict(settings)
    # With a schema a thinking model answers twice: freely, then again by the schema.
    think = False if shape else _think(settings, models)
    return replace(_request(settings, think), format=shape)


def _request(settings: Mapping[str, Any], think: Think | None) -> ChatRequest:
    return ChatRequest(
        model=settings[CONF_MODEL],
        options={
            "num_ctx": int(settings.get(CONF_NUM_CTX, 8192)),
            "num_predict": int(settings[CONF_NUM_PREDICT]) + (THINKING_TOKENS if think else 0),
            "temperature": settings.get(CONF_TEMPERATURE, 0.7),
        },
        think=think,
        keep_alive=int(settings[CONF_KEEP_ALIVE]),
    )


def _think(settings: Mapping[str, Any], models: Sequence[OllamaModel]) -> Think | None:
    """Return what to send: `false` is understood by all, anything else only by models that can.

    Left out, a model that can think does.
    """
    setting = settings[CONF_THINK]
    if setting == "off":
        return False
    model = find_model(models, settings[CONF_MODEL])
    if model is None or "thinking" not in model.capabilities:
        return None
    return True if setting == "on" else setting
