"""Silero's voice activity detector, fed as audio comes in.

The network is the one faster-whisper brings (Silero VAD v6). It looks at frames of 512 samples with
the 64 samples before them, and hands a recurrent state from frame to frame; faster-whisper's own
wrapper starts anew with every call.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import soxr
from faster_whisper.vad import get_vad_model

from wyoming_services.audio.pcm import WHISPER_RATE
from wyoming_services.audio.resampling import Samples

_FRAME = 512
_CONTEXT = 64


class SileroEar:
    """Listens to one utterance.

    Args:
        rate: of its audio, in hertz.
    """

    def __init__(self, rate: int) -> None:
        self._session = _session()
        self._resample = (
            soxr.ResampleStream(rate, WHISPER_RATE, 1, quality="LQ")
            if rate != WHISPER_RATE
            else None
        )
        self._state = np.zeros((2, 1, 1, 128), np.float32)
        self._rest: Samples = np.zeros(0, np.float32)
        self._context: Samples = np.zeros(_CONTEXT, np.float32)

    def hear(self, pcm: bytes) -> Iterator[list[float]]:
        """Yield the speech probability of every frame that 16-bit mono PCM completes."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
        if self._resample is not None:
            samples = self._resample.resample_chunk(samples)
        samples = np.concatenate([self._rest, samples])
        count = len(samples) // _FRAME
        self._rest = samples[count * _FRAME :]
        if count:
            yield self._probabilities(samples[: count * _FRAME].reshape(count, _FRAME))

    def _probabilities(self, frames: Samples) -> list[float]:
        """Run the network over frames in a row."""
        tails = np.concatenate([self._context[None], frames[:, -_CONTEXT:]])
        inputs = np.concatenate([tails[:-1], frames], axis=1)
        self._context = tails[-1]
        probabilities, *self._state = self._session.run(
            None, {"input": inputs, "h": self._state[0], "c": self._state[1]}
        )
        return [float(each) for each in np.ravel(probabilities)]


@cache
def _session() -> Any:
    """Return the network; its session may run on several threads at once."""
    return get_vad_model().session
