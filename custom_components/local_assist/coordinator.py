"""Whether Ollama and the speech servers are there, and what they offer."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util
from homeassistant.util.ssl import get_default_context
from wyoming.info import Info

from .agent.embeddings import Embeddings
from .agent.model_server import ModelServer
from .agent.vector_store import VectorStore
from .agent.warmup import Start
from .backends.ollama import OllamaBackend, OllamaModel
from .const import CONF_API_KEY, CONF_HOST, CONF_PORT, CONF_URL, DOMAIN, LOGGER
from .errors import SERVER_GONE, BackendAuthError, BackendError, LocalAssistError
from .models.manage import ModelManager
from .speech.wyoming_client import SpeechServer, describe

if TYPE_CHECKING:
    from .runtime import LocalAssistConfigEntry


class HealthCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """Asks a server how it is: seldom while it answers, often while it does not.

    Attributes:
        last_seen: when it last answered.
        latency: how long that took, in seconds.
    """

    INTERVAL_UP: ClassVar[timedelta]
    INTERVAL_DOWN: ClassVar[timedelta]
    # Until the first look after it failed in use; then twice as long each time.
    INTERVAL_FAILED = timedelta(seconds=5)

    config_entry: LocalAssistConfigEntry

    def __init__(self, hass: HomeAssistant, entry: LocalAssistConfigEntry, name: str) -> None:
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=name,
            update_interval=self.INTERVAL_DOWN,
            always_update=False,
        )
        self._wait = self.INTERVAL_DOWN
        self.last_seen: datetime | None = None
        self.latency: float | None = None

    @property
    def error(self) -> LocalAssistError | None:
        """Return what went wrong when it was last asked or used."""
        for err in (self.last_exception, getattr(self.last_exception, "__cause__", None)):
            if isinstance(err, LocalAssistError):
                return err
        return None

    @abstractmethod
    async def fetch(self) -> DataT:
        """Ask the server once. Raises a LocalAssistError that says why it does not answer."""

    @override
    async def _async_update_data(self) -> DataT:
        self._wait = min(self._wait * 2, self.INTERVAL_DOWN)
        self.update_interval = self._wait
        started = monotonic()
        try:
            data = await self.fetch()
        except LocalAssistError as err:
            failure = ConfigEntryAuthFailed if isinstance(err, BackendAuthError) else UpdateFailed
            raise failure(
                translation_domain=DOMAIN,
                translation_key=err.key,
                translation_placeholders=err.placeholders,
            ) from err
        self._wait = self.INTERVAL_DOWN
        self.update_interval = self.INTERVAL_UP
        self.latency = monotonic() - started
        self.last_seen = dt_util.utcnow()
        return data

    @callback
    def mark_failed(self, err: LocalAssistError) -> None:
        """Take the server for unavailable at once, because using it just failed with `err`."""
        if isinstance(err, BackendAuthError):
            self.config_entry.async_start_reauth(self.hass)
        if not self.last_update_success:
            return
        LOGGER.error("%s is unavailable: %s", self.name, err)
        self.last_exception = err
        self.last_update_success = False
        self._wait = self.update_interval = self.INTERVAL_FAILED
        self.async_update_listeners()
        if self._listeners and not self.hass.is_stopping:
            self._schedule_refresh()


@dataclass(frozen=True, slots=True)
class OllamaStatus:
    """What an Ollama server says of itself."""

    version: str
    models: list[OllamaModel]


class OllamaCoordinator(HealthCoordinator[OllamaStatus]):
    """The Ollama server of the house.

    Attributes:
        server: as turns and tasks use it.
        models: as a person manages them.
    """

    INTERVAL_UP = timedelta(minutes=5)
    INTERVAL_DOWN = timedelta(minutes=1)

    def __init__(self, hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
        url = entry.data[CONF_URL]
        super().__init__(hass, entry, f"Ollama at {url}")
        self.backend = OllamaBackend(
            url, entry.data.get(CONF_API_KEY), verify=get_default_context()
        )
        self._embeddings: dict[str, Embeddings] = {}
        self.server = ModelServer(
            "ollama",
            self.backend,
            health=self,
            start=self._start,
            models=lambda: self.data.models if self.data else (),
        )
        self.models = ModelManager(
            self.backend, self._start, window=self.server.window, changed=self.async_refresh
        )

    @property
    def _start(self) -> Start:
        return partial(self.config_entry.async_create_background_task, self.hass)

    def embeddings(self, model: str, keep_alive: int) -> Embeddings:
        """Return the vectors of a model, the same for all who ask."""
        if model not in self._embeddings:
            path = Path(self.hass.config.path(STORAGE_DIR, f"{DOMAIN}.vectors.db"))
            self._embeddings[model] = Embeddings(
                self.hass,
                model,
                partial(self.backend.embed, model, keep_alive=keep_alive),
                VectorStore(path),
                self._start,
            )
        return self._embeddings[model]

    @property
    def usable(self) -> bool:
        """Return whether it is worth asking."""
        return self.last_update_success

    @property
    @override
    def error(self) -> LocalAssistError | None:
        """Return why it is not."""
        return super().error or BackendError()

    @callback
    def failed(self, err: BackendError) -> None:
        """Take it for unavailable if it is gone."""
        if isinstance(err, SERVER_GONE):
            self.mark_failed(err)

    @callback
    def succeeded(self) -> None:
        """Note that it answered; whether it is available is for the next poll to say."""

    @callback
    def async_on_return(self, returned: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `returned` whenever the server is back after it was gone."""
        was_there = self.last_update_success

        @callback
        def look() -> None:
            nonlocal was_there
            is_back = self.last_update_success and not was_there
            was_there = self.last_update_success
            if is_back and self.server.heads:
                self.server.heads.forget()
                returned()

        return self.async_add_listener(look)

    @override
    async def fetch(self) -> OllamaStatus:
        return OllamaStatus(await self.backend.version(), await self.backend.models())

    @override
    async def async_shutdown(self) -> None:
        """Stop polling and close the connections."""
        await super().async_shutdown()
        await self.backend.close()


class SpeechCoordinator(HealthCoordinator[Info]):
    """One speech server: a subentry of type `stt` or `tts`."""

    # A Wyoming description is cheap, and nobody should wait long for a server that is back.
    INTERVAL_UP = timedelta(minutes=1)
    INTERVAL_DOWN = timedelta(seconds=30)

    def __init__(
        self, hass: HomeAssistant, entry: LocalAssistConfigEntry, subentry: ConfigSubentry
    ) -> None:
        self.server = SpeechServer(
            role=subentry.subentry_type,
            host=subentry.data[CONF_HOST],
            port=subentry.data[CONF_PORT],
        )
        super().__init__(hass, entry, f"{subentry.title} at {self.server}")

    @override
    async def fetch(self) -> Info:
        return await describe(self.server)
