"""When a server is passed over, when it is asked again, and which requests are sent once more."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from custom_components.local_assist.backends import breaker as breaker_module
from custom_components.local_assist.backends import retry as retry_module
from custom_components.local_assist.backends.breaker import MAX_FAILURES, PROBE_DELAYS, Breaker
from custom_components.local_assist.backends.retry import RETRY_DELAYS, Retry, jittered
from custom_components.local_assist.errors import (
    BackendAuthError,
    BackendBusyError,
    BackendError,
    BackendRefusedError,
    BackendRejectedError,
    BackendServerError,
    BackendStreamError,
    BackendTimeoutError,
    ContextOverflowError,
    ModelLoadingError,
    ModelNotFoundError,
    ModelUnsuitableError,
    NotOllamaError,
    NotOpenAIError,
)

REFUSED = BackendRefusedError(url="http://shed")
AT_ONCE = (
    BackendRefusedError,
    BackendTimeoutError,
    BackendAuthError,
    NotOllamaError,
    NotOpenAIError,
)
AFTER_A_FEW = (BackendBusyError, BackendServerError, BackendStreamError)
NEVER = (
    ContextOverflowError,
    ModelLoadingError,
    ModelNotFoundError,
    ModelUnsuitableError,
    BackendRejectedError,
)


class Server:
    """A server whose health is asked for."""

    def __init__(self) -> None:
        self.error: BackendError | None = REFUSED
        self.asked = 0
        self.called = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    async def health(self) -> None:
        """Answer as it is."""
        self.asked += 1
        self.called.set()
        await self.answers.wait()
        if self.error:
            raise self.error


@pytest.fixture
def server() -> Server:
    """A server that is down."""
    return Server()


@pytest.fixture
async def breaker(server: Server) -> AsyncGenerator[Breaker]:
    """The breaker of the server; its probes follow at once."""
    breaker = Breaker(server.health, delays=(0.001,))
    yield breaker
    await breaker.stop()


async def asked(server: Server, times: int) -> None:
    """Wait until the server's health was asked for so often."""
    async with asyncio.timeout(5):
        while server.asked < times:
            server.called.clear()
            await server.called.wait()


@pytest.mark.parametrize("kind", AT_ONCE)
async def test_a_server_that_is_gone_is_passed_over_at_once(
    breaker: Breaker, kind: type[BackendError]
):
    """Nobody else waits for it."""
    assert breaker.usable
    err = kind(url="http://shed")
    breaker.failed(err)
    assert not breaker.usable
    assert breaker.error is err


@pytest.mark.parametrize("kind", AFTER_A_FEW)
async def test_a_server_that_keeps_failing_is_passed_over(
    breaker: Breaker, kind: type[BackendError]
):
    """Failures in a row count; an answer in between begins anew."""
    for _ in range(MAX_FAILURES - 1):
        breaker.failed(kind())
    breaker.succeeded()
    for _ in range(MAX_FAILURES - 1):
        breaker.failed(kind())
        assert breaker.usable
    breaker.failed(kind())
    assert not breaker.usable


@pytest.mark.parametrize("kind", NEVER)
async def test_what_is_the_requests_own_fault_says_nothing_of_the_server(
    breaker: Breaker, kind: type[BackendError]
):
    """Another request may do."""
    for _ in range(2 * MAX_FAILURES):
        breaker.failed(kind())
    assert breaker.usable


async def test_every_error_has_its_place():
    """A new error is thought of here."""
    assert {*AT_ONCE, *AFTER_A_FEW, *NEVER} == set(BackendError.__subclasses__())


async def test_a_probe_closes_it(server: Server, breaker: Breaker):
    """Only once the server answers, and however long that takes."""
    breaker.failed(REFUSED)
    await asked(server, 3)
    assert not breaker.usable
    server.error = BackendBusyError(url="http://shed")
    await asked(server, server.asked + 2)
    assert breaker.error is server.error
    server.answers.clear()
    await asked(server, server.asked + 1)
    server.error = None
    assert not breaker.usable
    server.answers.set()
    await asyncio.sleep(0.01)
    assert breaker.usable
    before = server.asked
    await asyncio.sleep(0.02)
    assert server.asked == before


async def test_it_opens_again(server: Server, breaker: Breaker):
    """A server that comes and goes is probed each time, by one probe."""
    server.error = None
    for round_ in range(3):
        breaker.failed(REFUSED)
        breaker.failed(REFUSED)
        assert not breaker.usable
        await asked(server, round_ + 1)
        await asyncio.sleep(0.01)
        assert breaker.usable
    assert server.asked == 3


async def test_an_answer_closes_it(server: Server, breaker: Breaker):
    """Who asked all the same and was answered knows best; the probe ends."""
    breaker.failed(REFUSED)
    await asked(server, 1)
    breaker.succeeded()
    assert breaker.usable
    before = server.asked
    await asyncio.sleep(0.02)
    assert server.asked == before
    breaker.failed(REFUSED)
    await asked(server, before + 1)


async def test_after_the_stop_nobody_is_asked(server: Server, breaker: Breaker):
    """Not even a probe under way goes on; stopping twice is harmless."""
    server.answers.clear()
    breaker.failed(REFUSED)
    await asked(server, 1)
    await breaker.stop()
    await breaker.stop()
    server.answers.set()
    await asyncio.sleep(0.02)
    assert server.asked == 1


async def test_probes_get_rarer(server: Server, monkeypatch: pytest.MonkeyPatch):
    """The last delay repeats."""
    waited: list[float] = []
    server.error = REFUSED

    def note(delay: float, _: float) -> float:
        waited.append(delay)
        return 0

    monkeypatch.setattr(breaker_module, "jittered", note)
    breaker = Breaker(server.health)
    breaker.failed(REFUSED)
    await asked(server, len(PROBE_DELAYS) + 2)
    await breaker.stop()
    assert waited[: len(PROBE_DELAYS) + 2] == [*PROBE_DELAYS, *PROBE_DELAYS[-1:] * 2]


@pytest.mark.parametrize("kind", AFTER_A_FEW)
async def test_a_passing_failure_is_tried_again_a_few_times(
    kind: type[BackendError], monkeypatch: pytest.MonkeyPatch
):
    """As often as there are delays, and no more."""
    waited: list[float] = []
    monkeypatch.setattr(retry_module, "jittered", lambda delay: waited.append(delay) or 0)
    retry = Retry()
    assert [await retry.again(kind()) for _ in range(4)] == [True, True, False, False]
    assert waited == list(RETRY_DELAYS)


@pytest.mark.parametrize(
    "kind",
    [
        BackendRefusedError,
        BackendTimeoutError,
        BackendAuthError,
        NotOllamaError,
        NotOpenAIError,
        *NEVER,
    ],
)
async def test_what_does_not_pass_is_not_tried_again(kind: type[BackendError]):
    """Nor is a timeout: the person has waited long enough."""
    assert not await Retry((0,)).again(kind())


def test_jitter():
    """Half shorter to half longer, and never twice the same."""
    delays = [jittered(1.0) for _ in range(200)]
    assert all(0.5 <= delay <= 1.5 for delay in delays)
    assert min(delays) < 0.8
    assert max(delays) > 1.2
