"""The knowledge folder: what is in it can be found, and what is wrong with it is told."""

import os
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.knowledge import folder as folder_module
from custom_components.local_assist.knowledge import index as index_module
from custom_components.local_assist.knowledge import reading
from custom_components.local_assist.knowledge.knowledge import DATA_KNOWLEDGE, Knowledge
from custom_components.local_assist.knowledge.store import KnowledgeStore
from tests.pdfs import pdf

RULES = "# House rules\n\n## Bins\n\nThe paper bin goes out on Tuesday evening.\n"
MANUAL = pdf(["Cleaning", "Rinse the filter every month."], ["Errors", "E15 is a leak."])


@dataclass
class Folder:
    """The folder of a running house."""

    hass: HomeAssistant
    path: Path
    entry: MockConfigEntry

    @property
    def knowledge(self) -> Knowledge:
        """Return what is known of it."""
        return self.hass.data[DATA_KNOWLEDGE]

    def write(self, name: str, content: str | bytes, *, age: float = 3600) -> Path:
        """Write a file that has been there for some time."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        written = dt_util.utcnow().timestamp() - age
        os.utime(path, (written, written))
        return path

    async def look(self) -> None:
        """Let the time until the next look at the folder pass."""
        async_fire_time_changed(self.hass, dt_util.utcnow() + timedelta(seconds=31))
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def find(self, query: str) -> list[str]:
        """Return where a query is answered."""
        found = await self.knowledge.async_search(query, language="en")
        return [" > ".join((each.file, *each.headings)) for each in found]

    @property
    def states(self) -> dict[str, tuple[str, str | None]]:
        """Return state and problem of each file."""
        return {
            file.name: (file.state.value, file.problem.key if file.problem else None)
            for file in self.knowledge.files
        }

    @property
    def issue(self) -> str | None:
        """Return the files that the repair issue names."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, "knowledge_files")
        if issue is None:
            return None
        assert issue.translation_placeholders
        return issue.translation_placeholders["files"]


@pytest.fixture
async def folder(hass: HomeAssistant) -> AsyncGenerator[Folder]:
    """Run a house with an empty folder."""
    assert await async_setup_component(hass, "homeassistant", {})
    entry = MockConfigEntry(domain=DOMAIN, title="House", data={})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    yield Folder(hass, Path(hass.config.path("local_assist", "knowledge")), entry)
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def test_it_is_made_empty(folder: Folder) -> None:
    """So that people see where to put their files."""
    assert folder.path.is_dir()
    assert list(folder.path.iterdir()) == []
    assert folder.states == {}
    assert folder.issue is None


async def test_files_of_each_kind_are_found(folder: Folder) -> None:
    """By their words, by their headings and by their names, with the page where there are pages."""
    folder.write("rules.md", RULES)
    folder.write("recipes/pancakes.txt", "Mix flour, milk and two eggs.")
    folder.write("dishwasher.pdf", MANUAL)
    await folder.look()

    assert (await folder.find("when does the paper go out"))[0] == "rules.md > House rules > Bins"
    assert await folder.find("eggs") == ["recipes/pancakes.txt"]
    (leak,) = await folder.knowledge.async_search("E15", language="en")
    assert (leak.file, leak.page) == ("dishwasher.pdf", 1)
    assert "E15 is a leak." in leak.text
    assert set(await folder.find("dishwasher")) == {"dishwasher.pdf"}
    assert set(folder.states.values()) == {("indexed", None)}


async def test_it_follows_changes(folder: Folder) -> None:
    """A changed file is read anew, a removed one forgotten, a renamed one found by its new name."""
    folder.write("rules.md", RULES)
    folder.write("pets.md", "The cat eats at six.")
    await folder.look()
    folder.write("rules.md", RULES.replace("Tuesday", "Friday"), age=60)
    (folder.path / "pets.md").rename(folder.path / "animals.md")
    await folder.look()

    assert await folder.find("Tuesday") == []
    assert await folder.find("Friday") == ["rules.md > House rules > Bins"]
    assert await folder.find("cat") == ["animals.md"]
    (folder.path / "rules.md").unlink()
    await folder.look()
    assert await folder.find("Friday") == []
    assert list(folder.states) == ["animals.md"]


