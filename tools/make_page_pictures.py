"""Makes the pictures of docs/page.md: the page of a demo house, in light and dark.

    .venv/bin/python -m tools.make_page_pictures

Needs Debian's Chromium (script/packages).
"""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, async_playwright

from demo.house.prepare import PASSWORD, USER_NAME
from tests.browser.demo_house import DemoHouse, running

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1280, "height": 860}
COLOURS = 128
"""Enough for text and bars; keeps a picture well below 150 kB."""

FACTS = (
    "The bins go out on Tuesday",
    "The guest Wi-Fi is called Lighthouse",
    "The boiler is serviced every May",
)
OWN_FACTS = ("Is allergic to walnuts", "Gets up at half past six on weekdays")
RULES = "# House rules\n\n## Shoes\n\nShoes stay in the hallway.\n\n## Quiet\n\nQuiet after ten.\n"
MOVE = """(section, folder) => {
  const texts = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data.replace(folder, "/config");
  }
}"""
SENTENCE = "make the kitchen light nice and bright"


async def main() -> None:
    """Fill a demo house and take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as house:
        knowledge = house.folder / "house" / "local_assist" / "knowledge"
        knowledge.mkdir(parents=True, exist_ok=True)
        (knowledge / "house-rules.md").write_text(RULES)
        (knowledge / "dishwasher.md").write_text("# Dishwasher\n\n## E24\n\nClean the filter.\n")
        (knowledge / "broken.pdf").write_bytes(b"%PDF-1.7 that ends here")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            context = await browser.new_context(viewport=SIZE, locale="en-GB")
            page = await context.new_page()
            await _log_in(page, house.url)
            await _fill(page, house)
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                for section in ("memory", "turns", "health", "knowledge", "models"):
                    await _take(page, house, section, scheme)
            await browser.close()


async def _log_in(page: Page, url: str) -> None:
    await page.goto(url)
    await page.locator("input[name=username]").fill(USER_NAME)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("home-assistant-main").wait_for(state="attached")


async def _fill(page: Page, house: DemoHouse) -> None:
    """Have facts, turns and a loaded model, so that there is something to see."""
    people = (await _send(page, "local_assist/memory/list"))["people"]
    for text in FACTS:
        await _send(page, "local_assist/memory/add", text=text)
    for text in OWN_FACTS:
        await _send(page, "local_assist/memory/add", text=text, person=people[0]["id"])
    await _send(page, "local_assist/knowledge/rescan")
    await house.speak("bathroom-lights")
    await house.speak("dining-room-thermostat")
    await _send(
        page,
        "conversation/process",
        text=SENTENCE,
        agent_id="conversation.local_assist",
        language="en",
    )
    await page.goto(f"{house.url}/local-assist#knowledge")
    await page.get_by_text("Cannot be read").wait_for()


async def _send(page: Page, command: str, **data: object) -> dict:
    message = json.dumps({"type": command} | data)
    return await page.evaluate(f"document.querySelector('home-assistant').hass.callWS({message})")


async def _take(page: Page, house: DemoHouse, section: str, scheme: str) -> None:
    await page.goto(f"{house.url}/local-assist#{section}")
    shown = page.locator(f"local-assist-page section.{section}")
    await shown.get_by_role("heading", level=2).wait_for()
    await page.wait_for_timeout(1500)
    # The demo's folder is a temporary one; this is where most houses have theirs.
    await shown.evaluate(MOVE, str(house.folder / "house"))
    path = FOLDER / f"page-{section}-{scheme}.png"
    await page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
