"""A model hub on loopback that is asked instead of the real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants
from tqdm import tqdm

from tests.fakes.hub import Hub, running_hub


@pytest.fixture
def hub(
    socket_enabled: None,  # noqa: ARG001 - a fixture cannot ask for another in any other way
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Hub]:
    """A hub that is asked instead of the real one."""
    with running_hub() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            server.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "own-cache"))
        # Its 10 MB are more than the demo model has.
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 64 * 1024)
        # The progress bar's own thread would outlive the test.
        monkeypatch.setattr(tqdm, "monitor_interval", 0)
        yield server
