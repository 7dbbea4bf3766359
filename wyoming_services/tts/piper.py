"""The synthesiser: Piper voices, a few of them kept loaded."""

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wyoming_services.audio.pcm import silence
from wyoming_services.catalog import voices as catalogue
from wyoming_services.catalog.piper import InstalledVoice, VoiceFolders
from wyoming_services.catalog.progress import Download
from wyoming_services.config import TtsConfig
from wyoming_services.errors import EngineError, NotFoundError
from wyoming_services.machine import cores
from wyoming_services.tts.choices import default_name, settle
from wyoming_services.tts.engine import Speech, VoiceChoice
from wyoming_services.tts.voices import by_name

if TYPE_CHECKING:
    from piper import PiperVoice

_LOGGER = logging.getLogger(__name__)


class PiperEngine:
    """Speaks with the voices in the data directories.

    Attributes:
        download: how far that of the default voice is.
    """

    def __init__(self, config: TtsConfig) -> None:
        self.download = Download(default_name(config))
        self._config = config
        self._folders = VoiceFolders(config.data_dirs)
        self._cache = VoiceCache(config)

    def voices(self) -> dict[str, InstalledVoice]:
        """Return the installed voices by name."""
        return self._folders.voices()

    def choose(self, choice: VoiceChoice) -> Speech:
        """Settle every choice; see `Engine`."""
        return settle(choice, self._folders.voices(), self._config)

    def speak(self, text: str, speech: Speech) -> Iterator[bytes]:
        """Yield the speech as 16-bit mono PCM, a sentence at a time; see `Engine`."""
        from piper import SynthesisConfig  # noqa: PLC0415 - heavy

        voice = self._cache.get(by_name(self._folders.seen(), speech.voice))
        settings = SynthesisConfig(
            speaker_id=speech.speaker,
            length_scale=speech.length_scale,
            noise_scale=speech.noise_scale,
            noise_w_scale=speech.noise_w_scale,
            volume=speech.volume,
        )
        try:
            for position, chunk in enumerate(voice.synthesize(text, settings)):
                if position and speech.sentence_silence:
                    yield silence(speech.sentence_silence, speech.rate)
                yield chunk.audio_int16_bytes
        except Exception as error:
            _LOGGER.exception("Voice %s failed on a sentence", speech.voice)
            raise EngineError(f"Voice '{speech.voice}' failed on this text.") from error

    def load(self) -> None:
        """Load and warm the default voice, downloading it when it is not here.

        Raises:
            NotFoundError: no voice can be had; the text says what to do.
            EngineError: the default voice's file is broken.
        """
        name = default_name(self._config)
        if name not in self._folders.voices():
            try:
                self._download(name)
            except NotFoundError as error:
                if not self._folders.voices():
                    raise
                _LOGGER.warning("%s Until then %s speaks.", error, next(iter(self.voices())))
        for _ in self.speak("Hello.", self.choose(VoiceChoice())):
            pass

    def close(self) -> None:
        """Free the voices."""
        self._cache.clear()

    def _download(self, name: str) -> None:
        """Download a voice to the first data directory."""
        folder = self._config.data_dirs[0]
        if self._config.local_files_only:
            raise NotFoundError(
                f"Voice '{name}' is not on this machine. Copy {name}.onnx and {name}.onnx.json "
                f"to {folder}, or name a --data-dir that has them."
            )
        catalogue.download(name, folder, self.download)


class VoiceCache:
    """Loaded voices, the least recently used dropped first; each is loaded by one thread only."""

    def __init__(self, config: TtsConfig) -> None:
        self._size = config.cached_voices
        self._threads = config.cpu_threads or min(4, cores())
        self._lock = threading.Lock()
        self._slots: OrderedDict[InstalledVoice, _Slot] = OrderedDict()

    def get(self, voice: InstalledVoice) -> "PiperVoice":
        """Return a loaded voice.

        Raises:
            EngineError: its files cannot be loaded.
        """
        with self._lock:
            slot = self._slots.setdefault(voice, _Slot())
            self._slots.move_to_end(voice)
            while len(self._slots) > self._size:
                self._slots.popitem(last=False)
        with slot.lock:
            if slot.loaded is None:
                slot.loaded = _load(voice, self._threads)
            return slot.loaded

    def clear(self) -> None:
        """Drop every voice."""
        with self._lock:
            self._slots.clear()


class _Slot:
    """The place of one voice in the cache."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loaded: PiperVoice | None = None


def _load(voice: InstalledVoice, threads: int) -> "PiperVoice":
    """Load a voice with our number of threads, which `PiperVoice.load` leaves to chance."""
    import onnxruntime  # noqa: PLC0415 - heavy
    from piper import PiperVoice  # noqa: PLC0415 - heavy
    from piper.config import PiperConfig  # noqa: PLC0415 - heavy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait for work would otherwise spin, at the cost of every other request.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            str(voice.model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        config = PiperConfig.from_dict(json.loads(voice.config.read_text("utf-8")))
    except Exception as error:
        _LOGGER.exception("Voice %s cannot be loaded", voice.model)
        raise EngineError(
            f"The voice file {voice.model.name} is broken: replace it, or choose another voice."
        ) from error
    _LOGGER.info("Loaded voice %s", voice.name)
    return PiperVoice(session=session, config=config, download_dir=voice.model.parent)
