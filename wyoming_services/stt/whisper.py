"""The recogniser: Whisper models through faster-whisper, loaded when first needed."""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming_services.audio.pcm import WHISPER_RATE
from wyoming_services.catalog import whisper as catalog
from wyoming_services.config import SttConfig
from wyoming_services.errors import BadRequestError, EngineError, NotFoundError
from wyoming_services.machine import cores, is_arm
from wyoming_services.protocol.fields import shown
from wyoming_services.stt.engine import Request, Transcription
from wyoming_services.stt.models import ConfiguredModel
from wyoming_services.stt.vocabulary import HOTWORD_TOKENS, hotwords

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    from wyoming_services.audio.resampling import Samples

_LOGGER = logging.getLogger(__name__)

_PROMPT_TOKENS = 223
"""What Whisper takes before the utterance: half its context, less one."""
_WINDOW = 30.0
"""Seconds Whisper hears at once."""
_SPEECH_THRESHOLD = 0.3
"""Lower than Silero's own 0.5: an unclear word is worth a try, a silent room is not."""
_SURE = -0.3
"""Average log probability from which on a reading stands. Below it the words to expect are tried as
well; not always, for they cost a second run and can mislead a model."""
_TEMPERATURES = (0.0, 0.4)
"""A second try when the first looks broken; the usual ladder of six costs seconds on noise."""


class WhisperEngine:
    """Transcribes with the models of a configuration.

    Attributes:
        models: by name, the default first.
    """

    def __init__(self, config: SttConfig) -> None:
        self._config = config
        self.models: dict[str, ConfiguredModel] = {}
        for given in config.models:
            name = Path(given).expanduser().resolve().name if catalog.is_path(given) else given
            if name in self.models:  # two folders of one name: the second goes by its path
                name = given
            self.models[name] = ConfiguredModel(given, name, config)

    def request(
        self,
        model: str | None,
        language: str | None,
        *,
        names: tuple[str, ...] = (),
        terms: tuple[str, ...] = (),
        prompt: str | None = None,
    ) -> Request:
        """Choose model and language; see `Engine`."""
        name = model or next(iter(self.models))
        if name not in self.models:
            known = ", ".join(self.models)
            raise NotFoundError(f"There is no model {shown(name)} here; there is {known}.")
        return Request(
            model=name,
            language=self._language(
                language or next(iter(self._config.languages), None), self.models[name]
            ),
            names=names,
            terms=terms,
            prompt=prompt or self._config.initial_prompt,
        )

    def transcribe(self, pcm: bytes, rate: int, request: Request) -> Iterator[Transcription]:
        """Yield the transcription of 16-bit mono PCM; see `Engine`."""
        from wyoming_services.audio.resampling import to_whisper  # noqa: PLC0415 - numpy

        model = self.models[request.model].get()
        try:
            transcription = self._recognise(model, to_whisper(pcm, rate), request)
        except Exception as error:
            _LOGGER.exception("Model %s failed on an utterance", request.model)
            raise EngineError(f"Model '{request.model}' failed on this utterance.") from error
        yield transcription

    def load(self) -> None:
        """Load the default model and run it once: the first run is slow."""
        import numpy as np  # noqa: PLC0415 - heavy

        model = next(iter(self.models.values()))
        noise = np.random.default_rng(0).normal(0, 0.1, WHISPER_RATE).astype(np.float32)
        _speech(noise)
        _decode(model.get(), noise, {"language": model.languages[0], "beam_size": 1})

    def close(self) -> None:
        """Free the models."""
        for model in self.models.values():
            model.unload()

    @staticmethod
    def _language(given: str | None, model: ConfiguredModel) -> str | None:
        """Reduce a language tag to a code the model speaks; None detects."""
        if given in {None, "", "auto"}:
            return None
        code = str(given).replace("_", "-").partition("-")[0].lower()
        if code in model.languages:
            return code
        if code not in catalog.LANGUAGES:
            raise BadRequestError(f"Whisper knows no language {shown(given)}; use a code: en.")
        spoken = ", ".join(model.languages)
        raise NotFoundError(f"Model '{model.name}' does not speak {shown(given)}, only {spoken}.")

    def _recognise(
        self, model: "WhisperModel", samples: "Samples", request: Request
    ) -> Transcription:
        """Run the model on what is speech: for silence Whisper invents words."""
        samples = _speech(samples)
        if not len(samples):
            return Transcription(text="", language=request.language)
        words = hotwords(
            (*request.names, *request.terms),
            lambda text: len(model.hf_tokenizer.encode(text, add_special_tokens=False)),
        )
        options = {
            "language": request.language,
            "beam_size": self._config.beam_size or _beam_size(model.model.device),
            "initial_prompt": _prompt(model, request.prompt, biased=words is not None),
        }
        heard = _decode(model, samples, options)
        if words and heard.log_probability < _SURE:
            options |= {"hotwords": words, "language": heard.language}
            heard = max(heard, _decode(model, samples, options), key=_likelihood)
        return Transcription(text=heard.text, language=heard.language)


@dataclass(frozen=True, slots=True)
class _Heard:
    """One reading of an utterance, and the average logarithm of its tokens' probabilities."""

    text: str
    language: str
    log_probability: float


def _likelihood(heard: _Heard) -> float:
    """Return what the likeliest of several readings has most of."""
    return heard.log_probability


def _decode(model: "WhisperModel", samples: "Samples", options: dict[str, Any]) -> _Heard:
    """Transcribe at most two windows of speech."""
    found, info = model.transcribe(
        samples,
        temperature=_TEMPERATURES,
        condition_on_previous_text=False,
        # Timestamps cost tokens and are needed only to find where the second window starts.
        without_timestamps=len(samples) <= _WINDOW * WHISPER_RATE,
        **options,
    )
    segments = list(found)
    text = " ".join("".join(segment.text for segment in segments).split())
    worst = min((segment.avg_logprob for segment in segments), default=-math.inf)
    return _Heard(text, info.language, worst)


def _speech(samples: "Samples") -> "Samples":
    """Cut off the silence before and after speech; nothing is left of silence alone.

    The voice activity detector is the one that comes with faster-whisper; it leaves 0.4 s on
    either side.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 - heavy

    spoken = get_speech_timestamps(samples, VadOptions(threshold=_SPEECH_THRESHOLD))
    return samples[spoken[0]["start"] : spoken[-1]["end"]] if spoken else samples[:0]


def _prompt(model: "WhisperModel", text: str | None, *, biased: bool) -> list[int] | None:
    """Return the last tokens of a prompt that fit beside the hotwords."""
    if not text:
        return None
    room = _PROMPT_TOKENS - HOTWORD_TOKENS if biased else _PROMPT_TOKENS
    tokens: list[int] = model.hf_tokenizer.encode(f" {text.strip()}", add_special_tokens=False).ids
    return tokens[-room:]


def _beam_size(kind: str) -> int:
    """Return 5 where that is quick enough (it costs the decoder about twice the time), else 1."""
    return 5 if kind == "cuda" or (cores() >= 4 and not is_arm()) else 1
