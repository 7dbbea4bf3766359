"""Managing the models of an Ollama server: one download each, and errors that say what to do."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import pytest

from custom_components.local_assist.backends.ollama import OllamaBackend
from custom_components.local_assist.backends.ollama_pull import Progress
from custom_components.local_assist.errors import (
    BackendAuthError,
    BackendRefusedError,
    DownloadBrokenOffError,
    DownloadCancelledError,
    DownloadDamagedError,
    DownloadDiskFullError,
    DownloadError,
    DownloadOfflineError,
    DownloadUnknownError,
    LocalAssistError,
    ModelNotFoundError,
)
from custom_components.local_assist.models.manage import ModelManager
from tests.fakes.ollama import FakeOllama, Fault, Model

NEW = "qwen3:4b"


class House:
    """What a manager needs of a house: a place for its tasks, and the ears for changes."""

    def __init__(self, backend: OllamaBackend) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.changes = 0
        self.manager = ModelManager(
            backend, self.start, window=lambda _: 8192, changed=self.changed
        )

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Start a task at once, as Home Assistant does."""
        loop = asyncio.get_running_loop()
        task = asyncio.eager_task_factory(loop, work, name=name)
        self.tasks.append(task)
        return task

    async def changed(self) -> None:
        """Count."""
        self.changes += 1


@pytest.fixture
async def house(ollama: FakeOllama) -> AsyncGenerator[House]:
    """Return a house with the stand-in."""
    backend = OllamaBackend(ollama.url, verify=False)
    house = House(backend)
    yield house
    await asyncio.gather(*house.tasks, return_exceptions=True)
    await backend.close()
    await asyncio.sleep(0.01)


async def collect(house: House, model: str = NEW) -> list[Progress]:
    """Download to the end."""
    return [progress async for progress in house.manager.pull(model)]


def pulls(ollama: FakeOllama) -> int:
    """Return how many downloads were asked for."""
    return sum(request.path == "/api/pull" for request in ollama.requests)


async def test_list(ollama: FakeOllama, house: House):
    """What is loaded is told with the model on the disk."""
    ollama.models = [Model(name="gemma3:4b", size=7), Model(name="llama3.2:3b")]
    ollama.loaded = {"gemma3:4b": 8192}

    gemma, llama = await house.manager.list()

    assert (gemma.model.name, gemma.model.size, gemma.model.quantization) == (
        "gemma3:4b",
        7,
        "Q4_K_M",
    )
    assert gemma.loaded is not None
    assert (gemma.loaded.context, gemma.loaded.size, gemma.loaded.vram) == (8192, 7, 7)
    assert gemma.loaded.expires is not None
    assert gemma.loaded.expires.year == 2318
    assert llama.loaded is None


async def test_a_download_adds_up_its_layers(ollama: FakeOllama, house: House):
    """Progress is that of all layers; then the model is there and the house told."""
    ollama.pull_seconds = 0.01
    progresses = await collect(house)
    await asyncio.gather(*house.tasks)

    assert progresses[0] == Progress("pulling manifest")
    assert [(p.completed, p.total) for p in progresses if p.status.startswith("pulling ")][1:] == [
        (0, 1000),
        (500, 1000),
        (1000, 1000),
        (1010, 1010),
    ]
    assert progresses[-1].status == "success"
    assert NEW in [listed.model.name for listed in await house.manager.list()]
    assert house.changes == 1


