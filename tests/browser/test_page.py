"""The page in a real browser, on a real house: what a person sees, clicks and types."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.demo_house import DemoHouse
from tests.browser.steps import AGENT, command, look_at

SECTIONS = ("Memory", "Turns", "Health", "Knowledge", "Models")
BINS = "The bins go out on Tuesday"
COFFEE = "Anna drinks her coffee black"
EVIL = "<img src=x onerror=\"document.title='gone'\"><script>document.title='gone'</script>"


@pytest.fixture
async def facts(page: Page) -> dict[str, str]:
    """Have two facts in an otherwise empty memory; return their ids by text."""
    listed = (await command(page, "local_assist/memory/list"))["facts"]
    await command(page, "local_assist/memory/delete", fact_ids=[fact["id"] for fact in listed])
    return {
        text: (await command(page, "local_assist/memory/add", text=text))["fact"]["id"]
        for text in (BINS, COFFEE)
    }


async def texts(page: Page) -> list[str]:
    """Return the facts that the house remembers, sorted."""
    listed = await command(page, "local_assist/memory/list")
    return sorted(fact["text"] for fact in listed["facts"])


@pytest.mark.usefixtures("facts")
async def test_the_sidebar_leads_to_the_page_and_its_sections(page: Page):
    """Each section has its address, also for the way back and for whoever comes by a link."""
    await page.get_by_role("link", name="Local Assist").click()
    for name in SECTIONS:
        await page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        await expect(page.get_by_role("heading", name=name, level=2)).to_be_visible()
        assert page.url.endswith(f"/local-assist#{name.lower()}")
        current = page.locator("local-assist-page [aria-current=page]")
        await expect(current).to_have_text(name)
    await page.go_back()
    await expect(page.get_by_role("heading", name="Knowledge", level=2)).to_be_visible()
    await look_at(page, "health")


@pytest.mark.usefixtures("facts")
async def test_a_fact_is_added_changed_and_deleted(page: Page):
    """What is done on the page is so in the house, and the page says that it is."""
    memory = await look_at(page, "memory")
    status = page.locator("local-assist-page").get_by_role("status")
    await memory.get_by_role("button", name="Add a fact").click()
    await memory.get_by_label("Fact", exact=True).fill("Max is three")
    await memory.get_by_role("form").get_by_label("Person").select_option("demo")
    await memory.get_by_role("button", name="Save").click()
    await expect(status).to_have_text("Saved.")
    demo = memory.get_by_role("list", name="demo", exact=True)
    await expect(demo.get_by_role("listitem")).to_contain_text("Max is three")

    await memory.get_by_role("button", name="Edit: Max is three").click()
    await memory.get_by_label("Fact", exact=True).fill("Max is four")
    await memory.get_by_label("Forget after").fill("2099-12-31T18:00")
    await memory.get_by_role("button", name="Save").click()
    await expect(demo.get_by_role("listitem")).to_contain_text("forgotten after 31 Dec 2099, 18:00")
    assert await texts(page) == [COFFEE, "Max is four", BINS]

    await memory.get_by_role("button", name="Delete: Max is four").click()
    dialog = page.get_by_role("dialog", name="Delete for good?")
    await expect(dialog).to_contain_text("Max is four")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(memory.get_by_role("button", name="Delete: Max is four")).to_be_focused()
    await memory.get_by_role("button", name="Delete: Max is four").click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(status).to_have_text("Deleted: 1")
    await expect(demo).to_have_count(0)
    assert await texts(page) == [COFFEE, BINS]


@pytest.mark.usefixtures("facts")
async def test_what_cannot_be_saved_is_said_and_nothing_is_lost(page: Page):
    """The form stays as it is, with what was typed."""
    memory = await look_at(page, "memory")
    await memory.get_by_role("button", name=f"Edit: {BINS}").click()
    await memory.get_by_label("Fact", exact=True).fill("Something new")
    await memory.get_by_label("Forget after").fill("2020-01-01T00:00")
    await memory.get_by_role("button", name="Save").click()
    alert = page.locator("local-assist-page").get_by_role("alert")
    await expect(alert).to_contain_text("must be a time that is still to come")
    await expect(memory.get_by_label("Fact", exact=True)).to_have_value("Something new")
    assert await texts(page) == [COFFEE, BINS]
    await alert.get_by_role("button", name="Dismiss").click()
    await expect(alert).to_be_hidden()


async def test_facts_are_found_and_deleted_together(page: Page, facts: dict[str, str]):
    """A search and a person narrow the list; what is ticked goes at once."""
    memory = await look_at(page, "memory")
    items = memory.get_by_role("listitem")
    await memory.get_by_label("Search").fill("coffee anna")
    await expect(items).to_have_count(1)
    await expect(page.locator("local-assist-page").get_by_role("status")).to_have_text("Found: 1")
    await memory.get_by_label("Search").fill("")
    await expect(items).to_have_count(len(facts))
    await memory.get_by_label("Person").select_option("demo")
    await expect(items).to_have_count(0)
    await memory.get_by_label("Person").select_option("Everybody")

    await memory.get_by_role("checkbox", name=f"Select: {BINS}").check()
    await expect(memory.get_by_role("button", name="Delete selected (1)")).to_be_enabled()
    await memory.get_by_role("button", name="Select all").click()
    await memory.get_by_role("button", name="Delete selected (2)").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(items).to_have_count(0)
    assert await texts(page) == []


async def test_the_memory_is_taken_along_and_brought_back(
    page: Page, facts: dict[str, str], tmp_path: Path
):
    """An exported file holds all facts, and importing it brings back what is gone."""
    memory = await look_at(page, "memory")
    async with page.expect_download() as download:
        await memory.get_by_role("button", name="Export").click()
    file = await download.value
    assert re.fullmatch(r"local-assist-memory-\d{4}-\d\d-\d\d\.json", file.suggested_filename)
    path = tmp_path / "memory.json"
    await file.save_as(path)
    assert sorted(fact["text"] for fact in json.loads(path.read_text())["facts"]) == [COFFEE, BINS]

    await command(page, "local_assist/memory/delete", fact_ids=[facts[BINS]])
    await expect(memory.get_by_role("listitem")).to_have_count(1)
    await memory.locator("input[type=file]").set_input_files(path)
    await expect(page.locator("local-assist-page").get_by_role("status")).to_have_text(
        "Imported: 1. Changed: 0. Known already: 1."
    )
    assert await texts(page) == [COFFEE, BINS]

    path.write_text("no JSON")
    await memory.locator("input[type=file]").set_input_files(path)
    alert = page.locator("local-assist-page").get_by_role("alert")
    await expect(alert).to_contain_text("This file is not an export of the memory.")


async def test_what_is_remembered_meanwhile_appears_without_disturbing(
    page: Page, facts: dict[str, str]
):
    """A change from elsewhere is shown at once; what is typed stays, and so does the focus."""
    memory = await look_at(page, "memory")
    await memory.get_by_role("button", name=f"Edit: {BINS}").click()
    typed = memory.get_by_label("Fact", exact=True)
    await typed.fill("The bins go out on")
    await command(page, "local_assist/memory/add", text="Max is three")
    await expect(memory.get_by_text("Max is three")).to_be_visible()
    await expect(typed).to_be_focused()
    await page.keyboard.type(" Friday")
    await expect(typed).to_have_value("The bins go out on Friday")
    await page.keyboard.press("Escape")
    await expect(memory.get_by_role("button", name=f"Edit: {BINS}")).to_be_focused()
    await command(page, "local_assist/memory/delete", fact_ids=[facts[COFFEE]])
    await expect(memory.get_by_text(COFFEE)).to_have_count(0)
    await expect(memory.get_by_role("button", name=f"Edit: {BINS}")).to_be_focused()


@pytest.mark.usefixtures("facts")
async def test_everything_can_be_done_by_keyboard(page: Page):
    """Tab and Enter are enough to add, change and delete a fact; the focus is never lost."""
    await look_at(page, "memory")

    async def tab_to(name: str) -> None:
        for _ in range(60):
            await page.keyboard.press("Tab")
            focused = await page.evaluate(
                """() => {
                  let at = document.activeElement;
                  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                  return at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent
                    ?? at?.textContent.trim();
                }"""
            )
            if focused == name:
                return
        pytest.fail(f"Tab does not reach {name!r}")

    async def press(name: str) -> None:
        await tab_to(name)
        await page.keyboard.press("Enter")

    await press("Add a fact")
    await page.keyboard.type("Max is three")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Max is three")).to_be_visible()
    await press("Edit: Max is three")
    await page.keyboard.press("End")
    await page.keyboard.type(" years old")
    await press("Save")
    await expect(page.get_by_role("button", name="Edit: Max is three years old")).to_be_focused()
    await press("Delete: Max is three years old")
    await expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    await press("Delete")
    await expect(page.get_by_text("Max is three")).to_have_count(0)
    await expect(page.get_by_role("button", name=f"Delete: {COFFEE}")).to_be_focused()
    assert await texts(page) == [COFFEE, BINS]


async def test_a_spoken_turn_is_shown_as_a_waterfall(page: Page, demo_house: DemoHouse):
    """A turn appears as it is over: each stage with its time, and what was found for it."""
    turns = await look_at(page, "turns")
    report = await demo_house.speak("bathroom-lights")
    assert report["transcript"] == "turn on the lights in the bathroom"
    spoken = turns.locator("details", has=page.get_by_role("heading", name=report["transcript"]))
    await expect(spoken).to_contain_text(report["reply"])
    table = spoken.get_by_role("table", name=re.compile("Stages of"))
    stages = await table.get_by_role("rowheader").all_inner_texts()
    assert stages[:2] == ["Listening", "Transcript"]
    assert {"Reply", "First sound"} <= set(stages)
    for bar in await spoken.locator(".bar").all():
        box = await bar.bounding_box()
        assert box is not None
        assert box["width"] >= 3

    await command(
        page, "conversation/process", text="make it bright here", agent_id=AGENT, language="en"
    )
    asked = turns.locator("details", has=page.get_by_role("heading", name="make it bright here"))
    await expect(asked).to_have_attribute("open", "")
    await expect(asked).to_contain_text("The kitchen light is on now.")
    await expect(asked).to_contain_text("HassTurnOn")
    await expect(asked.get_by_role("rowheader", name="First token")).to_be_visible()
    await expect(asked.get_by_role("rowheader", name="Tools")).to_be_visible()


@pytest.mark.usefixtures("facts")
async def test_names_stay_text(page: Page, demo_house: DemoHouse):
    """A fact, a sentence, a file or a model may look like a program, and is never run."""
    await command(page, "local_assist/memory/add", text=EVIL)
    await command(page, "conversation/process", text=EVIL, agent_id=AGENT, language="en")
    knowledge = demo_house.folder / "house" / "local_assist" / "knowledge"
    knowledge.mkdir(parents=True, exist_ok=True)
    (knowledge / "<img src=x onerror=alert(1)>.md").write_text("# Rules\n\nNo shoes inside.\n")
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))

    await expect((await look_at(page, "memory")).get_by_text(EVIL)).to_be_visible()
    await expect((await look_at(page, "turns")).get_by_role("heading", name=EVIL)).to_be_visible()
    shown = await look_at(page, "knowledge")
    await shown.get_by_role("button", name="Look for changes").click()
    row = shown.get_by_role("row", name="<img src=x onerror=alert(1)>.md")
    await expect(row).to_contain_text("Read")
    for section in ("memory", "turns", "knowledge"):
        shown = await look_at(page, section)
        await expect(shown.locator("img, script")).to_have_count(0)
    assert "gone" not in await page.title()


async def test_each_part_says_how_it_is(page: Page):
    """Ollama, the speech servers and the memory are working, each with its latency."""
    health = await look_at(page, "health")
    await command(page, "local_assist/memory/list")
    for name in ("Ollama", "Local Assist Whisper", "Local Assist Piper", "Memory"):
        row = health.get_by_role("row", name=re.compile(f"^{name}"))
        await expect(row).to_contain_text("Working")
        await expect(row).to_contain_text(re.compile(r"\d+ ms"))


async def test_models_come_are_loaded_and_go(page: Page, demo_house: DemoHouse):
    """A model is downloaded, loaded, unloaded and deleted, and the server has done it."""
    models = await look_at(page, "models")
    status = page.locator("local-assist-page").get_by_role("status")
    await models.get_by_label("Download a model").fill("tiny:1b")
    await models.get_by_role("button", name="Download").click()
    await expect(status).to_have_text("tiny:1b is installed.")
    row = models.get_by_role("row", name=re.compile("^tiny:1b"))
    await expect(row).to_contain_text("Q4_K_M")

    await row.get_by_role("button", name="Load tiny:1b").click()
    await expect(status).to_have_text("tiny:1b is loaded.")
    assert "tiny:1b" in demo_house.ollama.loaded
    await row.get_by_role("button", name="Unload tiny:1b").click()
    await expect(status).to_have_text("tiny:1b is unloaded.")
    assert "tiny:1b" not in demo_house.ollama.loaded

    await row.get_by_role("button", name="Delete tiny:1b").click()
    dialog = page.get_by_role("dialog", name="Delete this model?")
    await dialog.get_by_role("button", name="Delete").click()
    await expect(status).to_have_text("tiny:1b is deleted.")
    await expect(row).to_have_count(0)
    assert "tiny:1b" not in {model.name for model in demo_house.ollama.models}


async def test_a_download_shows_how_far_it_is_and_can_be_stopped(page: Page, demo_house: DemoHouse):
    """It goes on while another section is looked at; stopped, the server fetches no more."""
    demo_house.ollama.pull_seconds = 2.0
    models = await look_at(page, "models")
    await models.get_by_label("Download a model").fill("large:70b")
    await models.get_by_role("button", name="Download").click()
    bar = models.get_by_role("progressbar", name="Downloading large:70b ...")
    await expect(bar).to_have_attribute("value", "0.5", timeout=15_000)
    await expect(models).to_contain_text("500 B / 1 kB")

    await look_at(page, "health")
    await look_at(page, "models")
    await expect(bar).to_be_visible()
    await models.get_by_role("button", name="Cancel").click()
    status = page.locator("local-assist-page").get_by_role("status")
    await expect(status).to_have_text("The download of large:70b was stopped.")
    await expect(models.get_by_label("Download a model")).to_be_focused()
    left = asyncio.wait_for(demo_house.ollama.hung_up.wait(), 30)
    await asyncio.to_thread(demo_house.background.run, left)
    assert "large:70b" not in {model.name for model in demo_house.ollama.models}

    demo_house.ollama.pull_seconds = 0.0
    demo_house.ollama.pull_error = "pull model manifest: file does not exist"
    await models.get_by_label("Download a model").fill("nothing:1b")
    await models.get_by_role("button", name="Download").click()
    alert = page.locator("local-assist-page").get_by_role("alert")
    await expect(alert).to_contain_text("There is no model nothing:1b to download.")
    demo_house.ollama.pull_error = None
