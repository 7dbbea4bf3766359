"""Home Assistant's platform for what is to be done around a backup."""

from homeassistant.core import HomeAssistant

from .const import LOGGER
from .errors import MemoryUnavailableError
from .memory.memory import DATA_MEMORY


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Have all facts in the memory's own file, which is then copied at some moment.

    A backup copies the file's log (-wal) as well, but at another moment. A memory that cannot be
    used is no reason to do without a backup.
    """
    try:
        await hass.data[DATA_MEMORY].async_checkpoint()
    except MemoryUnavailableError as err:
        LOGGER.warning("The backup may lack the newest facts of the memory: %s", err)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Do nothing: facts may be told while a backup is made. Home Assistant asks for both."""