async def test_a_restart_reads_nothing_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read is kept, what was wrong as well; only what changed meanwhile is read."""
    folder.write("rules.md", RULES)
    folder.write("broken.pdf", b"%PDF-1.4 no more")
    folder.write("dishwasher.pdf", MANUAL)
    await folder.look()
    before = folder.states
    await folder.hass.config_entries.async_unload(folder.entry.entry_id)
    folder.write("new.txt", "The cat eats at six.")
    opened: list[str] = []
    digest = index_module.digest
    monkeypatch.setattr(
        index_module, "digest", lambda path: (opened.append(path.name), digest(path))[1]
    )

    await folder.hass.config_entries.async_setup(folder.entry.entry_id)
    assert await folder.find("Tuesday"), "found before the folder was looked at"
    await folder.look()

    assert opened == ["new.txt"]
    assert folder.states == before | {"new.txt": ("indexed", None)}


async def test_a_file_written_anew_with_the_same_in_it_is_not_read(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a synchronised folder has it."""
    folder.write("dishwasher.pdf", MANUAL)
    await folder.look()
    read: list[Path] = []
    monkeypatch.setattr(reading, "async_pdf", read.append)
    folder.write("dishwasher.pdf", MANUAL, age=60)
    await folder.look()
    await folder.look()

    assert read == []
    assert folder.states == {"dishwasher.pdf": ("indexed", None)}


PROBLEMS: dict[str, tuple[bytes, str]] = {
    "broken.pdf": (MANUAL[:200], "knowledge_damaged"),
    "picture.jpg": (b"\xff\xd8\xff", "knowledge_kind"),
    "scan.pdf": (pdf([], []), "knowledge_no_text"),
    "empty.md": (b"\n\n# Only a heading\n", "knowledge_no_text"),
    "program.txt": (b"\x7fELF\0\0\0\0" * 50, "knowledge_not_text"),
}


async def test_what_cannot_be_used_is_told_until_it_is_mended(folder: Folder) -> None:
    """Each with a reason a person can act upon; hidden files are nobody's affair."""
    for name, (content, _) in PROBLEMS.items():
        folder.write(name, content)
    folder.write(".hidden.bin", b"\0")
    folder.write(".git/config", b"\0")
    folder.write("rules.md", RULES)
    await folder.look()

    wrong = {name: ("failed", key) for name, (_, key) in PROBLEMS.items()}
    assert folder.states == wrong | {"rules.md": ("indexed", None)}
    assert folder.issue
    assert re.findall(r"^- `(.+?)`: \w.+\.$", folder.issue, re.MULTILINE) == sorted(PROBLEMS)
    for name in PROBLEMS:
        (folder.path / name).unlink()
    await folder.look()
    assert folder.issue is None


async def test_many_wrong_files_make_a_short_issue(folder: Folder) -> None:
    """It says how many more there are."""
    for number in range(23):
        folder.write(f"{number:02}.jpg", b"")
    await folder.look()
    assert folder.issue
    lines = folder.issue.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "- … (+ 3)"


async def test_a_file_that_is_being_copied_is_waited_for(folder: Folder) -> None:
    """It may be half there: nobody is told that it is damaged, and it is read when it is whole."""
    folder.write("dishwasher.pdf", MANUAL[:200], age=0)
    await folder.look()
    assert folder.states == {"dishwasher.pdf": ("waiting", None)}
    assert folder.issue is None
    folder.write("dishwasher.pdf", MANUAL, age=0)
    await folder.look()
    assert folder.states == {"dishwasher.pdf": ("indexed", None)}


