"""What of a voice can be computed in windows, and how much context a window needs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.services.tts.graph.small_voices import SmallVoice
from wyoming_services.tts.graph.locality import NotLocalError, local_parts
from wyoming_services.tts.graph.split import split

LAYER = st.one_of(
    st.tuples(st.just("convolve"), st.integers(1, 7), st.integers(1, 5)),
    st.tuples(st.just("stretch"), st.integers(1, 4), st.integers(0, 9)),
    st.tuples(st.just("LeakyRelu")),
    st.tuples(st.just("skip"), st.integers(1, 5)),
)


def grow(voice: SmallVoice, layer: tuple[object, ...]) -> None:
    """Add a layer drawn by hypothesis."""
    match layer:
        case ("convolve", int(kernel), int(dilation)):
            voice.convolve(kernel, dilation)
        case ("stretch", int(stride), int(more)):
            voice.stretch(stride, stride + more)
        case ("skip", int(kernel)):
            before = voice.last
            voice.add("Add", before, voice.convolve(kernel))
        case (str(operator),):
            voice.add(operator)


def test_context_is_what_the_convolutions_reach() -> None:
    """Counted in frames: a stretched signal needs fewer of them."""
    voice = SmallVoice()
    voice.convolve(7)
    voice.stretch(8, 16)
    voice.convolve(5, 4)
    frames, vocoder = local_parts(voice.graph())
    assert (frames.rate, frames.halo) == (1, (3, 3))
    # (16 - 1 - 4) / 8 of a frame before and 4 / 8 after, and 8 / 8 either side.
    assert (vocoder.rate, vocoder.halo) == (8, (3, 2))
    assert frames.outputs == vocoder.inputs == vocoder.windowed
    assert vocoder.outputs == ("output",)


@settings(max_examples=25, deadline=None)
@given(st.lists(LAYER, max_size=5))
def test_windows_give_what_the_whole_gives(
    tmp_path_factory: pytest.TempPathFactory, layers: list[tuple[object, ...]]
) -> None:
    """Whatever the vocoder is stacked of: splitting compares the two itself."""
    folder = tmp_path_factory.mktemp("voice")
    voice = SmallVoice()
    for layer in layers:
        grow(voice, layer)
    voice.stretch(4, 8)
    manifest = split(voice.save(folder / "any.onnx"), folder)
    assert manifest.parts[-1].rate >= 4


def test_tensors_that_hold_for_the_whole_sentence_are_not_cut() -> None:
    """As the voice of a speaker does, or how much noise there is to be."""
    voice = SmallVoice()
    frames = voice.last
    loudness = voice.add("Gather", "scales", voice.constant(0, np.int64))
    voice.add("Mul", frames, loudness)
    voice.stretch(4, 4)
    first, vocoder = local_parts(voice.graph())
    assert set(first.inputs) == {frames, loudness}
    assert first.windowed == (frames,)
    assert vocoder.windowed == vocoder.inputs


def strided(voice: SmallVoice) -> None:
    """Leave every other sample out."""
    voice.convolve(3, strides=[2])


def shortened(voice: SmallVoice) -> None:
    """Lose samples at the ends."""
    voice.convolve(3, pads=[0, 0])


def averaged(voice: SmallVoice) -> None:
    """Look at all samples."""
    voice.add("Sub", voice.last, voice.add("ReduceMean", voice.last, axes=[2]))


def cut(voice: SmallVoice) -> None:
    """Leave out the first samples."""
    ends = (voice.constant([each], np.int64) for each in (5, 2**31 - 1, 2))
    voice.add("Slice", voice.last, *ends)


def multiplied(voice: SmallVoice) -> None:
    """Do what no table has."""
    voice.add("MatMul", voice.constant(np.eye(4)), voice.last)


def twice(voice: SmallVoice) -> None:
    """Put the samples behind each other."""
    voice.add("Concat", voice.last, voice.last, axis=2)


@pytest.mark.parametrize("spoil", [strided, shortened, averaged, cut, multiplied, twice])
def test_what_is_not_local_is_found_out(spoil: Callable[[SmallVoice], None]) -> None:
    """After the vocoder, so that nothing is left to compute in windows."""
    voice = SmallVoice()
    voice.stretch(4, 8)
    spoil(voice)
    with pytest.raises(NotLocalError):
        local_parts(voice.graph())


def test_a_voice_without_a_vocoder_cannot_be_split() -> None:
    """What works on frames alone has nothing to gain."""
    voice = SmallVoice()
    voice.convolve(3)
    with pytest.raises(NotLocalError, match="no vocoder"):
        local_parts(voice.graph())


def test_the_demo_voices_can_be_split(voices_folder: Path) -> None:
    """As Piper's own can."""
    models = list(voices_folder.glob("*.onnx"))
    assert models
    for model in models:
        vocoder = local_parts(onnx.load(model).graph)[-1]
        assert vocoder.rate == 128
        assert max(vocoder.halo) <= 3
