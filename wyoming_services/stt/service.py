"""The speech-to-text service: sessions, what is advertised, loading."""

from importlib.metadata import version

from wyoming.info import AsrModel, AsrProgram, Attribution, Info

from wyoming_services import __version__
from wyoming_services.config import SttConfig
from wyoming_services.stt.session import SttSession
from wyoming_services.stt.whisper import WhisperEngine

_PROGRAM = "Local Assist Whisper"
_ATTRIBUTION = Attribution(
    name="Whisper, through faster-whisper", url="https://github.com/SYSTRAN/faster-whisper"
)


class SttService:
    """What the speech-to-text port offers."""

    role = "stt"

    def __init__(self, config: SttConfig) -> None:
        self._config = config
        self._engine = WhisperEngine(config)
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

    def close(self) -> None:
        """Free the models."""
        self._engine.close()
