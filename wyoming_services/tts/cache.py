"""Short replies, kept as they sounded: "Done." is rendered once.

A voice with noise says a text a little differently each time; a kept phrase always sounds alike.
"""

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass

from wyoming_services.audio.pcm import SAMPLE_WIDTH
from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.config import TtsConfig
from wyoming_services.protocol.status import CacheCounts
from wyoming_services.tts.cache_folder import CacheFolder
from wyoming_services.tts.engine import Speech

_LOGGER = logging.getLogger(__name__)

_LONGEST = 10.0
"""Seconds of speech kept. What is longer is rarely said twice, and would push out what is."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What makes speech sound as it does; equal phrases sound alike.

    Attributes:
        voice: the voice, with the stamp of its files.
        speech: every other choice.
        text: as the voice is given it.
    """

    voice: InstalledVoice
    speech: Speech
    text: str


class PhraseCache:
    """Kept phrases: the least recently used make room in memory, and on disk if there is a folder.

    May be used by several threads.
    """

    def __init__(self, config: TtsConfig) -> None:
        self._size = config.cache_bytes
        self._folder = (
            CacheFolder(config.cache_dir, config.cache_disk_bytes) if config.cache_dir else None
        )
        self._lock = threading.Lock()
        self._phrases: OrderedDict[Phrase, bytes] = OrderedDict()
        self._bytes = 0
        self._hits = 0
        self._misses = 0

    def get(self, phrase: Phrase) -> bytes | None:
        """Return all of a phrase as 16-bit mono PCM; None when it is not kept."""
        with self._lock:
            pcm = self._phrases.get(phrase)
            if pcm is not None:
                self._phrases.move_to_end(phrase)
        if pcm is None and self._folder is not None:
            pcm = self._folder.read(_identity(phrase), _longest(phrase))
            if pcm is not None:
                self._remember(phrase, pcm)
        with self._lock:
            self._hits += pcm is not None
            self._misses += pcm is None
        return pcm

    def put(self, phrase: Phrase, pcm: bytes) -> None:
        """Keep a phrase that was rendered to its end, unless it is long or kept already."""
        if not 0 < len(pcm) <= _longest(phrase):
            return
        self._remember(phrase, pcm)
        if self._folder is not None:
            self._folder.write(_identity(phrase), pcm)

    def counts(self) -> CacheCounts:
        """Return what is kept, and how often it was of use."""
        disk_entries, disk_bytes = self._folder.held() if self._folder else (0, 0)
        with self._lock:
            return CacheCounts(
                hits=self._hits,
                misses=self._misses,
                entries=len(self._phrases),
                bytes=self._bytes,
                disk_entries=disk_entries,
                disk_bytes=disk_bytes,
            )

    def close(self) -> None:
        """Forget what is in memory; what is on disk stays."""
        _LOGGER.debug("phrase cache: %s", self.counts())
        with self._lock:
            self._phrases.clear()
            self._bytes = 0

    def _remember(self, phrase: Phrase, pcm: bytes) -> None:
        """Keep a phrase in memory; of two renderings the first."""
        if len(pcm) > self._size:
            return
        with self._lock:
            if phrase in self._phrases:
                return
            self._phrases[phrase] = pcm
            self._bytes += len(pcm)
            while self._bytes > self._size:
                _, dropped = self._phrases.popitem(last=False)
                self._bytes -= len(dropped)


def _longest(phrase: Phrase) -> int:
    """Return how many bytes of a phrase are still worth keeping."""
    return int(_LONGEST * phrase.speech.rate) * SAMPLE_WIDTH


def _identity(phrase: Phrase) -> str:
    """Write down what tells a phrase from all others, also after a restart.

    Where the voice lies is left out: its name and the stamp of its files go with it.
    """
    return repr((phrase.voice.stamp, phrase.speech, phrase.text))
