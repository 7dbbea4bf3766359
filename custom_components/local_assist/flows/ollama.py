"""Finding an Ollama and asking what it can do, before there is a coordinator."""

import asyncio
from collections.abc import Iterable
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util.ssl import get_default_context
from yarl import URL

from ..backends.ollama import OllamaBackend, OllamaModel
from ..const import CONF_URL, DEFAULT_OLLAMA_PORT
from ..errors import BackendAuthError, BackendError

PROBE_TIMEOUT: Final = 2.0
# This machine, and the name a container has next to Home Assistant's.
USUAL_URLS: Final = (
    f"http://localhost:{DEFAULT_OLLAMA_PORT}",
    f"http://ollama:{DEFAULT_OLLAMA_PORT}",
)


def normalise_url(text: str) -> str:
    """Return the address the way we keep it: with scheme and port, without a slash at the end.

    Raises:
        ValueError: it is no address.
    """
    text = text.strip()
    if any(character.isspace() for character in text):
        raise ValueError(f"an address has no blanks: {text}")
    if "://" not in text:
        # What people copy from a router's list of devices.
        bare = URL(f"http://{text}")
        text = str(bare if bare.explicit_port else bare.with_port(DEFAULT_OLLAMA_PORT))
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host or url.user or url.query_string:
        raise ValueError(f"no address of a server: {text}")
    return str(url).rstrip("/")


async def ask(url: str, api_key: str | None) -> list[OllamaModel]:
    """Return the models that can hold a conversation, those that can use tools first.

    Raises:
        BackendError: why this is no usable Ollama.
    """
    backend = OllamaBackend(url, api_key, verify=get_default_context())
    try:
        await backend.version()
        models = await backend.models()
    finally:
        await backend.close()
    return sorted(
        # A server that names no capabilities may still hold a model that talks.
        (model for model in models if not model.capabilities or "completion" in model.capabilities),
        key=lambda model: ("tools" not in model.capabilities, model.name),
    )


async def answering(hass: HomeAssistant, hints: Iterable[str]) -> list[str]:
    """Return the addresses behind which an Ollama is, of `hints` and of the usual ones."""
    known = [
        entry.data[CONF_URL]
        for entry in hass.config_entries.async_entries("ollama")
        if CONF_URL in entry.data
    ]
    candidates = list(dict.fromkeys((*hints, *known, *USUAL_URLS)))
    answers = await asyncio.gather(*map(_answers, candidates))
    return [url for url, answer in zip(candidates, answers, strict=True) if answer]


async def _answers(url: str) -> bool:
    """Return whether an Ollama is there, maybe one that wants a key."""
    try:
        backend = OllamaBackend(normalise_url(url), verify=get_default_context())
    except BackendError, ValueError:
        return False
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            await backend.version()
    except BackendAuthError:
        return True
    except BackendError, TimeoutError:
        return False
    finally:
        await backend.close()
    return True


def model_selector(models: Iterable[OllamaModel], *, custom_value: bool) -> SelectSelector:
    """Return a choice of models, each with its size and what it can do."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[SelectOptionDict(value=model.name, label=_label(model)) for model in models],
            custom_value=custom_value,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _label(model: OllamaModel) -> str:
    able = [name for name in ("tools", "thinking", "vision") if name in model.capabilities]
    return " · ".join((model.name, f"{model.size / 1e9:.1f} GB", *able))
