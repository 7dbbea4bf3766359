"""A recogniser that hears loudness and reads from a list, and a microphone before a session."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from faster_whisper import WhisperModel
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from tests.unit.services.wire import Wire
from wyoming_services.config import SttConfig
from wyoming_services.errors import NotFoundError, ServiceError
from wyoming_services.protocol.session import Lane
from wyoming_services.stt.engine import Request, Transcription
from wyoming_services.stt.models import ConfiguredModel
from wyoming_services.stt.session import SttSession

RATE = 16000
FORMAT = {"rate": RATE, "width": 2, "channels": 1}
START = AudioStart(**FORMAT).event()
STOP = AudioStop().event()


def opened(model: ConfiguredModel) -> WhisperModel:
    """Load a model, and return it."""
    with model.use() as whisper:
        return whisper


def sound(seconds: float, *, loud: bool) -> bytes:
    """Return audio that is speech to the ear, or silence."""
    return np.full(round(seconds * RATE), 9000 if loud else 0, "<i2").tobytes()


def chunk(seconds: float, *, loud: bool = True) -> Event:
    """Return it as an event."""
    return AudioChunk(**FORMAT, audio=sound(seconds, loud=loud)).event()


class LoudnessEar:
    """Takes what is loud for speech, in frames of 32 ms at 16 kHz."""

    def __init__(self) -> None:
        self._rest = b""

    def hear(self, pcm: bytes) -> Iterator[list[float]]:
        """Yield a probability a frame."""
        pcm = self._rest + pcm
        count = len(pcm) // 1024
        self._rest = pcm[count * 1024 :]
        if count:
            frames = np.frombuffer(pcm[: count * 1024], "<i2").reshape(count, 512)
            yield [0.99 if frame.any() else 0.01 for frame in frames]


class ListEngine:
    """Reads texts from a list, the last one over and over.

    Attributes:
        texts: what it reads, or what goes wrong.
        heard: the audio of each reading.
        requests: how each was asked for.
        clear: whether each was said to be speech without a doubt.
        answered: what turned out to be all that was said.
        is_loaded: whether the model is.
    """

    def __init__(self, *texts: str | ServiceError, confidence: float = 1.0) -> None:
        self.texts: Sequence[str | ServiceError] = texts or ("hello",)
        self.heard: list[bytes] = []
        self.requests: list[Request] = []
        self.clear: list[bool] = []
        self.answered: list[str] = []
        self.is_loaded = True
        self._confidence = confidence

    def request(self, model: str | None, language: str | None, **rest: object) -> Request:
        """Know one model."""
        if model not in {None, "only"}:
            raise NotFoundError("There is no such model.")
        return Request(model="only", languages=(language,) if language else (), **rest)

    def ear(self, _rate: int) -> LoudnessEar:
        """Begin to listen."""
        return LoudnessEar()

    def loaded(self, _request: Request) -> bool:
        """Tell whether the model is loaded."""
        return self.is_loaded

    def prepare(self, _request: Request) -> Iterator[None]:
        """Load the model."""
        self.is_loaded = True
        yield None

    def transcribe(
        self, pcm: bytes, _rate: int, request: Request, *, clear: bool
    ) -> Iterator[Transcription | None]:
        """Yield a step, then the text."""
        yield None
        text = self.texts[min(len(self.heard), len(self.texts) - 1)]
        self.heard.append(pcm)
        self.requests.append(request)
        self.clear.append(clear)
        if isinstance(text, ServiceError):
            raise text
        yield Transcription(text, request.language or "xx", self._confidence)

    def stood(self, transcription: Transcription, _request: Request) -> None:
        """Remember what was answered."""
        self.answered.append(transcription.text)


class Microphone:
    """Speaks to a session as time passes; the ear keeps up, the model works when it is let.

    Attributes:
        wire: the connection.
        engine: the recogniser.
        now: the time.
    """

    def __init__(
        self, *texts: str | ServiceError, confidence: float = 1.0, **config: object
    ) -> None:
        self.engine = ListEngine(*texts, confidence=confidence)
        self.now = 0.0
        settings = replace(SttConfig(max_audio_seconds=60), **config)
        self.wire = Wire(SttSession(self.engine, settings, lambda: self.now))

    def hears(self, *parts: float, reading: bool = True, pace: float = 1.0) -> None:
        """Pick up speech (positive seconds) and silence (negative), 10 ms at a time.

        Args:
            parts: what comes.
            reading: whether the model gets to work meanwhile.
            pace: how fast time passes while it comes; 0 is a file.
        """
        for part in parts:
            for _ in range(round(abs(part) * 100)):
                self.now += 0.01 * pace
                self.wire.client_sends(chunk(0.01, loud=part > 0))
                self.wire.work(lanes=[*([Lane.WORK] if reading else []), Lane.LISTEN])

    @property
    def transcripts(self) -> list[str]:
        """What the client was told."""
        return [event.data["text"] for event in self.wire.sent if event.type == "transcript"]
