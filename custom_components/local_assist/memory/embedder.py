"""The vector of a query that a tool or an action looks for, where an agent has a model for it."""

from collections.abc import Awaitable, Callable
from functools import partial

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .vectors import Vector

type Embedder = Callable[[str], Awaitable[tuple[Vector, str] | None]]
"""Returns the vector of a text and the model that computed it; None if that takes too long."""

_DATA_EMBEDDERS: HassKey[list[Embedder]] = HassKey("local_assist_embedders")


@callback
def async_offer(hass: HomeAssistant, embedder: Embedder) -> CALLBACK_TYPE:
    """Offer an agent's embedding model for queries; return what takes it back."""
    offered = hass.data.setdefault(_DATA_EMBEDDERS, [])
    offered.append(embedder)
    return partial(offered.remove, embedder)


async def async_vector(hass: HomeAssistant, query: str) -> tuple[Vector | None, str | None]:
    """Return the vector of a query and its model; nothing where words have to do."""
    for embedder in hass.data.get(_DATA_EMBEDDERS, ()):
        if found := await embedder(query):
            return found
    return None, None
