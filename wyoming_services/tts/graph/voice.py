"""A loaded voice: phoneme ids in, samples out, as soon as there are some."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime

from wyoming_services.tts.graph.parts import Manifest, Part
from wyoming_services.tts.graph.windows import windows
from wyoming_services.tts.loudness import Samples

Tensors = dict[str, npt.NDArray[Any]]
Feeds = Mapping[str, npt.NDArray[Any]]

_AHEAD = 3
"""How many times as many frames as before are prepared for the vocoder."""
_FIRST_COST = 0.2
"""Assumed cost of a frame (see `windows`) before any was computed."""
_SMOOTHING = 0.3


class Renderer(Protocol):
    """Turns what Piper's models take into samples."""

    def render(self, feeds: Feeds) -> Iterator[Samples]:
        """Yield the samples in -1..1, piece by piece; blocks."""


class WholeVoice:
    """A voice that renders a sentence in one piece.

    Args:
        model: its `.onnx` file.
        threads: to compute on.
    """

    def __init__(self, model: Path, threads: int) -> None:
        self._session = session(model, threads)

    def render(self, feeds: Feeds) -> Iterator[Samples]:
        """Yield all samples."""
        (samples, *_) = self._session.run(None, feeds)
        yield np.ravel(samples)


class SplitVoice:
    """A voice that looks at the whole sentence first, then renders it window by window.

    Args:
        folder: of its parts.
        manifest: what is there.
        threads: to compute on.
        rate: samples per second.
    """

    def __init__(self, folder: Path, manifest: Manifest, threads: int, rate: int) -> None:
        self._head = session(folder / manifest.head, threads)
        self._made_by_head = [each.name for each in self._head.get_outputs()]
        self._parts = [(part, session(folder / part.file, threads)) for part in manifest.parts]
        self._rate = rate
        self._cost = _FIRST_COST

    def render(self, feeds: Feeds) -> Iterator[Samples]:
        """Yield the samples, the first few soon."""
        made = self._head.run(None, feeds)
        sentence = _Sentence(dict(zip(self._made_by_head, made, strict=True)), self._parts)
        vocoder = self._parts[-1][0]
        context = sum(vocoder.halo)
        for start, end in windows(sentence.frames, context, self._cost):
            begun = time.monotonic()
            samples = sentence.samples(start, end)
            took = time.monotonic() - begun
            cost = took * self._rate / vocoder.rate / (end - start + context)
            self._cost += _SMOOTHING * (cost - self._cost)
            yield samples


class _Sentence:
    """A sentence being rendered: its tensors, each as far as it was needed.

    Args:
        tensors: what the head has made.
        parts: what follows, each with its graph.
    """

    def __init__(self, tensors: Tensors, parts: Sequence[tuple[Part, Any]]) -> None:
        self._tensors = tensors
        self._parts = parts
        self._made = [0] * len(parts)
        self.frames = tensors[parts[0][0].windowed[0]].shape[-1]

    def samples(self, start: int, end: int) -> Samples:
        """Render the frames from `start` to before `end`."""
        (samples,) = self._compute(len(self._parts) - 1, start, end)
        return np.ravel(samples)

    def _compute(self, number: int, start: int, end: int) -> list[npt.NDArray[Any]]:
        """Compute a part for some frames, with its context, which is thrown away."""
        part, graph = self._parts[number]
        before, after = part.halo
        low, high = max(0, start - before), min(self.frames, end + after)
        if number:
            self._prepare(number - 1, high)
        feeds = {
            name: self._tensors[name][..., low:high]
            if name in part.windowed
            else self._tensors[name]
            for name in part.inputs
        }
        inner = slice((start - low) * part.rate, (end - low) * part.rate)
        return [made[..., inner] for made in graph.run(part.outputs, feeds)]

    def _prepare(self, number: int, end: int) -> None:
        """Compute a part at frame rate up to a frame: each time more, so little is thrown away."""
        done = self._made[number]
        if end <= done:
            return
        end = min(self.frames, max(end, _AHEAD * done))
        pieces = self._compute(number, done, end)
        for name, piece in zip(self._parts[number][0].outputs, pieces, strict=True):
            if not done:
                self._tensors[name] = np.empty((*piece.shape[:-1], self.frames), piece.dtype)
            self._tensors[name][..., done:end] = piece
        self._made[number] = end


def session(model: Path, threads: int) -> Any:
    """Load a graph onto the CPU.

    Raises:
        Exception: whatever onnxruntime finds wrong with the file.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that sleep between two operators would wake too late; between two runs they may.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )
