"""The page in the sidebar: there while an entry wants it, for administrators alone."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.frontend import async_panel_exists
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.local_assist import page
from custom_components.local_assist.const import CONF_PAGE, DOMAIN
from custom_components.local_assist.page import FRONTEND, URL_PATH


@pytest.fixture(autouse=True)
async def _frontend(home: HomeAssistant) -> None:
    """Set up what a browser asks, before a client does."""
    assert await async_setup_component(home, "frontend", {})
    assert await async_setup_component(home, DOMAIN, {})


async def add(hass: HomeAssistant, **options: bool) -> MockConfigEntry:
    """Set an entry up, without servers."""
    entry = MockConfigEntry(domain=DOMAIN, options=options)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def panel(client: Any) -> dict[str, Any] | None:
    """Return the page as Home Assistant tells a browser of it."""
    await client.send_json_auto_id({"type": "get_panels"})
    panels = (await client.receive_json())["result"]
    found: dict[str, Any] | None = panels.get(URL_PATH)
    return found


async def test_the_page_is_there_while_an_entry_is(
    home: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """It comes with the first entry and goes with the last."""
    client = await hass_ws_client(home)
    assert await panel(client) is None

    first = await add(home)
    shown = await panel(client)
    assert shown is not None
    assert (shown["title"], shown["require_admin"]) == ("Local Assist", True)

    second = await add(home)
    await home.config_entries.async_unload(first.entry_id)
    await home.async_block_till_done()
    assert await panel(client) == shown

    await home.config_entries.async_set_disabled_by(second.entry_id, ConfigEntryDisabler.USER)
    await home.async_block_till_done()
    assert await panel(client) is None


async def test_a_reload_leaves_the_page_where_it_is(home: HomeAssistant) -> None:
    """Whoever is looking at the page is not thrown out."""
    entry = await add(home)
    updates = async_capture_events(home, "panels_updated")
    await home.config_entries.async_reload(entry.entry_id)
    await home.async_block_till_done()
    assert async_panel_exists(home, URL_PATH)
    assert updates == []


async def test_an_option_turns_the_page_off_and_on(
    home: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """The option takes effect at once; another entry that wants the page keeps it."""
    client = await hass_ws_client(home)
    entry = await add(home)
    other = await add(home, page=False)

    for on in (False, True):
        form = await home.config_entries.options.async_init(entry.entry_id)
        assert form["type"] is FlowResultType.FORM
        assert form["data_schema"]({}) == {CONF_PAGE: not on}
        await home.config_entries.options.async_configure(form["flow_id"], {CONF_PAGE: on})
        await home.async_block_till_done()
        assert (await panel(client) is not None) is on

    home.config_entries.async_update_entry(other, options={CONF_PAGE: True})
    home.config_entries.async_update_entry(entry, options={CONF_PAGE: False})
    await home.async_block_till_done()
    assert await panel(client) is not None


async def test_browsers_may_keep_the_files_for_ever(
    home: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_client: ClientSessionGenerator
) -> None:
    """The files' address has their content's digest in it."""
    await add(home)
    shown = await panel(await hass_ws_client(home))
    assert shown is not None
    url = shown["config"]["_panel_custom"]["module_url"]
    client = await hass_client()
    for path in sorted(FRONTEND.iterdir()):
        answer = await client.get(f"{url.rpartition('/')[0]}/{path.name}")
        assert answer.status == HTTPStatus.OK
        assert "javascript" in answer.headers["Content-Type"]
        assert "max-age=2678400" in answer.headers["Cache-Control"]
        assert await answer.read() == path.read_bytes()


def test_the_address_changes_with_the_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever has the old files gets the new ones, however they differ."""
    folder = tmp_path / "frontend"
    folder.mkdir()
    monkeypatch.setattr(page, "FRONTEND", folder)
    digests = {page._digest()}
    for name, text in (("a.js", ""), ("a.js", "1"), ("b.js", "1"), ("b.js", "2")):
        (folder / name).write_text(text)
        digests.add(page._digest())
    assert len(digests) == 5
