"""A house with one speech server that does what a test scripts."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.info import Info

from custom_components.local_assist.const import CONF_HOST, CONF_PORT, DOMAIN
from tests.fakes.wyoming import FakeWyoming, Peer, describing, serve


@asynccontextmanager
async def one_server(
    home: HomeAssistant,
    role: str,
    info: Info | None,
    script: Callable[[Peer], Awaitable[None]] | None = None,
    port: int = 0,
    **settings: Any,
) -> AsyncGenerator[MockConfigEntry]:
    """Set a house up with the server `it` and the settings of its subentry.

    The first client is told `info`, all later ones meet `script`. Without `info` nobody listens.
    """
    scripts = iter([describing(info or Info())])

    async def run(peer: Peer) -> None:
        await next(scripts, script or describing(info or Info()))(peer)

    @asynccontextmanager
    async def listening() -> AsyncGenerator[FakeWyoming]:
        if info is None:
            yield FakeWyoming("127.0.0.1", port)
            return
        async with serve(run) as server:
            yield server

    async with listening() as server:
        data = {CONF_HOST: server.host, CONF_PORT: server.port} | settings
        subentry = ConfigSubentryData(subentry_type=role, title="It", data=data, unique_id=None)
        entry = MockConfigEntry(domain=DOMAIN, subentries_data=[subentry])
        entry.add_to_hass(home)
        assert await home.config_entries.async_setup(entry.entry_id)
        await home.async_block_till_done()
        yield entry
        assert await home.config_entries.async_unload(entry.entry_id)
