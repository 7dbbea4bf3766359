"""The speech-to-text service: sessions, what is advertised, loading."""

from importlib.metadata import version

from wyoming.info import AsrModel, AsrProgram, Attribution, Info

from wyoming_services import __version__
from wyoming_services.config import SttConfig
from wyoming_services.protocol.status import Status, Transfer
from wyoming_services.stt.session import SttSession
from wyoming_services.stt.whisper import WhisperEngine

_PROGRAM = "Local Assist Whisper"
_TENDING = 30.0
"""Seconds a model may stay longer than it was told to."""
_ATTRIBUTION = Attribution(
    name="Whisper, through faster-whisper", url="https://github.com/SYSTRAN/faster-whisper"
)


class SttService:
    """What the speech-to-text port offers."""

    role = "stt"

    def __init__(self, config: SttConfig) -> None:
        self._config = config
        self._engine = WhisperEngine(config)
        self._idle = config.idle_unload * 60
        self.tending = min(self._idle / 4, _TENDING) if self._idle else None
        self._whisper_version = version("faster-whisper")

    def info(self) -> Info:
        """Describe the models configured.

        They count as installed while they are still downloading: Home Assistant reads the
        languages of installed models once, when it is set up.
        """
        models = [
            AsrModel(
                name=model.name,
                attribution=_ATTRIBUTION,
                installed=True,
                description=model.name,
                version=self._whisper_version,
                languages=list(model.languages),
            )
            for model in self._engine.models.values()
        ]
        program = AsrProgram(
            name=_PROGRAM,
            attribution=_ATTRIBUTION,
            installed=True,
            description="Local Assist speech-to-text",
            version=__version__,
            models=models,
            supports_transcript_streaming=True,
            requires_external_vad=self._config.endpointing != "own",
        )
        return Info(asr=[program])

    def session(self) -> SttSession:
        """Begin the session of a new connection."""
        return SttSession(self._engine, self._config)

    def load(self) -> None:
        """Load and warm the default model; the others follow when first asked for.

        Raises:
            ServiceError: it cannot be had; the message says what to do.
        """
        self._engine.load()

    def tend(self) -> None:
        """Unload the models nobody has asked for in a while."""
        for model in self._engine.models.values():
            model.unload_if_idle(self._idle)

    def status(self) -> Status:
        """Say how the default model is, and what is being downloaded."""
        models = list(self._engine.models.values())
        return Status(
            model=models[0].name,
            device=str(models[0].placement or ""),
            downloads=tuple(
                Transfer(each.name, each.done_bytes, each.total_bytes, each.percent)
                for each in (model.download for model in models)
                if each.running
            ),
        )

    def close(self) -> None:
        """Free the models."""
        self._engine.close()
