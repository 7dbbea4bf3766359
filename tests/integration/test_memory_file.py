"""The memory's file: damaged, read-only, full, in a backup, and closed when nobody needs it."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.memory import memory as module
from custom_components.local_assist.memory.errors import MemoryUnavailableError
from custom_components.local_assist.memory.memory import DATA_MEMORY, Memory
from custom_components.local_assist.memory.store import MemoryStore
from tests.fakes.ollama import FakeOllama, call, say
from tests.integration.agent_house import House, speech
from tests.integration.translated import ENGLISH, placeholders

BINS = "The bins go out on Tuesday"


@pytest.fixture
def path(hass: HomeAssistant) -> Path:
    """Return where the file is, in a folder that is there."""
    path = Path(hass.config.path(DOMAIN, "memory.db"))
    path.parent.mkdir()
    return path


def issue(hass: HomeAssistant, key: str) -> ir.IssueEntry | None:
    """Return an issue about the memory, whose words are all there."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, key)
    if found:
        words = ENGLISH["issues"][key]
        step = words["fix_flow"]["step"]["confirm"] if found.is_fixable else words
        assert words["title"] == step["title"]
        assert placeholders(step["description"]) == set(found.translation_placeholders or {})
    return found


def damage(path: Path) -> bytes:
    """Overwrite all of the file but its first page, or the beginning of what is not there."""
    kept = path.read_bytes()[:4096] if path.exists() else b""
    damaged = kept + b"nonsense" * 1000
    path.write_bytes(damaged)
    return damaged


def block(path: Path, *, blocked: bool) -> None:
    """Put a folder in the place of the file, or take it away: nobody, not even root, writes it."""
    if blocked:
        path.mkdir()
    else:
        path.rmdir()


async def test_a_damaged_file_is_put_aside(kitchen: House, ollama: FakeOllama, path: Path):
    """It is told where; the house goes on with an empty memory."""
    damaged = damage(path)
    await kitchen.add(ollama.url)
    (aside,) = path.parent.glob("memory.db.corrupt.*")
    assert await kitchen.hass.async_add_executor_job(aside.read_bytes) == damaged
    told = issue(kitchen.hass, "memory_damaged")
    assert told
    assert told.translation_placeholders == {"file": str(aside)}
    assert told.is_persistent
    memory = kitchen.hass.data[DATA_MEMORY]
    await memory.async_remember(BINS, person=None, source="action")
    assert [fact.text for fact in await memory.async_list()] == [BINS]
    assert speech(await kitchen.say("Hello")) == "All right."


async def test_a_file_that_is_damaged_while_it_is_open(hass: HomeAssistant, path: Path):
    """It is put aside when that comes out, and what is told then is kept."""
    memory = Memory(hass)
    for number in range(500):
        await memory.async_remember(f"Box {number} is blue", person=None, source="action")
    await memory.async_checkpoint()
    await hass.async_add_executor_job(damage, path)
    with memory._store._database.reading() as sql:
        # It would find everything in its cache.
        sql.execute("PRAGMA shrink_memory")
    await memory.async_remember(BINS, person=None, source="action")
    assert [fact.text for fact in await memory.async_list()] == [BINS]
    assert list(path.parent.glob("memory.db.corrupt.*"))
    assert issue(hass, "memory_damaged")
    await memory.async_close()


async def test_a_disk_that_fails_breaks_nothing(kitchen: House, ollama: FakeOllama, path: Path):
    """Neither set-up nor a turn; it is told, once in the log, and forgotten when it is mended."""
    block(path, blocked=True)
    await kitchen.add(ollama.url)
    hass, memory = kitchen.hass, kitchen.hass.data[DATA_MEMORY]
    told = issue(hass, "memory_unusable")
    assert told
    assert memory.health.error
    assert speech(await kitchen.say("When do the bins go out?")) == "All right."
    ollama.replies = [call("local_assist__Remember", fact=BINS), say("I could not.")]
    assert speech(await kitchen.say("Remember the bins")) == "I could not."
    assert "memory of the house cannot be used" in ollama.chats[-1]["messages"][-1]["content"]
    with pytest.raises(HomeAssistantError, match="cannot be used just now"):
        await hass.services.async_call(DOMAIN, "remember", {"text": BINS}, blocking=True)
    block(path, blocked=False)
    await hass.services.async_call(DOMAIN, "remember", {"text": BINS}, blocking=True)
    assert [fact.text for fact in await memory.async_list()] == [BINS]
    assert memory.health.error is None
    assert memory.health.latency_ms is not None
    assert not issue(hass, "memory_unusable")


async def test_a_full_memory_says_so(hass: HomeAssistant):
    """The oldest unused go, and people are told how many, not which."""
    memory = Memory(hass, max_facts=2)
    for text in ("One", "Two"):
        await memory.async_remember(text, person=None, source="action")
    assert not issue(hass, "memory_full")
    for text in ("Three", "Four"):
        await memory.async_remember(text, person="anna", source="action")
    told = issue(hass, "memory_full")
    assert told
    assert told.translation_placeholders == {"count": "2"}
    assert [fact.text for fact in await memory.async_list()] == ["Four", "Three"]
    await memory.async_close()


