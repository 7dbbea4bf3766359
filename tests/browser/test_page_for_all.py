"""The page for everybody: dark or light, narrow or wide, seen or heard."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.demo_house import DemoHouse
from tests.browser.steps import AGENT, command, look_at

SECTIONS = ("memory", "turns", "health", "knowledge", "models")
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, for text of usual size."""

CONTRASTS = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const painted = (colour, below = [0, 0, 0, 0]) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = `rgba(${below.slice(0, 3).join()},${below[3] / 255})`;
    context.fillRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const parent = (element) => element.parentElement ?? element.getRootNode().host;
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = parent(at)) {
      const colour = getComputedStyle(at).backgroundColor;
      layers.unshift(colour);
      if (painted(colour)[3] === 255) break;
    }
    return layers.reduce((below, colour) => painted(colour, below), [255, 255, 255, 255]);
  };
  const light = (colour) => {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const root = document.querySelector("home-assistant").shadowRoot
    .querySelector("home-assistant-main").shadowRoot.querySelector("local-assist-page").shadowRoot;
  const found = [];
  for (const element of root.querySelectorAll("*")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.textContent.trim()).join("");
    if (!text || !element.checkVisibility({ opacityProperty: true }) || element.disabled) continue;
    const ground = behind(element);
    const ink = painted(getComputedStyle(element).color, ground);
    const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
    found.push([text.slice(0, 40), (high + 0.05) / (low + 0.05)]);
  }
  return found;
}"""

NAMELESS = """() => {
  const root = document.querySelector("home-assistant").shadowRoot
    .querySelector("home-assistant-main").shadowRoot.querySelector("local-assist-page").shadowRoot;
  const names = (element) => element.getAttribute("aria-label")
    || (element.getAttribute("aria-labelledby") ?? "").split(" ")
      .map((id) => root.getElementById(id)?.textContent ?? "").join("").trim()
    || [...(element.labels ?? [])].map((label) => label.textContent).join("").trim();
  const problems = [];
  const must = (ok, element, problem) => ok || problems.push(`${element.outerHTML}: ${problem}`);
  for (const input of root.querySelectorAll("input:not([hidden]), select, textarea, progress"))
    must(names(input), input, "no label");
  for (const button of root.querySelectorAll("button, a, summary"))
    must(names(button) || button.textContent.trim(), button, "no name");
  for (const region of root.querySelectorAll("section, nav, dialog, [role=region], form.fact-form"))
    must(names(region), region, "no name");
  for (const table of root.querySelectorAll("table")) {
    must(table.caption?.textContent.trim(), table, "no caption");
    for (const row of table.tBodies[0].rows)
      must(row.cells[0].scope === "row", row, "no head");
    for (const cell of table.tHead.rows[0].cells)
      must(cell.scope === "col" || cell.ariaHidden === "true", cell, "no head of a column");
  }
  for (const list of root.querySelectorAll("ul"))
    must([...list.children].every((item) => item.localName === "li"), list, "not only items");
  const ids = [...root.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) problems.push("an id is there twice");
  let level = 0;
  for (const heading of root.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(heading.localName[1]);
    must(next <= level + 1, heading, "a level of headings is passed over");
    level = next;
  }
  if (!root.querySelector("[role=status]") || !root.querySelector("[role=alert]"))
    problems.push("no live region");
  return problems;
}"""


@pytest.fixture
async def filled(page: Page, demo_house: DemoHouse) -> Page:
    """Have something to see in each section."""
    await command(page, "local_assist/memory/add", text="The bins go out on Tuesday")
    await command(page, "conversation/process", text="hello", agent_id=AGENT, language="en")
    knowledge = demo_house.folder / "house" / "local_assist" / "knowledge"
    knowledge.mkdir(parents=True, exist_ok=True)
    (knowledge / "rules.md").write_text("# Rules\n\nNo shoes inside.\n")
    (knowledge / "broken.pdf").write_bytes(b"%PDF-1.7 that ends here")
    await command(page, "local_assist/knowledge/rescan")
    return page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everything_can_be_read(filled: Page, dark: bool):
    """The page takes Home Assistant's colours, and all text stands out from what is behind it."""
    for section in SECTIONS:
        shown = await look_at(filled, section)
        await expect(shown.locator("table, .facts").first).to_be_visible()
        contrasts: list[Any] = await filled.evaluate(CONTRASTS)
        assert len(contrasts) > 8
        assert [found for found in contrasts if found[1] < LEAST_CONTRAST] == []
    page = filled.locator("local-assist-page")
    background = await page.evaluate("element => getComputedStyle(element).backgroundColor")
    brightness = sum(int(part) for part in background.strip("rgb()").split(",")) / 3
    assert (brightness < 64) is dark
    scheme = await page.evaluate("element => getComputedStyle(element).colorScheme")
    assert scheme == ("dark" if dark else "light")


async def test_everything_has_a_name(filled: Page):
    """Whoever hears the page instead of seeing it learns what everything is."""
    for section in SECTIONS:
        shown = await look_at(filled, section)
        await expect(shown.locator("table, .facts").first).to_be_visible()
        assert await filled.evaluate(NAMELESS) == []
    memory = await look_at(filled, "memory")
    await memory.get_by_role("button", name="Edit: The bins").first.click()
    assert await filled.evaluate(NAMELESS) == []
    await filled.keyboard.press("Escape")
    await memory.get_by_role("button", name="Delete: The bins").first.click()
    await expect(filled.get_by_role("dialog", name="Delete for good?")).to_be_visible()
    assert await filled.evaluate(NAMELESS) == []


async def test_it_fits_on_a_telephone(filled: Page):
    """Nothing hangs over the edge, and the menu button opens the sidebar."""
    await filled.set_viewport_size({"width": 360, "height": 740})
    for section in SECTIONS:
        await look_at(filled, section)
        wide, space = await filled.locator("local-assist-page").evaluate(
            "element => [element.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= space
    await filled.locator("local-assist-page ha-menu-button").click()
    await expect(filled.get_by_role("link", name="Local Assist")).to_be_visible()


async def test_motion_is_left_out_for_who_wants_none(filled: Page):
    """Nothing moves where the person asked for that."""
    await look_at(filled, "memory")
    button = filled.get_by_role("button", name="Add a fact")
    duration = "element => getComputedStyle(element).transitionDuration"
    assert await button.evaluate(duration) == "0.12s"
    await filled.emulate_media(reduced_motion="reduce")
    assert await button.evaluate(duration) == "0s"
