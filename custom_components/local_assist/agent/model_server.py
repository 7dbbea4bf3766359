"""A server of language models, as turns and tasks use it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ..backends.base import Backend, ChatRequest
from ..backends.ollama import OllamaBackend, OllamaModel
from ..const import CONF_NUM_CTX
from ..errors import BackendError, LocalAssistError
from .printed_tools import are_told_last
from .request import find_model
from .tokens import TokenEstimate
from .turn import Budget, Turn
from .warmup import Heads, Start, WarmBackend
from .windows import Windows, needed

# The reply's reserve takes at most this share of the window.
_RESERVE = 1 / 4


class Health(Protocol):
    """Whether a server is worth asking: a breaker, or a coordinator."""

    @property
    def usable(self) -> bool:
        """Return whether it is."""

    @property
    def error(self) -> LocalAssistError | None:
        """Return why it is not."""

    @property
    def last_seen(self) -> datetime | None:
        """Return when it last answered, if it ever did."""

    def failed(self, err: BackendError) -> None:
        """Note that a request failed."""

    def succeeded(self) -> None:
        """Note that a request was answered."""


class PromptSpeed:
    """How fast a model reads, to infer how much of a prompt the server had in its cache.

    The server counts the whole prompt and times only what it evaluated: the prompt that was slowest
    by the token was the one with the least in the cache.
    """

    def __init__(self) -> None:
        self._seconds_per_token = 0.0

    def cached(self, tokens: int, seconds: float) -> int:
        """Take in the figures of a prompt; return how many of its tokens were likely cached."""
        if not tokens or not seconds:
            return 0
        self._seconds_per_token = max(self._seconds_per_token, seconds / tokens)
        return max(0, tokens - round(seconds / self._seconds_per_token))


class ModelServer:
    """One server, with what is learned of it while Home Assistant runs.

    Args:
        name: for traces and logs.
        backend: how it is spoken to.
        health: whether it is worth asking.
        models: returns the models it has told of so far.
        start: starts a task in the background that ends with the config entry.

    Attributes:
        heads: what its prefix cache holds; None where models are not loaded on request.
    """

    def __init__(
        self,
        name: str,
        backend: Backend,
        *,
        health: Health,
        start: Start,
        models: Callable[[], Sequence[OllamaModel]] = tuple,
    ) -> None:
        self.name = name
        self.health = health
        self._models = models
        self._windows = Windows()
        self._estimates: defaultdict[str, TokenEstimate] = defaultdict(TokenEstimate)
        self._speeds: defaultdict[str, PromptSpeed] = defaultdict(PromptSpeed)
        self._tells_tools_last: dict[str, bool] = {}
        self.heads: Heads | None = None
        self.backend = backend
        self._ollama: OllamaBackend | None = None
        if isinstance(backend, OllamaBackend):
            self._ollama = backend
            self.heads = Heads(backend, start)
            self.backend = WarmBackend(backend, self.heads)

    @property
    def models(self) -> Sequence[OllamaModel]:
        """Return the models the server has told of so far."""
        return self._models()

    async def learn(self, model: str) -> None:
        """Learn what requests to a model have to heed; ask for it once.

        A failure is left to the request that follows.
        """
        if self._ollama is None or model in self._tells_tools_last:
            return
        try:
            template = await self._ollama.template(model)
        except BackendError:
            return
        self._tells_tools_last[model] = are_told_last(template)

    def tells_tools_last(self, model: str) -> bool:
        """Return whether a model's template would tell its tools in the last message."""
        return self._tells_tools_last.get(model, False)

    def stats(self, turn: Turn) -> dict[str, int]:
        """Return what a turn took, in tokens by the names Home Assistant's traces use.

        What was found in the server's prefix cache is inferred where the server does not say.
        """
        speed = self._speeds[turn.model]
        cached = 0
        for done in turn.record.figures:
            inferred = speed.cached(done.prompt_tokens, done.prompt_seconds)
            cached += inferred if done.cached_tokens is None else done.cached_tokens
        return {
            "input_tokens": sum(done.prompt_tokens for done in turn.record.figures),
            "cached_input_tokens": cached,
            "output_tokens": sum(done.reply_tokens for done in turn.record.figures),
        }

    def num_ctx(
        self, user: str, model: str, settings: Mapping[str, Any], request: ChatRequest
    ) -> int:
        """Return the window of a model, settled anew for what a user of it needs.

        Args:
            user: whose request it is, a subentry's id.
            model: its name.
            settings: of the user; may insist on a window.
            request: with the head's system text and tools.
        """
        estimate = self._estimates[model]
        head = estimate.messages(request.messages[:1], request.tools, steady=True)
        reply = int(request.options.get("num_predict", 0))
        explicit = settings.get(CONF_NUM_CTX)
        self._windows.want(
            user, model, needed(head, reply), explicit=int(explicit) if explicit else None
        )
        return self.window(model)

    def window(self, model: str) -> int:
        """Return the window that requests to a model ask for just now."""
        found = find_model(self.models, model)
        return self._windows.num_ctx(model, found.context_length if found else None)

    def budget(self, request: ChatRequest) -> Budget:
        """Return how much a request may hold: in the window that the server really gave it."""
        window = int(request.options["num_ctx"])
        if self.heads:
            window = self.heads.windows.get(request.model, window)
        reply = int(request.options.get("num_predict", 0))
        return Budget(
            window=window,
            reserve=min(reply, int(window * _RESERVE)),
            estimate=self._estimates[request.model],
        )
