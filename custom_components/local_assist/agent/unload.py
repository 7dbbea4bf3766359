"""Work that ends when the config entry is unloaded."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..errors import TurnInterruptedError


async def async_until_unload[ResultT](
    hass: HomeAssistant, entry: ConfigEntry[Any], work: Coroutine[Any, Any, ResultT], name: str
) -> ResultT:
    """Return what the work returns.

    The one who waits belongs to somebody else, a pipeline or an automation, and must not be
    cancelled: only the work is.

    Raises:
        TurnInterruptedError: the entry was unloaded meanwhile.
    """
    task = entry.async_create_background_task(hass, work, f"{name} of {entry.title}")
    try:
        return await task
    except asyncio.CancelledError as err:
        waiting = asyncio.current_task()
        if waiting and waiting.cancelling():
            raise
        raise TurnInterruptedError from err
