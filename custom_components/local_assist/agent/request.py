"""What an agent's or a task's settings make of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from ..backends.base import ChatRequest, Deadlines, Think
from ..backends.ollama import OllamaModel
from ..const import (
    AGENT_DEFAULTS,
    CONF_CONNECT_TIMEOUT,
    CONF_FIRST_TOKEN_TIMEOUT,
    CONF_KEEP_ALIVE,
    CONF_MIN_P,
    CONF_MODEL,
    CONF_NUM_CTX,
    CONF_NUM_PREDICT,
    CONF_REPEAT_PENALTY,
    CONF_SEED,
    CONF_TEMPERATURE,
    CONF_THINK,
    CONF_TOKEN_GAP_TIMEOUT,
    CONF_TOP_K,
    CONF_TOP_P,
    TASK_DEFAULTS,
)
from .families import Family, family_of

# The cap is on the reply; a model that thinks first needs room for that as well.
THINKING_TOKENS: Final[dict[Think, int]] = {
    False: 0,
    "low": 1024,
    True: 2048,
    "medium": 2048,
    "high": 4096,
}
# What a setting makes of a request's options, by the same names. Forms give floats, and the server
# takes no fraction where it wants a whole number.
_WHOLE: Final = (CONF_TOP_K, CONF_SEED)
_REAL: Final = (CONF_TEMPERATURE, CONF_TOP_P, CONF_MIN_P, CONF_REPEAT_PENALTY)


def find_model(models: Sequence[OllamaModel], name: str) -> OllamaModel | None:
    """Return the installed model of that name; without a tag, the server means `latest`."""
    wanted = {name, f"{name}:latest"}
    return next((model for model in models if model.name in wanted), None)


def spoken_request(
    settings: Mapping[str, Any], models: Sequence[OllamaModel], *, num_ctx: int | None = None
) -> ChatRequest:
    """Return the request of an agent, still without messages and tools.

    `settings` are the subentry's; `models` are those the server has told of so far; `num_ctx` is
    the window all users of the model share, without which the setting counts, or the server's.
    The options depend on nothing else, so they are the same when the model is got ready.
    """
    settings = AGENT_DEFAULTS | dict(settings)
    return _request(settings, models, settings[CONF_THINK], num_ctx)


def task_request(
    settings: Mapping[str, Any],
    models: Sequence[OllamaModel],
    shape: dict[str, Any] | None,
    *,
    num_ctx: int | None = None,
) -> ChatRequest:
    """Return the request of an AI task, whose answer may have a JSON schema."""
    settings = TASK_DEFAULTS | dict(settings)
    # With a schema a thinking model answers twice: freely, then again by the schema.
    think = "off" if shape else settings[CONF_THINK]
    return replace(_request(settings, models, think, num_ctx), format=shape)


def _request(
    settings: Mapping[str, Any], models: Sequence[OllamaModel], setting: str, num_ctx: int | None
) -> ChatRequest:
    name = settings[CONF_MODEL]
    model = find_model(models, name)
    family = family_of(name, model.family if model else "")
    think = _think(setting, family, model)
    room = THINKING_TOKENS[think or False]
    options = {
        CONF_NUM_CTX: num_ctx or settings.get(CONF_NUM_CTX),
        CONF_NUM_PREDICT: settings[CONF_NUM_PREDICT] + room,
    }
    options = {key: int(value) for key, value in options.items() if value is not None}
    return ChatRequest(
        model=name,
        options=options | _sampling(settings, family, thinks=bool(think)),
        think=think,
        keep_alive=int(settings[CONF_KEEP_ALIVE]),
        deadlines=Deadlines(
            connect=settings[CONF_CONNECT_TIMEOUT],
            first_token=settings[CONF_FIRST_TOKEN_TIMEOUT],
            gap=settings[CONF_TOKEN_GAP_TIMEOUT],
        ),
    )


def _sampling(settings: Mapping[str, Any], family: Family, *, thinks: bool) -> dict[str, Any]:
    """Return what is set, else what the model's maker recommends; the rest is left out."""
    recommended = asdict((family.thinking if thinks else None) or family.sampling)
    chosen = {
        key: kind(settings[key])
        for kind, keys in ((int, _WHOLE), (float, _REAL))
        for key in keys
        if settings.get(key) is not None
    }
    return {key: value for key, value in (recommended | chosen).items() if value is not None}


def _think(setting: str, family: Family, model: OllamaModel | None) -> Think | None:
    """Return what to send: `false` is understood by all, anything else only by models that can.

    Left out, a model that can think does.
    """
    capable = model is not None and "thinking" in model.capabilities
    if setting == "off":
        # A model that cannot help thinking would think as hard as it does by default.
        return "low" if capable and family.always_thinks else False
    if not capable:
        return None
    if setting in ("low", "medium", "high") and family.levels:
        return setting  # type: ignore[return-value] # mypy does not narrow by membership
    return True
