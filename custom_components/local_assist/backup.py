"""Home Assistant's platform for what is to be done around a backup."""

from homeassistant.core import HomeAssistant

from .const import LOGGER
from .memory.errors import MemoryUnavailableError
from .memory.memory import DATA_MEMORY


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Have all facts in the memory's own file, and leave it as it is while it is copied.

    What is told meanwhile goes into the file's log (-wal), so it need not wait. A memory that
    cannot be used is no reason to do without a backup.
    """
    await _checkpoint(hass, still=True)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Let the file change again."""
    await _checkpoint(hass, still=False)


async def _checkpoint(hass: HomeAssistant, *, still: bool) -> None:
    try:
        await hass.data[DATA_MEMORY].async_checkpoint(still=still)
    except MemoryUnavailableError as err:
        LOGGER.warning("The backup may lack the newest facts of the memory: %s", err)
