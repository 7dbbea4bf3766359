"""A Piper voice as an ONNX graph of plain operators: phoneme ids in, speech out, nothing learnt.

Ids become frames by their durations; each frame gets a spectrum and a pitch; the vocoder makes
speech of them, the sum of a pitch's harmonics (what is voiced) and band-filtered noise (what is
not). Inputs and outputs are those Piper gives its trained voices: `input`, `input_lengths`,
`scales` (noise, length, noise_w) and, with several speakers, `sid`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from tools.speech_models.onnx_graph import Graph
from tools.speech_models.phonemes import SAMPLE_RATE
from tools.speech_models.voice_sounds import BAND_WIDTH, BANDS, STAGES, Sounds
from tools.speech_models.voice_vocoder import FRAME, HARMONICS, NOISE_BANDS, Frames, vocoder

_HIGHEST_HARMONIC = 8000.0  # Hz
_BEYOND_SPECTRUM = -20.0  # log power above the highest band that was measured
_NOISE_SEED = 5
_NOISE_FRAMES = 128
_LONG_MARK = DEFAULT_PHONEME_ID_MAP["ː"][0]
_STRESS = DEFAULT_PHONEME_ID_MAP["ˈ"][0]
_QUESTION = DEFAULT_PHONEME_ID_MAP["?"][0]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: pitch in Hz, and how much wider than measured the spectrum is."""

    pitch: float
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class _Timeline:
    """Names of what is known of each frame, shape (frames,) unless said.

    Attributes:
        ids: phoneme ids, shape (ids,).
        owner: which of the ids a frame belongs to.
        count: how many frames there are, a scalar.
        time: middle of a frame, in frames.
        position: where in its sound a frame is, 0 to STAGES - 1.
        sound: phoneme id that says how the frame sounds.
    """

    ids: str
    owner: str
    count: str
    time: str
    position: str
    sound: str


