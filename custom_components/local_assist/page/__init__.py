"""The page of Local Assist in Home Assistant's sidebar, and the commands it sends."""

import hashlib
from pathlib import Path
from typing import Final

from homeassistant.components import panel_custom
from homeassistant.components.frontend import async_panel_exists, async_remove_panel
from homeassistant.components.http import StaticPathConfig  # type: ignore[attr-defined]
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_PAGE, DEFAULT_PAGE, DOMAIN
from ..runtime import LocalAssistConfigEntry
from . import health_api, knowledge_api, memory_api, models_api, turns_api

URL_PATH: Final = "local-assist"
ELEMENT: Final = "local-assist-page"
FRONTEND: Final = Path(__file__).parent / "frontend"
# Where the page's files are served, since Home Assistant started.
DATA_FILES_URL: HassKey[str] = HassKey(f"{DOMAIN}_page_files_url")


async def async_setup(hass: HomeAssistant) -> None:
    """Serve the page's files and answer its commands, once for all entries."""
    # The address changes with the content, so browsers may keep the files for ever.
    url = f"/{DOMAIN}/{await hass.async_add_executor_job(_digest)}"
    await hass.http.async_register_static_paths([StaticPathConfig(url, str(FRONTEND))])
    hass.data[DATA_FILES_URL] = url
    for api in (memory_api, turns_api, health_api, knowledge_api, models_api):
        api.async_register(hass)


def _digest() -> str:
    """Return what changes when any of the page's files does."""
    digest = hashlib.sha256()
    for path in sorted(FRONTEND.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@callback
def async_follow(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
    """Have the page in the sidebar as long as an entry that wants it is loaded."""

    @callback
    def _changed() -> None:
        hass.async_create_task(_async_settle(hass, entry), "page of Local Assist")

    _changed()
    entry.async_on_unload(_changed)


async def _async_settle(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
    # A reload holds this lock from unloading until the entry is back. Without the page in between,
    # Home Assistant would show another one to whoever is looking at it.
    async with entry.setup_lock:
        wanted = any(
            loaded.options.get(CONF_PAGE, DEFAULT_PAGE)
            for loaded in hass.config_entries.async_loaded_entries(DOMAIN)
        )
    there = async_panel_exists(hass, URL_PATH)
    if wanted and not there:
        await panel_custom.async_register_panel(
            hass,
            frontend_url_path=URL_PATH,
            webcomponent_name=ELEMENT,
            sidebar_title="Local Assist",
            sidebar_icon="mdi:home-account",
            module_url=f"{hass.data[DATA_FILES_URL]}/page.js",
            require_admin=True,
        )
    elif there and not wanted:
        async_remove_panel(hass, URL_PATH)
