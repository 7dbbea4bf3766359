"""A voice that is loaded: from text to PCM."""

import json
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from piper import PiperVoice
from piper.config import PiperConfig

from wyoming_services.audio.pcm import silence
from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.tts.engine import Speech
from wyoming_services.tts.graph.parts import Parts
from wyoming_services.tts.graph.voice import Feeds, Renderer, SplitVoice, WholeVoice
from wyoming_services.tts.loudness import gain, to_pcm

_COUNTING = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."
"""What a voice's loudness is measured by: text in every language."""


class LoadedVoice:
    """A voice that speaks; several threads may have it speak at once."""

    def __init__(self, voice: InstalledVoice, parts: Parts | None, threads: int) -> None:
        """Load a voice, in parts if there are any.

        Raises:
            Exception: whatever is wrong with its files.
        """
        self._config = PiperConfig.from_dict(json.loads(voice.config.read_text("utf-8")))
        # Piper's own class for what it knows of languages; the graph is ours to run.
        self._text = PiperVoice(
            session=cast("Any", None), config=self._config, download_dir=voice.model.parent
        )
        self._renderer: Renderer = (
            SplitVoice(parts, threads, self._config.sample_rate)
            if parts
            else WholeVoice(voice.model, threads)
        )
        self._gains: dict[int, float] = {}

    def speak(self, text: str, speech: Speech) -> Iterator[bytes]:
        """Yield a text as 16-bit mono PCM, piece by piece."""
        speaker = self._config.default_speaker_id if speech.speaker is None else speech.speaker
        factor = self._gain(speaker)
        scales = (
            _either(speech.noise_scale, self._config.noise_scale),
            _either(speech.length_scale, self._config.length_scale),
            _either(speech.noise_w_scale, self._config.noise_w_scale),
        )
        for position, sentence in enumerate(self._sentences(text)):
            if position and speech.sentence_silence:
                yield silence(speech.sentence_silence, speech.rate)
            for samples in self._renderer.render(self._feeds(sentence, scales, speaker)):
                yield to_pcm(samples, factor, speech.volume)

    def _gain(self, speaker: int) -> float:
        """Return how much louder a speaker is to be than the voice has it, once measured."""
        if speaker not in self._gains:
            samples = [
                piece
                for sentence in self._sentences(_COUNTING)
                for piece in self._renderer.render(self._feeds(sentence, (0.0, 1.0, 0.0), speaker))
            ]
            self._gains[speaker] = gain(np.concatenate(samples)) if samples else 1.0
        return self._gains[speaker]

    def _sentences(self, text: str) -> Iterator[list[int]]:
        """Yield the phoneme ids of each sentence, as the voice's language divides them."""
        for phonemes in self._text.phonemize(text):
            if phonemes:
                yield self._text.phonemes_to_ids(phonemes)

    def _feeds(self, ids: list[int], scales: tuple[float, ...], speaker: int) -> Feeds:
        """Return the inputs of Piper's models."""
        feeds: dict[str, Any] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if self._config.num_speakers > 1:
            feeds["sid"] = np.array([speaker], np.int64)
        return feeds


def _either(wanted: float | None, own: float) -> float:
    """Return what was asked for, else what the voice was made with."""
    return own if wanted is None else wanted
