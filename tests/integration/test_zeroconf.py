"""Servers that announce themselves, over real multicast on loopback."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_ZEROCONF, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.info import Info
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from custom_components.local_assist.const import CONF_HOST, CONF_PORT, CONF_URL, DOMAIN
from custom_components.local_assist.flows import servers
from tests.fakes.ollama import FakeOllama
from tests.fakes.wyoming import asr, describing, serve, tts
from tests.integration.flow_steps import answer, choose, only_here, options, start, suggested

SPEECH = Info(asr=[asr("en")], tts=[tts(anna="en")])


class Network:
    """A neighbour that announces servers."""

    def __init__(self, zeroconf: AsyncZeroconf) -> None:
        self.zeroconf = zeroconf

    async def announce(self, name: str, port: int, **txt: str) -> None:
        """Announce a server."""
        service = AsyncServiceInfo(
            servers.WYOMING_TYPE,
            f"{name}.{servers.WYOMING_TYPE}",
            port=port,
            properties=txt,
            server=f"{name}.local.",
            parsed_addresses=["127.0.0.1"],
        )
        await (await self.zeroconf.async_register_service(service))


def ours(role: str, instance_id: str = "abc", **txt: str) -> dict[str, str]:
    """Return the TXT record of one of our servers."""
    return {
        "software": "local-assist",
        "version": "0.1.0",
        "role": role,
        "id": instance_id,
    } | txt


@pytest.fixture
async def network(home: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Network]:
    """Home Assistant's own zeroconf and a neighbour's, both on loopback."""
    monkeypatch.setattr(
        "homeassistant.components.zeroconf._async_get_zc_args",
        lambda _hass: {"interfaces": ["127.0.0.1"]},
    )
    # It gives whoever makes a zeroconf Home Assistant's own, also after that is closed.
    monkeypatch.setattr(
        "homeassistant.components.zeroconf.install_multiple_zeroconf_catcher",
        lambda _zeroconf: None,
    )
    monkeypatch.setattr(servers, "BROWSE_TIME", 0.5)
    only_here(monkeypatch)
    assert await async_setup_component(home, "zeroconf", {})
    zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
    await zeroconf.zeroconf.async_wait_for_start()
    yield Network(zeroconf)
    await zeroconf.async_close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what multicast brings about."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def discovered(home: HomeAssistant, count: int = 1) -> list[Any]:
    """Wait for the cards that discovery puts up."""
    await until(lambda: len(cards(home)) >= count)
    await home.async_block_till_done(wait_background_tasks=True)
    return cards(home)


async def seen(home: HomeAssistant, count: int = 1) -> None:
    """Wait until that many servers were noticed, going by Home Assistant's own Wyoming cards."""

    def noticed() -> int:
        flows = home.config_entries.flow.async_progress()
        return sum(flow["handler"] == "wyoming" for flow in flows)

    await until(lambda: noticed() >= count)
    await home.async_block_till_done(wait_background_tasks=True)


def cards(home: HomeAssistant) -> list[Any]:
    """Return the cards discovery has put up."""
    return [
        flow
        for flow in home.config_entries.flow.async_progress()
        if flow["handler"] == DOMAIN and flow["context"]["source"] == SOURCE_ZEROCONF
    ]


def house(port: int, unique_id: str = "stt:abc") -> MockConfigEntry:
    """Return a house with one speech-to-text server."""
    return MockConfigEntry(
        domain=DOMAIN,
        subentries_data=[
            ConfigSubentryData(
                subentry_type="stt",
                title="Ear",
                unique_id=unique_id,
                data={CONF_HOST: "127.0.0.1", CONF_PORT: port},
            )
        ],
    )


async def test_two_servers_start_one_set_up(
    home: HomeAssistant, network: Network, ollama: FakeOllama
) -> None:
    """Two announced servers put up one card; behind it both are filled in, and their Ollama."""
    async with serve(describing(SPEECH)) as ear, serve(describing(SPEECH)) as mouth:
        await network.announce("local-assist-stt-abc", ear.port, **ours("stt", ollama=ollama.url))
        await network.announce("local-assist-tts-abc", mouth.port, **ours("tts"))
        await discovered(home)
        await seen(home, 2)
        (card,) = cards(home)

        result = await choose(home, card, "ollama")
        assert options(result, CONF_URL) == [ollama.url]
        result = await answer(home, result, {CONF_URL: ollama.url})
        result = await answer(home, result, {"model": "llama3.2:3b"})
        assert suggested(result, "stt") == f"127.0.0.1:{ear.port}"
        assert suggested(result, "tts") == f"127.0.0.1:{mouth.port}"
        speech = {role: suggested(result, role) for role in ("stt", "tts")}
        result = await answer(home, result, speech)
        result = await answer(home, result, {"name": "J", "language": "en", "preferred": False})
        await home.async_block_till_done()
        entry = result["result"]
        assert {
            subentry.unique_id for subentry in entry.subentries.values() if subentry.unique_id
        } == {"stt:abc", "tts:abc"}
        assert entry.unique_id == ollama.url
        assert not cards(home)
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_set_up_by_hand_takes_the_card_down(home: HomeAssistant, network: Network) -> None:
    """Who sets the house up by hand is no longer asked to."""
    async with serve(describing(SPEECH)) as ear:
        await network.announce("local-assist-stt-abc", ear.port, **ours("stt"))
        await discovered(home)
        result = await choose(home, await start(home), "without_ollama")
        assert options(result, "stt") == [f"127.0.0.1:{ear.port}"]
        result = await answer(home, result, {"stt": f"127.0.0.1:{ear.port}"})
        result = await answer(home, result, {"name": "J", "language": "en", "preferred": False})
        await home.async_block_till_done()
        assert not cards(home)
        assert await home.config_entries.async_unload(result["result"].entry_id)


