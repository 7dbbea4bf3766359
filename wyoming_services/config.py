"""The servers' settings: typed once, validated at start, frozen afterwards."""

from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_data_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client, and all of them together, may use. Times in seconds."""

    connections: int = 32
    first_event: float = 10.0
    idle: float = 60.0
    write: float = 10.0
    job: float = 60.0
    shutdown: float = 5.0
    queued_jobs: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenConfig:
    """Where a service listens and how it is found.

    Attributes:
        uri: `tcp://host:port` or `unix:///path`.
        zeroconf: announce on the network; None keeps the service silent, "" takes the default name.
    """

    uri: str
    zeroconf: str | None = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class SttConfig:
    """Speech-to-text.

    Attributes:
        models: folder paths or hub names; the first is the default, the others are chosen by
            `Transcribe.name`. "auto" picks by device.
        language: ISO 639-1 code used when a client names none, or None to detect.
        beam_size: 0 picks by device.
        cpu_threads: per transcription; 0 picks by the machine.
        parallel: transcriptions at once.
        max_audio_seconds: longer utterances end with a clear error.
    """

    models: tuple[str, ...] = ("auto",)
    language: str | None = None
    device: str = "auto"
    compute_type: str = "auto"
    beam_size: int = 0
    cpu_threads: int = 0
    initial_prompt: str | None = None
    parallel: int = 1
    max_audio_seconds: float = 60.0
    data_dirs: tuple[Path, ...] = (user_data_path("local-assist") / "whisper",)
    local_files_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsConfig:
    """Text-to-speech.

    Attributes:
        voice: name of the default voice (`en_US-lessac-medium`, or `name#speaker`).
        speaker: default speaker's name or number of a multi-speaker voice.
        cached_voices: voices kept loaded, least recently used dropped first.
        parallel: syntheses at once.
        max_text_length: characters of one request.
        sentence_silence: seconds of silence after each sentence but the last.
    """

    voice: str = "en_US-lessac-medium"
    speaker: str | None = None
    length_scale: float | None = None
    noise_scale: float | None = None
    noise_w_scale: float | None = None
    sentence_silence: float = 0.0
    cached_voices: int = 4
    cpu_threads: int = 0
    parallel: int = 2
    max_text_length: int = 10_000
    data_dirs: tuple[Path, ...] = (user_data_path("local-assist") / "piper",)
    local_files_only: bool = False
