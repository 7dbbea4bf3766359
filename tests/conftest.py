"""Fixtures every test may use."""

from pathlib import Path

import pytest

# Without this import the test package's own `custom_components` shadows ours.
import custom_components.local_assist  # noqa: F401

pytest_plugins = [
    "tests.fakes.ollama",
    "tests.fakes.openai_api",
    "tests.integration.agent_house",
    "tests.integration.agent_doors",
    "tests.speech_servers",
]


@pytest.fixture(autouse=True)
def _load_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration wherever a test starts one."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give each test a configuration folder of its own: a house keeps files there."""
    folder = tmp_path / "config"
    folder.mkdir()
    return str(folder)
