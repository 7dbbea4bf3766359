"""The configured Whisper models: known by name at once, loaded when first needed."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wyoming_services import memory
from wyoming_services.catalog import whisper as catalog
from wyoming_services.catalog.progress import Download
from wyoming_services.config import SttConfig
from wyoming_services.errors import EngineError
from wyoming_services.machine import is_arm
from wyoming_services.stt import device as devices
from wyoming_services.stt.device import Device, DeviceError, Placement

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_LOGGER = logging.getLogger(__name__)


class ConfiguredModel:
    """One configured model: its name and languages at once, the model itself on first use.

    Attributes:
        name: what clients call it.
        languages: codes of the languages it speaks, as far as known before it is loaded.
        placement: how it computes; None before it was loaded for the first time.
        download: how far it is, when it has to be downloaded.
    """

    def __init__(self, given: str, name: str, config: SttConfig) -> None:
        self.name = name
        self.placement: Placement | None = None
        self.download = Download(name)
        self._given = given
        self._config = config
        self._lock = threading.Lock()
        self._model: WhisperModel | None = None
        self._users = 0
        self._used = 0.0
        folder = catalog.find_folder(given, config.data_dirs)
        if folder:
            self.languages = catalog.languages(folder)
        else:
            self.languages = ("en",) if given.endswith(".en") else catalog.LANGUAGES

    @property
    def loaded(self) -> bool:
        """Whether it can be used without loading it first."""
        model = self._model
        return model is not None and model.model.model_is_loaded

    @property
    def takes_words(self) -> bool:
        """Whether words to expect help it: distilled models write nonsense after any prompt."""
        return "distil" not in self.name.lower()

    @contextmanager
    def use(self) -> Iterator["WhisperModel"]:
        """Use the model, loading it when it is not; it is not unloaded before the end.

        One thread loads, the others wait.

        Raises:
            NotFoundError: it is not here and cannot be downloaded.
            EngineError: its files cannot be loaded, or do not run.
        """
        with self._lock:
            model = self._model = self._ready()
            self._users += 1
        try:
            yield model
        finally:
            with self._lock:
                self._users -= 1
                self._used = time.monotonic()

    def unload_if_idle(self, seconds: float) -> bool:
        """Free the memory the model computes in, if nobody has used it for some seconds.

        On CUDA the weights move to the machine's memory, from where they are back in no time.

        Returns:
            Whether it was unloaded.
        """
        if not self._lock.acquire(blocking=False):
            return False  # it is being loaded, or taken into use
        try:
            idle = not self._users and time.monotonic() - self._used >= seconds
            if self._model is None or not self.loaded or not idle:
                return False
            if self._model.model.device == "cuda":
                self._model.model.unload_model(to_cpu=True)
            else:
                self._model = None
        finally:
            self._lock.release()
        memory.give_back()
        _LOGGER.info("Unloaded Whisper model %s: nobody asked for it", self.name)
        return True

    def unload(self) -> None:
        """Free the model."""
        self._model = None  # not under the lock: a download may hold it for minutes

    def _ready(self) -> "WhisperModel":
        """Return the model in the memory it computes in."""
        if self._model is None:
            return self._load()
        if not self.loaded:
            try:
                self._model.model.load_model()
            except RuntimeError as error:
                _LOGGER.debug("Whisper model %s does not go back", self.name, exc_info=error)
                self._model = None  # others may have taken the card's memory by now
                return self._load()
            _LOGGER.info("Loaded Whisper model %s again", self.name)
        return self._model

    def _load(self) -> "WhisperModel":
        """Load the model on the best device that works."""
        first, *others = devices.candidates(self._config.device)
        try:
            return self._load_on(first)
        except EngineError as error:
            if not others:
                raise
            _LOGGER.warning("CUDA does not work, the CPU is used instead: %s", error.__cause__)
            reason = f"CUDA failed: {error.__cause__}"
            return self._load_on(Device(others[0].kind, reason=reason))

    def _load_on(self, device: Device) -> "WhisperModel":
        """Load the model on a device, downloading it when it is not here.

        Raises:
            NotFoundError: it is not here and cannot be downloaded.
            EngineError: it does not run there; caused by the reason.
        """
        given = _automatic(device) if self._given == "auto" else self._given
        self.download.name = given
        folder = catalog.fetch(
            given,
            self._config.data_dirs,
            local_files_only=self._config.local_files_only,
            progress=self.download,
        )
        try:
            model = devices.open_model(folder, device, self._config)
        except DeviceError as error:
            text = f"The Whisper model in {folder} cannot be loaded: {error}"
            raise EngineError(text) from error
        self.languages = catalog.languages(folder)
        self.placement = devices.placement(model, device, self._config)
        _LOGGER.info("Loaded Whisper model %s (%s): %s", self.name, given, self.placement)
        if not self.takes_words:
            _LOGGER.info(
                "Whisper model %s is distilled and writes nonsense after a prompt: it is not told "
                "the names of the house",
                self.name,
            )
        return model


def _automatic(device: Device) -> str:
    """Return the hub name of the model a machine like this runs comfortably."""
    if device.kind == "cuda":
        return "small"
    return "tiny" if is_arm() else "base"
