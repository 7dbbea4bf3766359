"""A model hub on loopback that serves the demo models."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants
from piper import download_voices
from tqdm import tqdm

COMMIT = "0" * 40


class Hub(ThreadingHTTPServer):
    """Serves files as the hub does, as far as its client and Piper's downloader ask.

    Attributes:
        files: by their path on the hub.
        served: paths of the files that were sent.
        refused: name of a file that is not given out.
    """

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files: dict[str, Path] = {}
        self.served: list[str] = []
        self.refused = ""

    @property
    def url(self) -> str:
        """Address of the hub."""
        return f"http://127.0.0.1:{self.server_port}"

    def publish(self, repository: str, folder: Path) -> None:
        """Offer a folder's files in a repository."""
        for file in folder.iterdir():
            self.files[f"/{repository}/resolve/{COMMIT}/{file.name}"] = file


class _Answer(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Hub

    def do_HEAD(self) -> None:
        """Tell size and hash of a file."""
        self._file(body=False)

    def do_GET(self) -> None:
        """Send a file, or what the API tells about a repository."""
        if not self.path.startswith("/api/models/"):
            self._file(body=True)
            return
        repository = "/".join(self.path.split("/")[3:5])
        names = [path for path in self.server.files if path.startswith(f"/{repository}/")]
        if not names:
            self.send_error(404, "Repository not found")
        elif "/tree/" in self.path:
            self._json([_entry(self.server.files[name]) for name in names])
        else:
            self._json({"id": repository, "sha": COMMIT, "siblings": []})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _file(self, *, body: bool) -> None:
        """Send a file, or only its headers."""
        path = self.path.partition("?")[0]
        file = self.server.files.get(path)
        if file is None:
            self.send_error(404)
            return
        if body and file.name == self.server.refused:
            self.send_error(403)
            return
        data = file.read_bytes()
        self.send_response(200)
        self.send_header("ETag", f'"{file.name}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.server.served.append(path)
            self.wfile.write(data)

    def _json(self, content: object) -> None:
        """Send JSON."""
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _entry(file: Path) -> dict[str, object]:
    """Describe a file as the API does."""
    return {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": file.name}


@pytest.fixture
def hub(
    socket_enabled: None,  # noqa: ARG001 - a fixture cannot ask for another in any other way
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Hub]:
    """A hub that both downloaders ask instead of the real one."""
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        server.url + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "own-cache"))
    monkeypatch.setattr(
        download_voices,
        "URL_FORMAT",
        server.url + "/{lang_family}/{lang_code}/{voice_name}/{voice_quality}"
        "/{lang_code}-{voice_name}-{voice_quality}{extension}?download=true",
    )
    # The progress bar's own thread would outlive the test.
    monkeypatch.setattr(tqdm, "monitor_interval", 0)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
