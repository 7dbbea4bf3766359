"""The recogniser: Whisper models through faster-whisper, loaded when first needed."""

import logging
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from wyoming_services.audio.pcm import SAMPLE_WIDTH, WHISPER_RATE
from wyoming_services.catalog import whisper as catalog
from wyoming_services.config import SttConfig
from wyoming_services.errors import BadRequestError, EngineError, NotFoundError, ServiceError
from wyoming_services.protocol.fields import shown
from wyoming_services.stt.certainty import UsualEndings
from wyoming_services.stt.device import beam_size
from wyoming_services.stt.engine import Ear, Request, Transcription
from wyoming_services.stt.models import ConfiguredModel
from wyoming_services.stt.phantoms import is_phantom
from wyoming_services.stt.vocabulary import HOTWORD_TOKENS, hotwords

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    from wyoming_services.stt.decoding import Manner, Reading

_LOGGER = logging.getLogger(__name__)

_PROMPT_TOKENS = 223
"""What Whisper takes before the utterance: half its context, less one."""
_DOUBT = 0.5
"""No-speech probability from which on even a likely sentence may be invented."""


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
        self._usual = {name: UsualEndings() for name in self.models}

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
            languages=self._languages(language, self.models[name]),
            names=names,
            terms=terms,
            prompt=prompt or self._config.initial_prompt,
        )

    def ear(self, rate: int) -> Ear:
        """Begin to listen to an utterance; see `Engine`."""
        from wyoming_services.stt.listening import SileroEar  # noqa: PLC0415 - heavy

        return SileroEar(rate)

    def loaded(self, request: Request) -> bool:
        """Tell whether a request's model is in memory."""
        return self.models[request.model].loaded

    def prepare(self, request: Request) -> Iterator[None]:
        """Load a request's model; see `Engine`."""
        with self.models[request.model].use():
            yield None

    def transcribe(
        self, pcm: bytes, rate: int, request: Request, *, clear: bool
    ) -> Iterator[Transcription | None]:
        """Yield the transcription of 16-bit mono PCM; see `Engine`."""
        with self.models[request.model].use() as model:
            try:
                usual = self._usual[request.model]
                for reading in self._readings(model, pcm, rate, request):
                    yield _transcription(reading, usual, clear=clear) if reading else None
            except ServiceError:
                raise
            except Exception as error:
                _LOGGER.exception("Model %s failed on an utterance", request.model)
                raise EngineError(f"Model '{request.model}' failed on this utterance.") from error

    def stood(self, transcription: Transcription, request: Request) -> None:
        """Learn that a transcription was the whole utterance; see `Engine`."""
        if transcription.text and transcription.ending:
            self._usual[request.model].add(transcription.ending)

    def load(self) -> None:
        """Load the default model and run it once: the first run is slow."""
        noise = Random(0).randbytes(SAMPLE_WIDTH * WHISPER_RATE)  # noqa: S311 - is to be heard
        for _ in self.ear(WHISPER_RATE).hear(noise):
            pass
        request = self.request(None, next(iter(self.models.values())).languages[0])
        for _ in self.transcribe(noise, WHISPER_RATE, request, clear=True):
            pass

    def close(self) -> None:
        """Free the models."""
        for model in self.models.values():
            model.unload()

    def _languages(self, given: str | None, model: ConfiguredModel) -> tuple[str, ...]:
        """Return what an utterance may be spoken in, of what the model knows.

        Where the user listed several languages they are told apart whatever a client names: Home
        Assistant always names the one of the pipeline.
        """
        listed = tuple(code for code in self._config.languages if code in model.languages)
        if given in {None, "", "auto"}:
            return listed
        code = catalog.language_code(str(given))
        if code not in catalog.LANGUAGES:
            raise BadRequestError(f"Whisper knows no language {shown(given)}; use a code: en.")
        if code not in model.languages:
            spoken = ", ".join(model.languages)
            raise NotFoundError(
                f"Model '{model.name}' does not speak {shown(given)}, only {spoken}."
            )
        return listed if len(listed) > 1 and code in listed else (code,)

    def _readings(
        self, model: "WhisperModel", pcm: bytes, rate: int, request: Request
    ) -> "Iterator[Reading | None]":
        """Read an utterance, in one window or several."""
        from wyoming_services.audio.resampling import to_whisper  # noqa: PLC0415 - numpy
        from wyoming_services.stt import decoding  # noqa: PLC0415 - heavy

        samples = to_whisper(pcm, rate)
        manner = self._manner(model, request)
        if len(samples) > decoding.WINDOW * WHISPER_RATE:
            yield decoding.read_long(model, samples, manner)
        else:
            yield from decoding.read(model, samples, manner)

    def _manner(self, model: "WhisperModel", request: Request) -> "Manner":
        """Choose how to read."""
        from wyoming_services.stt.decoding import Manner  # noqa: PLC0415 - heavy

        def tokens(text: str) -> list[int]:
            ids: list[int] = model.hf_tokenizer.encode(text, add_special_tokens=False).ids
            return ids

        words = None
        if self.models[request.model].takes_words:
            words = hotwords((*request.names, *request.terms), lambda text: len(tokens(text)))
        room = _PROMPT_TOKENS - HOTWORD_TOKENS if words else _PROMPT_TOKENS
        return Manner(
            languages=request.languages,
            beam_size=beam_size(model.model.device, self._config.beam_size),
            window_floor=self._config.window_floor,
            prompt=tokens(f" {request.prompt.strip()}")[-room:] if request.prompt else (),
            words=words,
        )


def _transcription(reading: "Reading", usual: UsualEndings, *, clear: bool) -> Transcription:
    """Return what was said, without what Whisper invents when nothing is."""
    unsure = not clear or reading.no_speech > _DOUBT
    invented = reading.silent or is_phantom(reading.text, reading.language, unsure=unsure)
    text = "" if invented else reading.text
    confidence = usual.rank(reading.ending)
    return Transcription(text, reading.language, confidence, reading.ending)