class VoiceGraph:
    """The graph of one voice in the making."""

    def __init__(self, sounds: Sounds, speakers: list[Speaker]) -> None:
        self._sounds = sounds
        self._speakers = speakers
        self._random = np.random.default_rng(_NOISE_SEED)
        self._graph = graph = Graph()
        self._noise_scale, self._length_scale, self._noise_w = (
            graph.add("Gather", "scales", graph.integer(index)) for index in range(3)
        )
        self._speaker = (
            graph.add("Gather", "sid", graph.integer(0)) if len(speakers) > 1 else graph.integer(0)
        )

    def build(self) -> onnx.ModelProto:
        """Return the voice."""
        graph = self._graph
        timeline = self._timeline()
        voiced, unvoiced = self._powers(timeline)
        pitch = self._pitch(timeline)
        tones, tone_levels = self._tones(pitch, voiced)
        frames = Frames(
            tones=self._for_vocoder(tones, "tones"),
            tone_levels=self._for_vocoder(tone_levels, "tone_levels"),
            noise=self._for_vocoder(self._noise(timeline.count), "noise"),
            noise_levels=self._for_vocoder(self._noise_levels(voiced, unvoiced), "noise_levels"),
        )
        speech = vocoder(graph, frames)
        graph.add("Reshape", speech, graph.integer([1, 1, 1, -1]), output="output")
        tensor = helper.make_tensor_value_info
        inputs = [
            tensor("input", TensorProto.INT64, ["batch_size", "phonemes"]),
            tensor("input_lengths", TensorProto.INT64, ["batch_size"]),
            tensor("scales", TensorProto.FLOAT, [3]),
        ]
        if len(self._speakers) > 1:
            inputs.append(tensor("sid", TensorProto.INT64, ["batch_size"]))
        output = tensor("output", TensorProto.FLOAT, ["batch_size", 1, 1, "time"])
        return graph.model(inputs, [output], "parametric-voice")

    def _timeline(self) -> _Timeline:
        """Lay the ids out in frames. A long mark goes on with the sound before it."""
        graph = self._graph
        zero, one = graph.integer(0), graph.integer([1])
        ids = graph.add("Gather", "input", zero)
        length = graph.add("Gather", "input_lengths", zero)
        ids = graph.add(
            "Slice", ids, graph.integer([0]), graph.add("Reshape", length, one), graph.integer([0])
        )
        is_long = graph.add("Equal", ids, graph.integer(_LONG_MARK))
        # The id two before: the sound a long mark lengthens, past the padding between ids.
        before = graph.add("Pad", ids, graph.integer([2, 0]), zero)
        before = graph.add(
            "Slice", before, graph.integer([0]), graph.integer([-2]), graph.integer([0])
        )
        sound = graph.add("Where", is_long, before, ids)
        frames = self._frames_per_id(ids)
        end = graph.add("CumSum", frames, zero)
        start = graph.add("Sub", end, frames)
        count = graph.cast(graph.add("ReduceMax", end, keepdims=0), TensorProto.INT64)
        time = graph.cast(graph.add("Range", zero, count, graph.integer(1)))
        time = graph.total(time, graph.number(0.5))
        owner = self._passed(end, count)

        def of_frame(value: str) -> str:
            return graph.add("Gather", value, owner)

        share = graph.add("Div", graph.add("Sub", time, of_frame(start)), of_frame(frames))
        # Within a long mark, the sound lingers in the middle of its course.
        slope = graph.add("Where", is_long, graph.number(0.25), graph.number(1.0))
        offset = graph.add("Where", is_long, graph.number(0.6), graph.number(0.0))
        place = graph.total(graph.product(share, of_frame(slope)), of_frame(offset))
        place = graph.add("Sub", graph.product(place, graph.number(STAGES)), graph.number(0.5))
        position = graph.clip(place, 0, STAGES - 1.001)
        return _Timeline(ids, owner, count, time, position, of_frame(sound))

    def _passed(self, end: str, count: str) -> str:
        """Return how many ids have ended before the middle of each frame."""
        graph = self._graph
        ends = graph.cast(end, TensorProto.INT64)
        size = graph.add("Reshape", count, graph.integer([1]))
        with_end = graph.total(size, graph.integer([1]))
        none = graph.add("Expand", graph.integer(0), with_end)
        ones = graph.add("Expand", graph.integer(1), graph.add("Shape", ends))
        marks = graph.add("ScatterElements", none, ends, ones, axis=0, reduction="add")
        passed = graph.add("CumSum", marks, graph.integer(0))
        return graph.add("Slice", passed, graph.integer([0]), size, graph.integer([0]))

    def _frames_per_id(self, ids: str) -> str:
        """Return how many frames each id lasts.

        The graph's only Ceil is here: by it Piper finds the alignment of ids and audio.
        """
        graph = self._graph
        jitter = graph.add("RandomNormalLike", graph.cast(ids))
        jitter = graph.add("Exp", graph.product(jitter, self._noise_w, graph.number(0.12)))
        durations = graph.add("Gather", graph.number(self._sounds.durations), ids)
        seconds = graph.product(durations, self._length_scale, jitter)
        return graph.add("Ceil", graph.product(seconds, graph.number(SAMPLE_RATE / FRAME)))

    def _powers(self, timeline: _Timeline) -> tuple[str, str]:
        """Return voiced and unvoiced power of each frame and band, smoothed over time."""
        graph = self._graph
        low = graph.add("Floor", timeline.position)
        rest = graph.unsqueeze(graph.add("Sub", timeline.position, low), 1)
        row = graph.product(timeline.sound, graph.integer(STAGES))
        row = graph.total(row, graph.cast(low, TensorProto.INT64))
        if len(self._speakers) > 1:
            per_speaker = graph.integer(len(self._sounds.durations) * STAGES)
            row = graph.total(row, graph.product(self._speaker, per_speaker))
        table = graph.cast(graph.constant(self._spectra_by_speaker(), np.float16))
        here = graph.add("Gather", table, row)
        following = graph.add("Gather", table, graph.total(row, graph.integer(1)))
        log_power = self._between(here, following, rest)
        voicing = graph.cast(graph.constant(self._sounds.voicing, np.float16))
        voicing = graph.add("Gather", voicing, timeline.sound)
        power = graph.add("Exp", self._smooth_in_time(log_power))
        voicing = graph.clip(self._smooth_in_time(voicing), 0, 1)
        breath = graph.add("Sub", graph.number(1.0), voicing)
        return graph.product(power, voicing), graph.product(power, breath)

    def _spectra_by_speaker(self) -> npt.NDArray[np.floating]:
        """Return all spectra for each speaker in turn, shape (rows, BANDS)."""
        bands = np.arange(BANDS)
        rows = self._sounds.spectra.reshape(-1, BANDS)
        return np.concatenate(
            [
                [
                    np.interp(bands / speaker.width, bands, row, right=_BEYOND_SPECTRUM)
                    for row in rows
                ]
                for speaker in self._speakers
            ]
        )

    def _between(self, low: str, high: str, share: str) -> str:
        """Interpolate between two values."""
        graph = self._graph
        return graph.total(
            graph.product(low, graph.add("Sub", graph.number(1.0), share)),
            graph.product(high, share),
        )

    def _smooth_in_time(self, frames: str) -> str:
        """Let neighbouring sounds run into each other. Shape (frames, BANDS)."""
        kernel = np.hanning(9)[1:-1]
        rows = self._graph.transpose(frames)
        smoothed = self._graph.smooth(rows, kernel / kernel.sum(), before=3, after=3)
        return self._graph.transpose(smoothed)

    def _pitch(self, timeline: _Timeline) -> str:
        """Return the pitch of each frame, Hz: falling, with accents, rising for a question."""
        graph = self._graph
        stressed = graph.cast(graph.add("Equal", timeline.ids, graph.integer(_STRESS)))
        accent = graph.smooth(graph.unsqueeze(stressed, 0), np.ones(7), before=6, after=0)
        accent = graph.clip(graph.squeeze(accent, 0), 0, 1)
        accent = graph.unsqueeze(graph.add("Gather", accent, timeline.owner), 0)
        kernel = np.hanning(35)[1:-1]
        accent = graph.smooth(accent, kernel / kernel.sum(), before=16, after=16)
        accent = graph.squeeze(accent, 0)
        course = graph.add("Div", timeline.time, graph.cast(timeline.count))
        question = graph.cast(graph.add("Equal", timeline.ids, graph.integer(_QUESTION)))
        question = graph.add("ReduceMax", question, keepdims=0)
        rise = graph.add("Relu", graph.add("Sub", course, graph.number(0.75)))
        phase = graph.product(timeline.time, graph.number(2 * np.pi * 4.3 * FRAME / SAMPLE_RATE))
        wobble = graph.product(self._noise_scale, graph.number(0.012))
        contour = graph.total(
            graph.add("Sub", graph.number(1.08), graph.product(course, graph.number(0.2))),
            graph.product(accent, graph.number(0.22)),
            graph.total(
                graph.product(rise, graph.number(1.6), question),
                graph.product(graph.add("Sin", phase), wobble),
            ),
        )
        pitches = graph.number([speaker.pitch for speaker in self._speakers])
        return graph.product(graph.add("Gather", pitches, self._speaker), contour)

    def _tones(self, pitch: str, power: str) -> tuple[str, str]:
        """Return what the vocoder is told of the harmonics of the pitch, and their levels.

        A harmonic is as strong as the band it is in.
        """
        graph = self._graph
        numbers = np.arange(1, HARMONICS + 1)
        pitch = graph.unsqueeze(pitch, 1)
        frequency = graph.product(pitch, graph.number(numbers[None]))
        band = graph.add("Div", frequency, graph.number(BAND_WIDTH))
        band = graph.clip(graph.add("Sub", band, graph.number(0.5)), 0, BANDS - 1.001)
        low = graph.add("Floor", band)
        index = graph.cast(low, TensorProto.INT64)
        here = graph.add("GatherElements", power, index, axis=1)
        index = graph.total(index, graph.integer(1))
        following = graph.add("GatherElements", power, index, axis=1)
        level = self._between(here, following, graph.add("Sub", band, low))
        level = graph.product(level, graph.product(pitch, graph.number(2 / BAND_WIDTH)))
        audible = graph.cast(graph.add("Less", frequency, graph.number(_HIGHEST_HARMONIC)))
        level = graph.product(graph.add("Sqrt", level), audible)
        both = [graph.unsqueeze(value, 2) for value in (self._turns(pitch), frequency)]
        tones = graph.add("Concat", *both, axis=2)
        tones = graph.add("Reshape", tones, graph.integer([-1, 2 * HARMONICS]))
        return tones, level

    def _turns(self, pitch: str) -> str:
        """Return how far through its period each harmonic is where a frame starts, 0 to 1.

        The pitch goes in a straight line from the middle of a frame to the middle of the next.
        """
        graph = self._graph
        mean = graph.smooth(graph.transpose(pitch), [1 / 8, 6 / 8, 1 / 8], before=1, after=1)
        # In double precision and without whole turns, or the phase would drift in long sentences.
        steps = graph.cast(graph.transpose(mean), TensorProto.DOUBLE)
        steps = graph.product(steps, graph.constant(FRAME / SAMPLE_RATE, np.float64))
        turns = graph.add("CumSum", steps, graph.integer(0), exclusive=1)
        turns = graph.product(turns, graph.constant(np.arange(1, HARMONICS + 1)[None], np.float64))
        shift = self._random.uniform(0, 0.35, (1, HARMONICS))
        turns = graph.total(turns, graph.constant(shift, np.float64))
        return graph.cast(graph.add("Sub", turns, graph.add("Floor", turns)))

    def _noise(self, count: str) -> str:
        """Return white noise, the same every time. Shape (frames, FRAME)."""
        graph = self._graph
        white = self._random.standard_normal((_NOISE_FRAMES, FRAME))
        zero, one = graph.integer(0), graph.integer(1)
        frame = graph.add("Mod", graph.add("Range", zero, count, one), graph.integer(_NOISE_FRAMES))
        return graph.cast(graph.add("Gather", graph.constant(white, np.float16), frame))

    def _noise_levels(self, voiced: str, unvoiced: str) -> str:
        """Return how loud the noise is: what is unvoiced, and a little breath where voice is."""
        graph = self._graph
        width = BANDS // NOISE_BANDS
        group = graph.number(np.arange(BANDS)[:, None] // width == np.arange(NOISE_BANDS))
        breath = graph.product(self._noise_scale, graph.number(0.004))
        breath = graph.product(graph.add("MatMul", voiced, group), breath)
        return graph.add("Sqrt", graph.total(graph.add("MatMul", unvoiced, group), breath))

    def _for_vocoder(self, frames: str, name: str) -> str:
        """Turn shape (frames, channels) to (1, channels, frames), under a name to cut at."""
        graph = self._graph
        axis = graph.integer([0])
        return graph.add("Unsqueeze", graph.transpose(frames), axis, output=name)
