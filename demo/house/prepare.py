"""Makes a configuration folder Home Assistant starts from without asking anything."""

import asyncio
import shutil
from pathlib import Path

from homeassistant.auth import AuthManager, auth_manager_from_config
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.auth.providers.homeassistant import HassAuthProvider
from homeassistant.components import onboarding
from homeassistant.components.http import config as http_config
from homeassistant.components.onboarding.const import STEPS
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.helpers.storage import Store

TEMPLATE = Path(__file__).parent / "config"
USER_NAME = "demo"
PASSWORD = "demo"


async def prepare_config(target: Path, port: int, *, host: str = "127.0.0.1") -> None:
    """Copy the house to a folder and give it its address, its owner and a finished onboarding.

    What is stored is written by Home Assistant's own code, so that it has the form the installed
    release expects.

    Args:
        target: configuration folder, missing or empty.
        port: port of the web interface and the API.
        host: address they are served on.

    Raises:
        FileExistsError: the folder is in use.
    """
    await asyncio.to_thread(_copy_template, target)
    hass = HomeAssistant(str(target))
    try:
        await _store_address(hass, host, port)
        await _store_owner(hass)
        await _finish_onboarding(hass)
    finally:
        await hass.async_stop(force=True)


def _copy_template(target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty: name a new folder for the demo house.")
    shutil.copytree(TEMPLATE, target, dirs_exist_ok=True)


async def _store_address(hass: HomeAssistant, host: str, port: int) -> None:
    """Store the address as a confirmed one; an unconfirmed one is taken back after five minutes."""
    store = await http_config.async_get_and_load_store(hass)
    address = {"server_host": [host], "server_port": port}
    await store.async_set_pending(http_config.HTTP_STORAGE_SCHEMA(address))
    await store.async_promote_pending()


async def _store_owner(hass: HomeAssistant) -> None:
    """Store the one user, who may do everything."""
    hass.config_entries = ConfigEntries(hass, {})
    await hass.config_entries.async_initialize()
    device_registry.async_setup(hass)
    await device_registry.async_load(hass)
    await entity_registry.async_load(hass)
    hass.auth = await auth_manager_from_config(hass, [{"type": "homeassistant"}], [])
    provider = _password_provider(hass.auth)
    await provider.async_initialize()
    await provider.async_add_auth(USER_NAME, PASSWORD)
    owner = await hass.auth.async_create_user(USER_NAME, group_ids=[GROUP_ID_ADMIN])
    credentials = await provider.async_get_or_create_credentials({"username": USER_NAME})
    await hass.auth.async_link_user(owner, credentials)


def _password_provider(auth: AuthManager) -> HassAuthProvider:
    (provider,) = auth.auth_providers
    assert isinstance(provider, HassAuthProvider)
    return provider


async def _finish_onboarding(hass: HomeAssistant) -> None:
    store = Store[onboarding.OnboardingStoreData](
        hass, onboarding.STORAGE_VERSION, onboarding.STORAGE_KEY, private=True
    )
    await store.async_save({"done": list(STEPS)})
