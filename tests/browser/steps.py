"""What a person does on the page, in every test."""

from typing import Any
from urllib.parse import urljoin

from playwright.async_api import Locator, Page, expect

AGENT = "conversation.local_assist"


async def command(page: Page, name: str, **data: Any) -> Any:
    """Send a command as the page does."""
    message = {"type": name} | data
    return await page.evaluate(
        "message => document.querySelector('home-assistant').hass.callWS(message)", message
    )


async def look_at(page: Page, section: str) -> Locator:
    """Open a section by its address."""
    await page.goto(urljoin(page.url, f"/local-assist#{section}"))
    shown = page.locator(f"local-assist-page section.{section}")
    await expect(shown.get_by_role("heading", level=2)).to_be_visible()
    return shown
