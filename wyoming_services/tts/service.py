"""The text-to-speech service: sessions, what is advertised, loading."""

from collections.abc import Iterator
from importlib.metadata import version

from wyoming.info import Attribution, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker

from wyoming_services import __version__
from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.config import TtsConfig
from wyoming_services.protocol.status import Status, Transfer
from wyoming_services.tts.piper import PiperEngine
from wyoming_services.tts.session import TtsSession
from wyoming_services.tts.voices import SPEAKER_MARK

_MOST_SPEAKERS = 100
"""A voice of more speakers (some have 900) would bury the others in a list to choose from."""
_PROGRAM = "Local Assist Piper"
_ATTRIBUTION = Attribution(name="Piper", url="https://github.com/OHF-Voice/piper1-gpl")


class TtsService:
    """What the text-to-speech port offers."""

    role = "tts"
    tending: float | None = 5.0

    def __init__(self, config: TtsConfig) -> None:
        self._config = config
        self._engine = PiperEngine(config)
        self._piper_version = version("piper-tts")

    def info(self) -> Info:
        """Describe the voices that are installed now."""
        voices = [
            advertised
            for voice in self._engine.voices().values()
            for advertised in self._advertised(voice)
        ]
        program = TtsProgram(
            name=_PROGRAM,
            attribution=_ATTRIBUTION,
            installed=True,
            description="Local Assist text-to-speech",
            version=__version__,
            voices=voices,
            supports_synthesize_streaming=True,
        )
        return Info(tts=[program])

    def session(self) -> TtsSession:
        """Begin the session of a new connection."""
        return TtsSession(self._engine, self._config.max_text_length)

    def load(self) -> None:
        """Load and warm the default voice.

        Raises:
            ServiceError: no voice can be had; the message says what to do.
        """
        self._engine.load()

    def tend(self) -> None:
        """Prepare a voice that has come since the last time."""
        self._engine.prepare()

    def status(self) -> Status:
        """Say which voice is the default, how far its download is, and what is kept."""
        each = self._engine.download
        running = Transfer(each.name, each.done_bytes, each.total_bytes, each.percent)
        return Status(
            self._config.voice,
            downloads=(running,) if each.running else (),
            cache=self._engine.kept(),
        )

    def close(self) -> None:
        """Free the voices."""
        self._engine.close()

    def _advertised(self, voice: InstalledVoice) -> Iterator[TtsVoice]:
        """Describe a voice, and each speaker of it once more as a voice of its own.

        Home Assistant lets people choose voices, not speakers.
        """
        speakers = [name for name, _ in voice.speakers]
        own_voices = speakers if len(speakers) <= _MOST_SPEAKERS else []
        for name in (voice.name, *(f"{voice.name}{SPEAKER_MARK}{each}" for each in own_voices)):
            yield TtsVoice(
                name=name,
                attribution=_ATTRIBUTION,
                installed=True,
                description=name,
                version=self._piper_version,
                languages=[voice.language],
                speakers=[TtsVoiceSpeaker(name=each) for each in speakers]
                if name == voice.name and speakers
                else None,
            )