async def test_a_large_file_is_not_opened(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """30 MB are refused by their size alone."""
    with (folder.path / "large.txt").open("wb") as file:
        file.truncate(30_000_000)
    opened: list[Path] = []
    monkeypatch.setattr(index_module, "digest", opened.append)
    await folder.look()
    assert folder.states == {"large.txt": ("failed", "knowledge_too_large")}
    assert opened == []
    assert folder.issue
    assert "It has 30 MB; at most 25 MB are read." in folder.issue


async def test_links_do_not_lead_out(folder: Folder, tmp_path: Path) -> None:
    """Neither to a file nor to a folder; a link within the folder is a file like others."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secrets.md").write_text("The alarm code is 4711.")
    (folder.path / "linked").symlink_to(outside, target_is_directory=True)
    (folder.path / "secrets.md").symlink_to(outside / "secrets.md")
    (folder.path / "circle").symlink_to(folder.path, target_is_directory=True)
    (folder.path / "dangling.md").symlink_to(folder.path / "nothing.md")
    os.mkfifo(folder.path / "pipe.txt")
    folder.write("rules.md", RULES)
    (folder.path / "same.md").symlink_to(folder.path / "rules.md")
    await folder.look()

    assert folder.states == {
        "linked": ("failed", "knowledge_outside"),
        "rules.md": ("indexed", None),
        "same.md": ("indexed", None),
        "secrets.md": ("failed", "knowledge_outside"),
    }
    assert await folder.find("alarm code 4711") == []


async def test_only_so_many_files_are_read(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that is not is named."""
    monkeypatch.setattr(folder_module, "MAX_FILES", 2)
    monkeypatch.setattr(index_module, "MAX_FILES", 2)
    for name in "abcd":
        folder.write(f"{name}.txt", f"Text of {name}, about {name * 5}.")
    await folder.look()
    assert folder.states == {
        "a.txt": ("indexed", None),
        "b.txt": ("indexed", None),
        "c.txt": ("failed", "knowledge_too_many"),
    }
    (folder.path / "a.txt").unlink()
    (folder.path / "d.txt").unlink()
    await folder.look()
    assert folder.states == {"b.txt": ("indexed", None), "c.txt": ("indexed", None)}


async def test_only_so_many_passages_are_kept(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that does not fit is told of, and read once there is room."""
    monkeypatch.setattr(index_module, "MAX_CHUNKS", 3)
    two = "# A\n\nThe first thing.\n\n# B\n\nThe second thing.\n"
    folder.write("a.md", two)
    folder.write("b.md", two)
    await folder.look()
    assert folder.states == {"a.md": ("indexed", None), "b.md": ("failed", "knowledge_full")}
    folder.write("a.md", "One thing only.", age=60)
    await folder.look()
    assert folder.states == {"a.md": ("indexed", None), "b.md": ("indexed", None)}


async def test_the_end_of_a_long_text_is_left_out(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its beginning can be found, and people are told."""
    monkeypatch.setattr(reading, "MAX_CHARACTERS", 1000)
    folder.write("long.txt", "Apples are red.\n\n" + "And so on. " * 100 + "\n\nPlums are blue.")
    await folder.look()
    assert folder.states == {"long.txt": ("indexed", "knowledge_part")}
    assert await folder.find("apples") == ["long.txt"]
    assert await folder.find("plums") == []
    assert folder.issue


async def test_a_file_that_may_not_be_read_is_tried_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions change without a change of the file."""
    path = folder.write("rules.md", RULES)

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(reading.Path, "open", refuse)
        await folder.look()
    assert folder.states == {"rules.md": ("failed", "knowledge_unreadable")}
    assert path.exists()
    await folder.look()
    assert folder.states == {"rules.md": ("indexed", None)}


@pytest.mark.parametrize("stays", [True, False])
async def test_half_a_file_is_not_taken_for_the_whole(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    """When Home Assistant is stopped while it is read; also if the file is gone at the start."""
    folder.write("pets.md", "The cat eats at six.")
    await folder.look()
    rules = folder.write("rules.md", "\n".join(f"# Rule {n}\n\nIt is {n * 7}." for n in range(60)))

    def stop(*_: Any) -> None:
        raise SystemError

    with monkeypatch.context() as patched:
        patched.setattr(KnowledgeStore, "put", stop)
        with pytest.raises(SystemError):
            await folder.knowledge.async_rescan()
    if not stays:
        rules.unlink()
    await folder.hass.config_entries.async_reload(folder.entry.entry_id)
    await folder.look()
    assert await folder.find("413") == (["rules.md > Rule 59"] if stays else [])
    assert folder.knowledge.health.chunks == 1 + 60 * stays
    missing = await folder.knowledge.async_missing_vectors("any", limit=1000)
    assert len(missing) == folder.knowledge.health.chunks


async def test_a_damaged_index_is_made_anew(folder: Folder) -> None:
    """Everything in it can be read again."""
    folder.write("rules.md", RULES)
    await folder.look()
    await folder.hass.config_entries.async_unload(folder.entry.entry_id)
    await folder.hass.async_block_till_done()
    file = folder.path.parent / "knowledge.db"
    file.write_bytes(b"no database" * 1000)
    await folder.hass.config_entries.async_setup(folder.entry.entry_id)
    await folder.look()
    assert await folder.find("Tuesday") == ["rules.md > House rules > Bins"]
    assert sorted(path.name for path in folder.path.parent.glob("knowledge.db.corrupt*")) == []


async def test_a_folder_that_cannot_be_read_stops_nothing(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    """What was known stays, one line tells, and all goes on when the folder is back."""
    folder.write("rules.md", RULES)
    await folder.look()
    folder.path.rename(folder.path.with_name("elsewhere"))
    folder.path.write_text("not a folder")
    for _ in range(3):
        await folder.look()
    assert await folder.find("Tuesday")
    assert folder.knowledge.health.error
    assert caplog.text.count("cannot be used") == 1
    folder.path.unlink()
    folder.path.with_name("elsewhere").rename(folder.path)
    await folder.look()
    assert folder.knowledge.health.error is None


async def test_a_name_that_is_no_text(folder: Folder) -> None:
    """File names are bytes; this one cannot be written down."""
    folder.write(os.fsdecode(b"m\xfcll.txt"), "Rubbish is collected on Monday.")
    await folder.look()
    assert await folder.find("rubbish") == ["m�ll.txt"]


async def test_the_page_lists_the_files(folder: Folder, hass_ws_client: WebSocketGenerator) -> None:
    """With their states and what is wrong, and looks at the folder when asked to."""
    client = await hass_ws_client(folder.hass)
    folder.write("rules.md", RULES)
    folder.write("picture.jpg", b"123")
    await client.send_json_auto_id({"type": "local_assist/knowledge/rescan"})
    assert (await client.receive_json())["success"]
    await client.send_json_auto_id({"type": "local_assist/knowledge/list"})
    result = (await client.receive_json())["result"]

    assert result["folder"] == str(folder.path)
    assert result["limits"]["bytes"] == 25_000_000
    picture, rules = result["files"]
    assert picture["problem"].startswith('Files of the kind ".jpg" are not read.')
    assert (picture["name"], picture["state"], picture["chunks"]) == ("picture.jpg", "failed", 0)
    assert (rules["state"], rules["chunks"], rules["problem"]) == ("indexed", 1, None)
    assert rules["size"] == len(RULES)
    assert dt_util.parse_datetime(rules["modified"])


async def test_only_administrators_may_ask(
    folder: Folder, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    """The files are the household's, the page is not everybody's."""
    client = await hass_ws_client(folder.hass, hass_read_only_access_token)
    for command in ("list", "rescan"):
        await client.send_json_auto_id({"type": f"local_assist/knowledge/{command}"})
        assert (await client.receive_json())["error"]["code"] == "unauthorized"
