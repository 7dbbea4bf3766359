"""The client of a server that a subentry of type `backend` describes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import get_default_context

from ..const import CONF_API_KEY, CONF_KIND, CONF_URL, KIND_OPENAI
from .ollama import OllamaBackend

if TYPE_CHECKING:
    from .openai_compatible import OpenAIBackend


async def make_backend(
    hass: HomeAssistant, data: Mapping[str, Any], *, name: str
) -> OllamaBackend | OpenAIBackend:
    """Return the client of a server; who asks for it closes it.

    Args:
        hass: whose executor imports what the kind of server needs.
        data: of the subentry: kind, url, maybe api_key.
        name: what errors call the server; an Ollama is called by its own name.

    Raises:
        BackendError: the address is not one.
    """
    url, api_key = data[CONF_URL], data.get(CONF_API_KEY)
    if data[CONF_KIND] == KIND_OPENAI:
        return await make_openai_backend(hass, url, api_key, name=name)
    return OllamaBackend(url, api_key, verify=get_default_context())


async def make_openai_backend(
    hass: HomeAssistant, url: str, api_key: str | None, *, name: str
) -> OpenAIBackend:
    """Return the client of a server with the OpenAI-compatible API. Raises NotOpenAIError."""
    backend = await hass.async_add_import_executor_job(_openai_backend)
    return backend(url, api_key, name=name, verify=get_default_context())


def _openai_backend() -> type[OpenAIBackend]:
    """Import what would block the event loop, and is of no use to most houses."""
    from .openai_compatible import OpenAIBackend  # noqa: PLC0415

    return OpenAIBackend
