"""Speech for tests: texts spoken by the demo voice, utterances heard by the demo model."""

from dataclasses import dataclass, replace

import numpy as np
import soxr
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.unit.services.wire import converse
from wyoming_services.protocol.session import Service


@dataclass(frozen=True)
class Audio:
    """A recording: 16-bit mono samples at a rate."""

    samples: np.ndarray
    rate: int

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.samples) / self.rate

    def at(self, rate: int) -> Audio:
        """Return the recording at another rate."""
        return replace(self, samples=soxr.resample(self.samples, self.rate, rate), rate=rate)

    def events(self, width: int = 2, channels: int = 1) -> list[Event]:
        """Return what a client sends for it, in its format, 100 ms at a time."""
        fmt = {"rate": self.rate, "width": width, "channels": channels}
        wide = self.samples.astype("<i4") << 8 * (width - 2) if width == 4 else self.samples
        frames = np.repeat(wide.reshape(-1, 1), channels, axis=1)
        chunks = [
            AudioChunk(**fmt, audio=frames[start : start + self.rate // 10].tobytes()).event()
            for start in range(0, len(frames), self.rate // 10)
        ]
        return [AudioStart(**fmt).event(), *chunks, AudioStop().event()]


def say(tts: Service, text: str, **voice: str) -> Audio:
    """Have a text spoken, the same way every time."""
    request = Synthesize(
        text=text,
        voice=SynthesizeVoice(**voice) if voice else None,
        context={"noise_scale": 0.0, "noise_w_scale": 0.0},
    )
    sent = converse(tts.session(), request.event())
    errors = [event.data for event in sent if event.type == "error"]
    assert not errors
    pcm = b"".join(event.payload or b"" for event in sent if event.type == "audio-chunk")
    return Audio(np.frombuffer(pcm, "<i2"), sent[0].data["rate"])


def hear(stt: Service, *events: Event, **request: object) -> dict[str, object]:
    """Have an utterance transcribed; return the data of the answer."""
    sent = converse(stt.session(), Transcribe(**request).event(), *events)
    (transcript,) = (event for event in sent if event.type == "transcript")
    return transcript.data
