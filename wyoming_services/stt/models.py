"""The configured Whisper models: known by name at once, loaded when first needed."""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming_services.catalog import whisper as catalog
from wyoming_services.config import SttConfig
from wyoming_services.errors import EngineError
from wyoming_services.machine import cores, is_arm

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_LOGGER = logging.getLogger(__name__)


class ConfiguredModel:
    """One configured model: its name and languages at once, the model itself on first use.

    Attributes:
        name: what clients call it.
        languages: codes of the languages it speaks, as far as known before it is loaded.
    """

    def __init__(self, given: str, name: str, config: SttConfig) -> None:
        self.name = name
        self._given = given
        self._config = config
        self._lock = threading.Lock()
        self._model: WhisperModel | None = None
        folder = catalog.find_folder(given, config.data_dirs)
        if folder:
            self.languages = catalog.languages(folder)
        else:
            self.languages = ("en",) if given.endswith(".en") else catalog.LANGUAGES

    def get(self) -> "WhisperModel":
        """Return the model, loading it the first time; one thread loads, the others wait.

        Raises:
            NotFoundError: it is not here and cannot be downloaded.
            EngineError: its files cannot be loaded.
        """
        with self._lock:
            if self._model is None:
                device = _device(self._config.device)
                given = _automatic(device) if self._given == "auto" else self._given
                folder = catalog.fetch(
                    given,
                    self._config.data_dirs,
                    local_files_only=self._config.local_files_only,
                )
                self._model = _load(folder, device, self._config)
                self.languages = catalog.languages(folder)
                _LOGGER.info("Loaded Whisper model %s (%s)", self.name, given)
            return self._model

    def unload(self) -> None:
        """Free the model."""
        self._model = None  # not under the lock: a download may hold it for minutes


def _load(folder: Path, device: str, config: SttConfig) -> "WhisperModel":
    """Load a model from its folder."""
    from faster_whisper import WhisperModel  # noqa: PLC0415 - heavy

    kind, _, index = device.partition(":")
    try:
        return WhisperModel(
            str(folder),
            device=kind,
            device_index=int(index or 0),
            compute_type=_compute_type(kind, config.compute_type),
            cpu_threads=config.cpu_threads or max(1, min(8, cores() // config.parallel)),
            num_workers=config.parallel,
            local_files_only=True,
        )
    except Exception as error:
        if kind == "cuda" and config.device == "auto":
            _LOGGER.warning("CUDA does not work (%s); the CPU is used instead", error)
            return _load(folder, "cpu", config)
        _LOGGER.debug("Loading %s failed", folder, exc_info=True)
        raise EngineError(f"The Whisper model in {folder} cannot be loaded: {error}") from error


def _device(wanted: str) -> str:
    """Return the device to run on: CUDA when there is one, else the CPU."""
    if wanted != "auto":
        return wanted
    import ctranslate2  # noqa: PLC0415 - heavy

    return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"


def _compute_type(kind: str, wanted: str) -> str:
    """Return the type to compute with: 8-bit integers on the CPU, half floats on CUDA."""
    if wanted != "auto":
        return wanted
    return "float16" if kind == "cuda" else "int8"


def _automatic(device: str) -> str:
    """Return the hub name of the model a machine like this runs comfortably."""
    if device.startswith("cuda"):
        return "small"
    return "tiny" if is_arm() else "base"
