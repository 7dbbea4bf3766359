"""The demo house, and a browser to look at it with."""

import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_socket
from playwright.async_api import Browser, Page, StorageState, async_playwright

from demo.house.prepare import PASSWORD, USER_NAME
from tests.browser.demo_house import DemoHouse, running

WIDTH, HEIGHT = 1280, 900
# Home Assistant's first page asks for integrations that the demo house does not have. Ours catches
# what its commands are answered with.
NOT_OURS = {'{"code":"unknown_command","message":"Unknown command."}', "Object"}


@pytest.fixture(scope="module")
def demo_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoHouse]:
    """Start the demo house, which takes half a minute, once for all tests of a file."""
    pytest_socket.enable_socket()
    with running(tmp_path_factory.mktemp("demo")) as house:
        yield house


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Start the system's Chromium."""
    path = shutil.which("chromium")
    assert path, "There is no Chromium. script/packages installs it."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def logged_in() -> dict[str, StorageState]:
    """Return where a browser's memory is kept after the first has logged in, so that one does."""
    return {}


@pytest.fixture
def dark() -> bool:
    """Return whether the person likes it dark; a test may say so by parameters."""
    return False


@pytest.fixture
async def page(
    demo_house: DemoHouse,
    browser: Browser,
    logged_in: dict[str, StorageState],
    dark: bool,
    socket_enabled: None,  # noqa: ARG001
) -> AsyncIterator[Page]:
    """Return a page of Home Assistant, logged in. Whatever its console complains of is an error."""
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if dark else "light",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        storage_state=logged_in.get(demo_house.url),
    )
    # What is rejected with is no error here, and the browser would only call it "Object".
    await context.add_init_script(
        "addEventListener('unhandledrejection', e => console.error(JSON.stringify(e.reason)))"
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: message.type in {"error", "warning"} and complaints.append(message.text),
    )
    await page.goto(demo_house.url)
    if demo_house.url not in logged_in:
        await page.locator("input[name=username]").fill(USER_NAME)
        await page.locator("input[name=password]").fill(PASSWORD)
        await page.keyboard.press("Enter")
    await page.locator("home-assistant-main").wait_for(state="attached")
    logged_in[demo_house.url] = await context.storage_state()
    yield page
    await context.close()
    assert [complaint for complaint in complaints if complaint not in NOT_OURS] == []