async def test_other_wyoming_servers_are_found_but_put_up_no_card(
    home: HomeAssistant, network: Network
) -> None:
    """A stock server has no TXT record: it is offered in set-up for what it describes."""
    async with serve(describing(Info(tts=[tts(anna="en")]))) as piper:
        await network.announce("piper", piper.port)
        result = await choose(home, await start(home), "without_ollama")
        assert options(result, "stt") == []
        assert options(result, "tts") == [f"127.0.0.1:{piper.port}"]
        assert not cards(home)


async def test_a_new_server_is_offered_to_the_house(home: HomeAssistant, network: Network) -> None:
    """A server the house does not know is added after a yes; one that is gone is not."""
    async with serve(describing(SPEECH)) as ear:
        entry = house(ear.port)
        entry.add_to_hass(home)
        assert await home.config_entries.async_setup(entry.entry_id)
        async with serve(describing(SPEECH)) as mouth:
            port = mouth.port
            await network.announce("local-assist-tts-abc", port, **ours("tts"))
            (card,) = await discovered(home)
            assert card["step_id"] == "add_server"
        result = await answer(home, card, {})
        assert result["errors"] == {"base": "speech_connect"}

        async with serve(describing(SPEECH), port=port):
            result = await answer(home, result, {})
            await home.async_block_till_done()
            assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "server_added")
            (mouth_entry,) = entry.get_subentries_of_type("tts")
            assert mouth_entry.unique_id == "tts:abc"
            assert dict(mouth_entry.data) == {CONF_HOST: "127.0.0.1", CONF_PORT: port}
            assert home.states.get("tts.speaker") is not None
            assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_known_server_that_moved(home: HomeAssistant, network: Network) -> None:
    """A known id with another address changes the address, nothing else, and asks nothing."""
    entry = house(port=1)
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    (before,) = entry.subentries.values()
    async with serve(describing(SPEECH)) as ear:
        await network.announce("local-assist-stt-abc", ear.port, **ours("stt"))
        await until(lambda: entry.subentries[before.subentry_id].data[CONF_PORT] != 1)
        await home.async_block_till_done(wait_background_tasks=True)
        (after,) = entry.subentries.values()
        assert (after.title, after.unique_id) == ("Ear", "stt:abc")
        assert dict(after.data) == {CONF_HOST: "127.0.0.1", CONF_PORT: ear.port}
        assert not cards(home)
        assert home.states.get("stt.ear").state == "unknown"
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_stranger_with_another_id_moves_nothing(
    home: HomeAssistant, network: Network
) -> None:
    """Another server of the same kind is offered, and the one we have stays where it is."""
    async with serve(describing(SPEECH)) as ear, serve(describing(SPEECH)) as other:
        entry = house(ear.port)
        entry.add_to_hass(home)
        await network.announce("local-assist-stt-evil", other.port, **ours("stt", "evil"))
        (card,) = await discovered(home)
        assert card["step_id"] == "add_server"
        (subentry,) = entry.subentries.values()
        assert subentry.data[CONF_PORT] == ear.port


async def test_a_server_typed_in_by_address_gets_its_id(
    home: HomeAssistant, network: Network
) -> None:
    """A server that was set up by address is recognised, and can move from then on."""
    async with serve(describing(SPEECH)) as ear:
        entry = house(ear.port, unique_id=f"stt:127.0.0.1:{ear.port}")
        entry.add_to_hass(home)
        await network.announce("local-assist-stt-abc", ear.port, **ours("stt"))
        (subentry,) = entry.subentries.values()
        await until(lambda: subentry.unique_id == "stt:abc")
        assert not cards(home)


@pytest.mark.parametrize("with_house", [False, True])
async def test_ignored(home: HomeAssistant, network: Network, with_house: bool) -> None:
    """Who does not want the card does not get it again."""
    unique_id = "stt:abc" if with_house else DOMAIN
    MockConfigEntry(domain=DOMAIN, unique_id=unique_id, source=SOURCE_IGNORE).add_to_hass(home)
    if with_house:
        MockConfigEntry(domain=DOMAIN).add_to_hass(home)
    async with serve(describing(SPEECH)) as ear:
        await network.announce("local-assist-stt-abc", ear.port, **ours("stt"))
        await seen(home)
        assert not cards(home)


@pytest.mark.parametrize("txt", [{"role": "wake"}, {"role": ""}, {}])
async def test_a_record_that_makes_no_sense(
    home: HomeAssistant, network: Network, txt: dict[str, str]
) -> None:
    """A record of ours without a role we know is left alone."""
    async with serve(describing(SPEECH)) as server:
        await network.announce("local-assist-x", server.port, software="local-assist", **txt)
        await seen(home)
        assert not cards(home)
