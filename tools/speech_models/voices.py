"""Stage `voices`: two Piper voices that need no training, one of them with two speakers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from tools.speech_models.phonemes import SAMPLE_RATE
from tools.speech_models.voice_graph import Speaker, VoiceGraph
from tools.speech_models.voice_sounds import Sounds, measure
from tools.speech_models.voice_vocoder import FRAME

ESPEAK_VOICE = "en-us"
LOW = Speaker(pitch=105.0)
HIGH = Speaker(pitch=190.0, width=1.14)
VOICES: Mapping[str, Mapping[str, Speaker]] = {
    "en_US-demo-low": {"low": LOW},
    "en_US-demo_duo-low": {"low": LOW, "high": HIGH},
}
"""Speakers by name, by voice."""


def _config(name: str, speakers: list[str]) -> dict[str, Any]:
    """Return what Piper keeps beside a voice: how it is phonemised, and its defaults."""
    return {
        "dataset": name,
        "audio": {"sample_rate": SAMPLE_RATE, "quality": "low"},
        "espeak": {"voice": ESPEAK_VOICE},
        "language": {
            "code": "en_US",
            "family": "en",
            "region": "US",
            "name_native": "English",
            "name_english": "English",
            "country_english": "United States",
        },
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": max(max(ids) for ids in DEFAULT_PHONEME_ID_MAP.values()) + 1,
        "num_speakers": len(speakers),
        "speaker_id_map": {name: i for i, name in enumerate(speakers)} if len(speakers) > 1 else {},
        "hop_length": FRAME,
        "piper_version": "1.0.0",
    }


def _write(folder: Path, name: str, speakers: Mapping[str, Speaker], sounds: Sounds) -> Path:
    path = folder / f"{name}.onnx"
    onnx.save(VoiceGraph(sounds, list(speakers.values())).build(), path)
    config = json.dumps(_config(name, list(speakers)), ensure_ascii=False, indent=1)
    path.with_name(f"{name}.onnx.json").write_text(config, encoding="utf-8")
    return path


def build(folder: Path) -> list[Path]:
    """Make the voices in a folder and return their paths.

    Raises:
        EspeakError: espeak-ng, whose sounds the voices are made of, is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sounds = measure(ESPEAK_VOICE)
    return [_write(folder, name, speakers, sounds) for name, speakers in VOICES.items()]
