"""The end of a demo voice: what is said of each frame becomes samples.

As in Piper's trained voices, this part looks at a frame and its two neighbours only, so a server
can run it on a few frames at a time. All tensors have the shape (1, channels, time).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.speech_models.onnx_graph import Graph
from tools.speech_models.phonemes import SAMPLE_RATE
from tools.speech_models.voice_sounds import BAND_WIDTH, BANDS

FRAME = 128
"""Samples per frame (Piper's hop length)."""
HARMONICS = 64
NOISE_BANDS = 20
_FIR_HALF = 48  # taps either side of a noise band's filter
_BLOCK = 8  # harmonics computed at once
_GAIN = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Names of what the vocoder is told, shape (1, channels, frames).

    Attributes:
        tones: two channels per harmonic: its phase where the frame starts, as a share of its
            period, and its frequency in the middle of the frame, in Hz.
        tone_levels: amplitude of each harmonic in the middle of the frame.
        noise: white noise, a channel per sample of the frame.
        noise_levels: amplitude of each noise band in the middle of the frame.
    """

    tones: str
    tone_levels: str
    noise: str
    noise_levels: str


def vocoder(graph: Graph, frames: Frames) -> str:
    """Add the vocoder and return its speech, shape (1, 1, samples)."""
    positions = graph.number(np.eye(FRAME)[:, None])

    def to_samples(value: str) -> str:
        return graph.add("ConvTranspose", value, positions, strides=[FRAME])

    tones = to_samples(_tones(graph, frames))
    noise = _noise(graph, to_samples(frames.noise), frames.noise_levels)
    return graph.add("Tanh", graph.product(graph.total(tones, noise), graph.number(_GAIN)))


def _tones(graph: Graph, frames: Frames) -> str:
    """Return the voiced sound, a channel per sample of the frame.

    Each harmonic has such channels of its own until they are added up: onnxruntime makes them with
    a Conv in a tenth of the time that it takes to bring 64 levels to samples with a ConvTranspose.
    Blocks of harmonics share their weights, and keep what is in memory at once small.
    """
    phase_weights = graph.number(np.tile(_phase_weights(), (_BLOCK, 1, 1)))
    level_weights = graph.number(np.tile(_between_frames()[:, None], (_BLOCK, 1, 1)))
    blocks = []
    for tones, levels in zip(
        graph.split(frames.tones, HARMONICS // _BLOCK, axis=1),
        graph.split(frames.tone_levels, HARMONICS // _BLOCK, axis=1),
        strict=True,
    ):
        phase = graph.add("Conv", tones, phase_weights, group=_BLOCK, pads=[1, 1])
        level = graph.add("Conv", levels, level_weights, group=_BLOCK, pads=[1, 1])
        blocks.append(graph.product(graph.add("Sin", phase), level))
    return graph.total(*graph.split(graph.total(*blocks), _BLOCK, axis=1))


def _noise(graph: Graph, white: str, levels: str) -> str:
    """Return the unvoiced sound: bands of white noise (given as samples), each at its level."""
    filters = graph.number(_band_filters()[:, None])
    bands = graph.add("Conv", white, filters, pads=[_FIR_HALF, _FIR_HALF])
    # Kernels that do not overlap take half the time of a triangle over two frames.
    neighbours = graph.number(np.tile(np.eye(3)[:, None], (NOISE_BANDS, 1, 1)))
    levels = graph.add("Conv", levels, neighbours, group=NOISE_BANDS, pads=[1, 1])
    weights = graph.number(np.tile(_between_frames().T[:, None], (NOISE_BANDS, 1, 1)))
    levels = graph.add("ConvTranspose", levels, weights, group=NOISE_BANDS, strides=[FRAME])
    return graph.add("ReduceSum", graph.product(bands, levels), graph.integer([1]))


def _between_frames() -> npt.NDArray[np.floating]:
    """Return how much the frame before, this one and the next one count at each of its samples.

    Values are those of the middle of a frame; between two middles lies a straight line.
    """
    offset = (np.arange(FRAME) + 0.5) / FRAME - 0.5
    return np.stack([np.maximum(-offset, 0), 1 - np.abs(offset), np.maximum(offset, 0)], axis=1)


def _phase_weights() -> npt.NDArray[np.floating]:
    """Return what makes a harmonic's phase (radians) at each sample of a frame of its `tones`."""
    start = np.broadcast_to([0, 1, 0], (FRAME, 3))
    turns = _between_frames().cumsum(axis=0) / SAMPLE_RATE
    return 2 * np.pi * np.stack([start, turns], axis=1)


def _band_filters() -> npt.NDArray[np.floating]:
    """Return a windowed-sinc band-pass filter of unit energy per noise band."""
    taps = np.arange(-_FIR_HALF, _FIR_HALF + 1)
    width = BANDS * BAND_WIDTH / NOISE_BANDS

    def low_pass(edge: float) -> npt.NDArray[np.floating]:
        return np.sinc(2 * edge / SAMPLE_RATE * taps) * 2 * edge / SAMPLE_RATE

    filters = np.stack(
        [
            np.hamming(len(taps)) * (low_pass((band + 1) * width) - low_pass(band * width))
            for band in range(NOISE_BANDS)
        ]
    )
    return np.asarray(filters / np.sqrt((filters**2).sum(1, keepdims=True)))
