"""A Piper voice with random weights, and its ONNX file. Needs torch and piper-tts."""

import dataclasses
import math
import warnings
from pathlib import Path

import torch
from piper.train.vits.models import SynthesizerTrn

from tools.true_size_voices.shapes import FRAMES_PER_ID, LEVEL, SYMBOLS, Shape

_SEED = 1
_OPSET = 15
_IDS = 300
"""Of the text that levels are measured with."""
_ROUNDS = 8
_SCALES = (0.667, 1.0, 0.8)
"""Noise, length and duration noise: what voices have by default."""


def network(shape: Shape) -> SynthesizerTrn:
    """Return a voice that babbles at the pace and level of speech."""
    warnings.filterwarnings("ignore", message=".*weight_norm.*", category=FutureWarning)
    torch.manual_seed(_SEED)
    voice = SynthesizerTrn(
        n_vocab=SYMBOLS,
        spec_channels=513,
        segment_size=32,
        inter_channels=192,
        hidden_channels=192,
        filter_channels=768,
        n_heads=2,
        n_layers=6,
        kernel_size=3,
        p_dropout=0.1,
        use_sdp=True,
        **dataclasses.asdict(shape),
    ).eval()
    with torch.no_grad():
        voice.dec.remove_weight_norm()  # as piper.train.export_onnx does
        _set_pace(voice)
        _set_level(voice)
    return voice


def _babble(voice: SynthesizerTrn, *, frames: int) -> float:
    """Speak random ids, the vocoder only the first frames; return the mean frames of an id."""
    ids = torch.randint(0, SYMBOLS, (1, _IDS))
    noise, length, pace = _SCALES
    _, path, *_ = voice.infer(
        ids,
        torch.tensor([_IDS]),
        noise_scale=noise,
        length_scale=length,
        noise_scale_w=pace,
        max_len=frames,
    )
    return float(path.sum()) / _IDS


def _set_pace(voice: SynthesizerTrn) -> None:
    """Shift the logarithm of the durations until ids last as long as in speech."""
    offset = voice.dp.flows[0].m  # channel 0 is the logarithm of the duration
    offset.zero_()
    for _ in range(_ROUNDS):
        offset[0] += math.log(_babble(voice, frames=1) / FRAMES_PER_ID)


def _set_level(voice: SynthesizerTrn) -> None:
    """Bring the samples to the level of speech, around zero: random biases are mostly a hum."""
    for name, parameter in voice.dec.named_parameters():
        if name.endswith("bias"):
            parameter.zero_()
    heard: list[torch.Tensor] = []
    hook = voice.dec.conv_post.register_forward_hook(lambda *given: heard.append(given[-1]))
    _babble(voice, frames=_IDS)
    hook.remove()
    voice.dec.conv_post.weight *= LEVEL / heard[0].square().mean().sqrt()


def export(voice: SynthesizerTrn, path: Path) -> None:
    """Write a voice as `piper.train.export_onnx` does."""

    def forward(ids: torch.Tensor, lengths: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
        noise, length, pace = scales
        audio, *_ = voice.infer(
            ids, lengths, noise_scale=noise, length_scale=length, noise_scale_w=pace
        )
        return audio.unsqueeze(1)

    voice.forward = forward
    ids = torch.randint(0, SYMBOLS, (1, 50))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            voice,
            (ids, torch.tensor([50]), torch.tensor(_SCALES)),
            str(path),
            opset_version=_OPSET,
            dynamo=False,
            input_names=["input", "input_lengths", "scales"],
            output_names=["output"],
            dynamic_axes={
                "input": {0: "batch_size", 1: "phonemes"},
                "input_lengths": {0: "batch_size"},
                "output": {0: "batch_size", 2: "time"},
            },
        )