async def test_what_was_seen_is_told_no_longer(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, path: Path
):
    """A damaged file is not mended by that, so it is until then, over restarts."""
    damage(path)
    for component in ("homeassistant", "http", "repairs", DOMAIN):
        assert await async_setup_component(hass, component, {})
    await hass.data[DATA_MEMORY].async_list()
    assert issue(hass, "memory_damaged")
    client = await hass_client()
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": "memory_damaged"}
    )
    form = await answer.json()
    assert "memory.db.corrupt" in form["description_placeholders"]["file"]
    await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert not issue(hass, "memory_damaged")


async def test_a_copy_of_the_file_alone_holds_everything(
    hass: HomeAssistant, path: Path, tmp_path: Path
):
    """Once Home Assistant has said that it is about to make a backup."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, DOMAIN, {})
    memory = hass.data[DATA_MEMORY]
    await memory.async_remember(BINS, person=None, source="action")
    alone = tmp_path / "alone.db"
    shutil.copy(path, alone)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        sqlite3.connect(alone).execute("SELECT text FROM facts")
    assert await async_setup_component(hass, "backup", {})
    await hass.async_block_till_done()
    manager = hass.data["backup"]
    await manager.async_pre_backup_actions()
    shutil.copy(path, alone)
    await memory.async_remember("Told meanwhile", person=None, source="action")
    await manager.async_post_backup_actions()
    restored = MemoryStore(alone)
    assert restored.open().put_aside is None
    assert [fact.text for fact in restored.all(frozenset({None}))] == [BINS]
    restored.close()


async def test_a_memory_that_fails_keeps_no_backup_from_being_made(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
):
    """It says that it could not."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, DOMAIN, {})
    assert await async_setup_component(hass, "backup", {})
    await hass.async_block_till_done()
    manager = hass.data["backup"]
    await hass.data[DATA_MEMORY].async_remember(BINS, person=None, source="action")
    hass.data[DATA_MEMORY]._store.close()
    await manager.async_pre_backup_actions()
    await manager.async_post_backup_actions()
    assert "may lack the newest facts" in caplog.text


async def test_it_is_closed_with_the_last_house(kitchen: House, ollama: FakeOllama, path: Path):
    """And what it told was of use is in the file; whoever needs it then opens it."""
    entry = await kitchen.add(ollama.url)
    memory = kitchen.hass.data[DATA_MEMORY]
    fact = await memory.async_remember(BINS, person=None, source="action")
    await memory.async_used([fact.id])
    assert path.with_name("memory.db-wal").exists()
    await kitchen.hass.config_entries.async_unload(entry.entry_id)
    assert not path.with_name("memory.db-wal").exists()
    (known,) = await memory.async_list()
    assert known.used


async def test_nothing_opens_it_after_the_end(hass: HomeAssistant, path: Path):
    """Home Assistant is about to end its threads."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, DOMAIN, {})
    memory = hass.data[DATA_MEMORY]
    await memory.async_remember(BINS, person=None, source="action")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    assert not path.with_name("memory.db-wal").exists()
    with pytest.raises(MemoryUnavailableError):
        await memory.async_list()


async def test_who_listens_hears_of_every_change(hass: HomeAssistant):
    """Once each, until they do not want to any more."""
    memory = Memory(hass)
    heard: list[int] = []
    stop = memory.async_listen(lambda: heard.append(memory.changes))
    fact = await memory.async_remember(BINS, person=None, source="action")
    await memory.async_list()
    await memory.async_recall("bins", person=None, language="en")
    changed = await memory.async_change(fact.id, text="The bins go out on Monday")
    assert changed
    exported = await memory.async_export()
    assert await memory.async_forget([fact.id]) == [changed]
    assert await memory.async_forget([fact.id]) == []
    assert await memory.async_change(fact.id, text="Nothing") is None
    await memory.async_import(exported)
    await memory.async_import(exported)
    assert heard == [1, 2, 3, 4]
    stop()
    await memory.async_forget([fact.id])
    assert len(heard) == 4
    await memory.async_close()


async def test_conversations_are_forgotten_in_turn(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
):
    """What they were about is kept of the latest only."""
    monkeypatch.setattr(module, "_CONVERSATIONS", 2)
    memory = Memory(hass)
    fact = await memory.async_remember(BINS, person=None, source="action")
    for conversation in ("a", "b", "c"):
        memory.speak_of(conversation, [fact])
    spoken_of = [memory.spoken_of(conversation) for conversation in ("a", "b", "c")]
    assert spoken_of == [(), (fact.id,), (fact.id,)]
    await memory.async_close()
