"""A loaded voice: phoneme ids in, samples out, as soon as there are some."""

import math
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime

from wyoming_services.tts.graph.parts import Part, Parts
from wyoming_services.tts.graph.windows import windows
from wyoming_services.tts.loudness import Samples

Tensors = dict[str, npt.NDArray[Any]]
Feeds = Mapping[str, npt.NDArray[Any]]

_AHEAD = 3
"""How many times as many frames as before are prepared for what follows."""
_MOST_AHEAD = 384
"""Frames that are prepared at once at most, for the sake of memory."""
_FIRST_COST = 0.2
"""Assumed cost of a frame (see `windows`) before any was computed."""
_FIRST_BEGINNING = 0.1
"""Assumed seconds until the first window is there, before any was."""
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
        parts: what it is split into.
        threads: to compute on.
        rate: samples per second.
    """

    def __init__(self, parts: Parts, threads: int, rate: int) -> None:
        folder, manifest = parts.folder, parts.manifest
        self._head = session(folder / manifest.head, threads)
        self._made_by_head = [each.name for each in self._head.get_outputs()]
        self._parts = [(part, session(folder / part.file, threads)) for part in manifest.parts]
        self._rate = rate
        self._lock = threading.Lock()
        self._rendering = 0
        self._cost = _FIRST_COST
        self._beginning = _FIRST_BEGINNING

    def render(self, feeds: Feeds) -> Iterator[Samples]:
        """Yield the samples, the first few soon."""
        with self._lock:
            self._rendering += 1
        try:
            yield from self._render(feeds)
        finally:
            with self._lock:
                self._rendering -= 1

    def _render(self, feeds: Feeds) -> Iterator[Samples]:
        """Yield the samples of a sentence, and learn what they cost, as busy as the machine is."""
        begun = time.monotonic()
        made = self._head.run(None, feeds)
        sentence = _Sentence(dict(zip(self._made_by_head, made, strict=True)), self._parts)
        # Each of the other sentences may be begun before this one is gone on with.
        wait = (self._rendering - 1) * self._beginning * self._rate / sentence.rate
        plan = windows(sentence.frames, sentence.context, self._cost, wait)
        for start, end in plan:
            window_begun = time.monotonic()
            samples = sentence.samples(start, end)
            now = time.monotonic()
            seconds = (end - start + sentence.context) * sentence.rate / self._rate
            self._cost += _SMOOTHING * ((now - window_begun) / seconds - self._cost)
            if not start:
                self._beginning += _SMOOTHING * (now - begun - self._beginning)
            yield samples


class _Sentence:
    """A sentence being rendered: its tensors, each as far as it was needed.

    Args:
        tensors: what the head has made.
        parts: what follows, each with its graph.

    Attributes:
        frames: how many it has.
        rate: samples per frame.
        context: how many are computed beside a window by the part that does most.
    """

    def __init__(self, tensors: Tensors, parts: Sequence[tuple[Part, Any]]) -> None:
        self._tensors = tensors
        self._parts = parts
        # Positions per frame of what each part takes.
        self._rates = [math.prod(part.rate for part, _ in parts[:n]) for n in range(len(parts))]
        self._made = [0] * len(parts)
        self.rate = self._rates[-1] * parts[-1][0].rate
        self.frames = tensors[parts[0][0].windowed[0]].shape[-1]
        self.context = math.ceil(sum(parts[-1][0].halo) / self._rates[-1])

    def samples(self, start: int, end: int) -> Samples:
        """Render the frames from `start` to before `end`."""
        rate = self._rates[-1]
        (samples,) = self._compute(len(self._parts) - 1, start * rate, end * rate)
        return np.ravel(samples)

    def _compute(self, number: int, start: int, end: int) -> list[npt.NDArray[Any]]:
        """Compute a part for some positions, with their context, which is thrown away."""
        part, graph = self._parts[number]
        before, after = part.halo
        low, high = max(0, start - before), min(self.frames * self._rates[number], end + after)
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
        """Compute what a part gives up to a position; frames ahead, so little is thrown away."""
        done = self._made[number]
        if end <= done:
            return
        part, _ = self._parts[number]
        frames = self.frames * self._rates[number]
        wanted = max(end, min(_AHEAD * done, done + _MOST_AHEAD)) if part.rate == 1 else end
        goal = min(frames, math.ceil(wanted / part.rate))
        pieces = self._compute(number, done // part.rate, goal)
        self._made[number] = end = goal * part.rate
        for name, piece in zip(part.outputs, pieces, strict=True):
            if not done:
                shape = (*piece.shape[:-1], frames * part.rate)
                self._tensors[name] = np.empty(shape, piece.dtype)
            self._tensors[name][..., done:end] = piece


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
