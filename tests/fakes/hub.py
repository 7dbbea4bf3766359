"""A model hub on loopback that serves models and voices, as slowly and badly as a test likes."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

COMMIT = "0" * 40

VOICES = "rhasspy/piper-voices"

_BIG = 1_000_000
"""Bytes from which on the hub keeps files in Git LFS; models it keeps there in any case."""
_PIECE = 64 * 1024


class Hub(ThreadingHTTPServer):
    """Serves files as the hub does, as far as its client asks.

    Attributes:
        files: by their path on the hub.
        index: what the index says of each voice.
        served: paths of the files that were sent whole.
        asked: what came in: the path, and the range asked for where there was one.
        refused: name of a file that is not given out.
        cut: bytes of a file, by its name, after which the connection ends, once.
        refuse_after_cut: whether such a file is refused from then on.
        excess: bytes of a file, by its name, that are sent after its end.
        silent: whether what is asked about a repository is never answered.
        damaged: how often a file, by its name, is sent with a wrong byte.
        ignores_ranges: whether a file is always sent from the start.
        held: bytes of any file after which the hub waits for `gate`.
        gate: see there; open unless a test closes it.
    """

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files: dict[str, Path] = {}
        self.index: dict[str, Any] = {}
        self.served: list[str] = []
        self.asked: list[tuple[str, str | None]] = []
        self.refused = ""
        self.cut: dict[str, int] = {}
        self.refuse_after_cut = False
        self.excess: dict[str, int] = {}
        self.silent = False
        self.damaged: Counter[str] = Counter()
        self.ignores_ranges = False
        self.held = 0
        self.gate = threading.Event()
        self.gate.set()

    @property
    def url(self) -> str:
        """Address of the hub."""
        return f"http://127.0.0.1:{self.server_port}"

    def publish(self, repository: str, folder: Path) -> None:
        """Offer a folder's files in a repository."""
        for file in folder.iterdir():
            self.files[f"/{repository}/resolve/{COMMIT}/{file.name}"] = file

    def publish_voice(self, model: Path, name: str) -> None:
        """Offer a voice's two files where Piper's repository has them, and in its index."""
        language, voice, quality = name.split("-")
        place = f"{language.partition('_')[0]}/{language}/{voice}/{quality}/{name}.onnx"
        pair = {place: model, f"{place}.json": model.with_name(f"{model.name}.json")}
        for path, file in pair.items():
            self.files[f"/{VOICES}/resolve/{COMMIT}/{path}"] = file
        self.index[name] = {
            "key": name,
            "name": voice,
            "language": {"code": language, "name_english": "English", "country_english": "Utopia"},
            "quality": quality,
            "num_speakers": json.loads(pair[f"{place}.json"].read_text())["num_speakers"],
            "files": {path: {"size_bytes": file.stat().st_size} for path, file in pair.items()},
        }

    def publish_index(self, file: Path, content: str | None = None) -> None:
        """Offer the index of the voices published, or some other content, kept in `file`."""
        file.write_text(json.dumps(self.index) if content is None else content)
        self.files[f"/{VOICES}/resolve/{COMMIT}/voices.json"] = file

    def ranges(self, name: str) -> list[str | None]:
        """Return the ranges of a file that were asked for, None for all of it."""
        return [asked for path, asked in self.asked if path.endswith(f"/{name}")]


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Run a hub in a thread of its own."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hub
    finally:
        hub.gate.set()
        hub.shutdown()
        thread.join()
        hub.server_close()


class _Answer(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Hub

    def do_GET(self) -> None:
        """Send a file, or what the API tells about a repository."""
        path = unquote(self.path.partition("?")[0])
        if not path.startswith("/api/models/"):
            self._file(path)
            return
        if self.server.silent:
            self.server.gate.wait(30)
            return
        repository = "/".join(path.split("/")[3:5])
        start = f"/{repository}/resolve/{COMMIT}/"
        files = [
            (path.removeprefix(start), file)
            for path, file in self.server.files.items()
            if path.startswith(start)
        ]
        if not files:
            self.send_error(404, "Repository not found")
            return
        siblings = [_entry(name, file) for name, file in files]
        data = json.dumps({"id": repository, "sha": COMMIT, "siblings": siblings}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _file(self, path: str) -> None:
        """Send a file, or the part asked for."""
        hub = self.server
        wanted = self.headers.get("Range")
        hub.asked.append((path, wanted))
        file = hub.files.get(path)
        if file is None or file.name == hub.refused:
            self.send_error(404 if file is None else 403)
            return
        data = bytearray(file.read_bytes())
        if hub.damaged[file.name]:
            hub.damaged[file.name] -= 1
            data[-1] ^= 1
        start, size = 0, len(data)
        if wanted and not hub.ignores_ranges:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        else:
            self.send_response(200)
        excess = bytes(hub.excess.get(file.name, 0))
        self.send_header("Content-Length", str(size - start + len(excess)))
        self.end_headers()
        if file.name in hub.cut and hub.refuse_after_cut:
            hub.refused = file.name
        self._send(data[start : hub.cut.pop(file.name, size)] + excess)
        hub.served.append(path)

    def _send(self, data: bytearray) -> None:
        """Send a file's content, held up where a test wants it."""
        for begin in range(0, len(data), _PIECE):
            if self.server.held and begin >= self.server.held:
                self.server.gate.wait(30)
            try:
                self.wfile.write(data[begin : begin + _PIECE])
            except ConnectionError:  # nobody wants it any more
                return


def _entry(name: str, file: Path) -> dict[str, object]:
    """Describe a file as the API does."""
    data = file.read_bytes()
    entry: dict[str, object] = {
        "rfilename": name,
        "size": len(data),
        "blobId": hashlib.sha1(b"blob %d\0%b" % (len(data), data)).hexdigest(),
    }
    if len(data) >= _BIG or name.endswith(".onnx"):
        digest = hashlib.sha256(data).hexdigest()
        entry["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 132}
    return entry
