"""The synthesiser: Piper voices, a few of them kept loaded."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from wyoming_services.catalog import voices as catalogue
from wyoming_services.catalog.piper import InstalledVoice, VoiceFolders
from wyoming_services.catalog.progress import Download
from wyoming_services.config import TtsConfig
from wyoming_services.errors import EngineError, NotFoundError
from wyoming_services.machine import cores
from wyoming_services.protocol.status import CacheCounts
from wyoming_services.tts.cache import Phrase, PhraseCache
from wyoming_services.tts.choices import default_name, settle
from wyoming_services.tts.engine import Speech, VoiceChoice
from wyoming_services.tts.graph.parts import Parts, parts_of
from wyoming_services.tts.sentences import SentenceStream
from wyoming_services.tts.text import SpeechText
from wyoming_services.tts.voices import by_name

if TYPE_CHECKING:
    from wyoming_services.tts.loaded import LoadedVoice

_LOGGER = logging.getLogger(__name__)

_WARM_UP = "21 °C"
"""Text that has every table loaded, which takes too long for the event loop or a first answer."""


class PiperEngine:
    """Speaks with the voices in the data directories.

    Attributes:
        download: how far that of the default voice is.
    """

    def __init__(self, config: TtsConfig) -> None:
        self.download = Download(default_name(config))
        self._config = config
        self._folders = VoiceFolders(config.data_dirs)
        self._loaded = LoadedVoices(config)
        self._phrases = PhraseCache(config)
        self._parts: dict[InstalledVoice, Parts | None] = {}

    def voices(self) -> dict[str, InstalledVoice]:
        """Return the installed voices by name."""
        return self._folders.voices()

    def choose(self, choice: VoiceChoice) -> Speech:
        """Settle every choice; see `Engine`."""
        return settle(choice, self._folders.voices(), self._config)

    def sounds_early(self, speech: Speech) -> bool:
        """Whether a sentence sounds before it is rendered; see `Engine`."""
        return self._parts.get(self._folders.seen()[speech.voice]) is not None

    def speak(self, text: str, speech: Speech) -> Iterator[bytes]:
        """Yield the speech as 16-bit mono PCM, piece by piece; see `Engine`."""
        voice = by_name(self._folders.seen(), speech.voice)
        phrase = Phrase(voice, speech, text)
        if (kept := self._phrases.get(phrase)) is not None:
            yield kept
            return
        rendered = []
        for pcm in self._render(voice, text, speech):
            rendered.append(pcm)
            yield pcm
        self._phrases.put(phrase, b"".join(rendered))

    def kept(self) -> CacheCounts:
        """Count the phrases that are kept, and how often they were of use."""
        return self._phrases.counts()

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
        speech = self.choose(VoiceChoice())
        voice = by_name(self._folders.seen(), speech.voice)
        self._split(voice)
        for _ in self._render(voice, _WARM_UP, speech):
            pass

    def prepare(self) -> None:
        """Split a voice that is new; until then it speaks whole, so nobody waits for that."""
        new = (voice for voice in self._folders.voices().values() if voice not in self._parts)
        if (voice := next(new, None)) is not None:
            self._split(voice)

    def close(self) -> None:
        """Free the voices."""
        self._loaded.clear()
        self._phrases.close()

    def _render(self, voice: InstalledVoice, text: str, speech: Speech) -> Iterator[bytes]:
        """Yield speech that is not kept."""
        loaded = self._loaded.get(voice, self._parts.get(voice))
        try:
            yield from loaded.speak(text, speech)
        except Exception as error:
            _LOGGER.exception("Voice %s failed on a sentence", speech.voice)
            raise EngineError(f"Voice '{speech.voice}' failed on this text.") from error

    def _split(self, voice: InstalledVoice) -> None:
        """Find or make the parts of a voice, and load the tables of its language."""
        self._parts[voice] = None
        with suppress(OSError):  # its files have gone; who wants it is told when it is loaded
            self._parts[voice] = parts_of(voice.model)
        SentenceStream(voice.language)
        SpeechText(voice.language).clean(_WARM_UP)

    def _download(self, name: str) -> None:
        """Download a voice to the first data directory."""
        folder = self._config.data_dirs[0]
        if self._config.local_files_only:
            raise NotFoundError(
                f"Voice '{name}' is not on this machine. Copy {name}.onnx and {name}.onnx.json "
                f"to {folder}, or name a --data-dir that has them."
            )
        catalogue.download(name, folder, self.download)


def threads(config: TtsConfig) -> int:
    """Return how many threads a synthesis computes on: more than four gain little."""
    return config.cpu_threads or min(4, cores())


def at_once(config: TtsConfig) -> int:
    """Return how many syntheses compute at once: as many as have cores of their own."""
    return config.parallel or max(1, cores() // threads(config))


class LoadedVoices:
    """The voices that are kept loaded, the least recently used dropped first."""

    def __init__(self, config: TtsConfig) -> None:
        self._size = config.cached_voices
        self._threads = threads(config)
        self._lock = threading.Lock()
        self._slots: OrderedDict[InstalledVoice, _Slot] = OrderedDict()

    def get(self, voice: InstalledVoice, parts: Parts | None) -> "LoadedVoice":
        """Return a voice, in parts or whole; one thread loads it, others that want it wait.

        Raises:
            EngineError: its files cannot be loaded.
        """
        with self._lock:
            slot = self._slots.setdefault(voice, _Slot())
            self._slots.move_to_end(voice)
            while len(self._slots) > self._size:
                self._slots.popitem(last=False)
        with slot.lock:
            if slot.loaded is None or slot.parts != parts:
                slot.loaded, slot.parts = _load(voice, parts, self._threads), parts
            return slot.loaded

    def clear(self) -> None:
        """Drop every voice."""
        with self._lock:
            self._slots.clear()


class _Slot:
    """The place of one voice."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loaded: LoadedVoice | None = None
        self.parts: Parts | None = None


def _load(voice: InstalledVoice, parts: Parts | None, cpu_threads: int) -> "LoadedVoice":
    """Load a voice; what is wrong with it is the log's."""
    from wyoming_services.tts.loaded import LoadedVoice  # noqa: PLC0415 - heavy

    try:
        loaded = LoadedVoice(voice, parts, cpu_threads)
    except Exception as error:
        _LOGGER.exception("Voice %s cannot be loaded", voice.model)
        raise EngineError(
            f"The voice file {voice.model.name} is broken: replace it, or choose another voice."
        ) from error
    _LOGGER.info("Loaded voice %s", voice.name)
    return loaded