async def test_one_download_per_model(ollama: FakeOllama, house: House):
    """Who wants the same model follows the download there is; another model is another."""
    ollama.pull_seconds = 0.02
    name = "qwen3"
    first, second, other = await asyncio.gather(
        collect(house, name), collect(house, f"{name}:latest"), collect(house, "gemma3:4b")
    )

    assert pulls(ollama) == 2
    assert [p[-1].status for p in (first, second, other)] == ["success"] * 3

    await collect(house, name)
    assert pulls(ollama) == 3


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("pull model manifest: file does not exist", DownloadUnknownError),
        ("write /models/blobs/x-partial: no space left on device", DownloadDiskFullError),
        (
            "digest mismatch, file must be downloaded again: want sha256:1, got sha256:2",
            DownloadDamagedError,
        ),
        (
            'pull model manifest: Get "https://ollama.ai/v2/": dial tcp: lookup ai: no such host',
            DownloadOfflineError,
        ),
        ("max retries exceeded: unexpected EOF", DownloadOfflineError),
        ("pull model manifest: 412: requires a newer version", DownloadError),
    ],
)
async def test_what_the_server_says_has_its_error(
    ollama: FakeOllama, house: House, said: str, error: type[LocalAssistError]
):
    """The server answers well and says in the stream what went wrong."""
    ollama.pull_error = said
    with pytest.raises(DownloadError) as raised:
        await collect(house)

    assert type(raised.value) is error
    assert raised.value.placeholders["model"] == NEW
    if error is DownloadError:
        assert raised.value.placeholders["message"] == said
    assert house.changes == 0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.CUT, DownloadBrokenOffError),
        (Fault.NO_DONE, DownloadBrokenOffError),
        (Fault.GARBAGE, DownloadBrokenOffError),
        (Fault.UNAUTHORIZED, BackendAuthError),
    ],
)
async def test_the_server_goes_away(
    ollama: FakeOllama, house: House, fault: Fault, error: type[LocalAssistError]
):
    """A download that breaks off is an error for each who followed it, and goes on next time."""
    ollama.fault, ollama.after, ollama.fault_times = fault, 3, 1
    results = await asyncio.gather(collect(house), collect(house), return_exceptions=True)
    assert [type(result) for result in results] == [error, error]

    ollama.fault = None
    progresses = await collect(house)
    assert progresses[-1].status == "success"
    if fault is not Fault.UNAUTHORIZED:
        assert 0 not in [p.completed for p in progresses if p.total]


async def test_nobody_listens(ollama: FakeOllama, house: House):
    """Without a server there is nothing to download to."""
    await ollama.stop()
    with pytest.raises(BackendRefusedError):
        await collect(house)
    with pytest.raises(BackendRefusedError):
        await house.manager.list()


async def test_a_download_ends_with_its_last_follower(ollama: FakeOllama, house: House):
    """One who leaves leaves the download to the others; with the last the server may stop."""
    ollama.pull_seconds = 0.05
    leaving, staying = (asyncio.create_task(collect(house)) for _ in range(2))
    await asyncio.sleep(0.12)
    leaving.cancel()
    assert (await staying)[-1].status == "success"

    ollama.models.clear()
    alone = asyncio.create_task(collect(house))
    await asyncio.sleep(0.12)
    alone.cancel()
    async with asyncio.timeout(2):
        await ollama.hung_up.wait()
    assert ollama.models == []


async def test_unloading_the_house_tells_who_follows(ollama: FakeOllama, house: House):
    """The tasks of a house end with it; nobody waits for ever."""
    ollama.pull_seconds = 0.05
    following = asyncio.create_task(collect(house))
    await asyncio.sleep(0.08)
    house.tasks[0].cancel()
    with pytest.raises(DownloadCancelledError):
        await following


async def test_load_and_unload(ollama: FakeOllama, house: House):
    """A model is loaded with the window its users ask for."""
    await house.manager.load("llama3.2:3b")
    assert ollama.loaded == {"llama3.2:3b": 8192}
    await house.manager.unload("llama3.2:3b")
    assert ollama.loaded == {}


async def test_a_model_that_makes_vectors_is_loaded_by_use(ollama: FakeOllama, house: House):
    """It cannot chat, so it is asked for what it can do."""
    ollama.models = [Model(name="embeddinggemma:latest", capabilities=("embedding",))]
    await house.manager.load("embeddinggemma")
    assert [request.path for request in ollama.requests][-1] == "/api/embed"
    assert ollama.requests[-1].body["keep_alive"] == -1


async def test_delete(ollama: FakeOllama, house: House):
    """What is deleted is not left in memory, and the house is told."""
    ollama.loaded = {"llama3.2:3b": 4096}
    await house.manager.delete("llama3.2:3b")
    assert (ollama.models, ollama.loaded, house.changes) == ([], {}, 1)


async def test_no_such_model(house: House):
    """Nothing can be done with a model that is not there."""
    for act in (house.manager.load, house.manager.unload, house.manager.delete):
        with pytest.raises(ModelNotFoundError):
            await act("nobody:1b")
