"""The servers' settings: typed once, validated at start, frozen afterwards.

Every class raises `ConfigError` when a value makes no sense, naming it as the command line does.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from platformdirs import user_cache_path, user_data_path

from wyoming_services.address import Address, TcpAddress, parse_uri
from wyoming_services.errors import ConfigError

STT_URI = "tcp://127.0.0.1:10300"
TTS_URI = "tcp://127.0.0.1:10200"
"""The ports by convention; on loopback, because the protocol knows no authentication."""

COMPUTE_TYPES = (
    *("auto", "default", "int8", "int8_float32", "int8_float16", "int8_bfloat16"),
    *("int16", "float16", "bfloat16", "float32"),
)
"""What CTranslate2 can compute with, and `auto`."""

ENDPOINTING = ("own", "external")

SPEAKING_BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "speed": (0.25, 4.0),
        "length_scale": (0.25, 4.0),
        "noise_scale": (0.0, 2.0),
        "noise_w_scale": (0.0, 2.0),
        "volume": (0.0, 2.0),
        "sentence_silence": (0.0, 10.0),
    }
)
"""What the numbers of `VoiceSettings` may be, whoever gives them: a request, a file, flags."""

_MEBIBYTE = 1024 * 1024
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


def health_address(uri: str | None) -> TcpAddress | None:
    """Return where the health port is; None without one.

    Raises:
        ConfigError: it is not a TCP address.
    """
    if not uri:
        return None
    wrong = ConfigError(f"health-uri must look like tcp://127.0.0.1:10380, not '{uri}'")
    try:
        address = parse_uri(uri)
    except ConfigError as error:
        raise wrong from error
    if not isinstance(address, TcpAddress):
        raise wrong
    return address


def data_path() -> Path:
    """Return the folder of this user's that models and the instance id are kept in."""
    return user_data_path("local-assist")


def cache_path() -> Path:
    """Return the folder of what can be made again."""
    return user_cache_path("local-assist")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client, and all of them together, may use. Times in seconds.

    Attributes:
        connections: clients at once; more are told `busy`.
        first_event: until a client's first event is complete.
        read: until an event that has begun is complete.
        idle: between two events while no job runs.
        write: until a client has taken at least some of what it is sent.
        job: until a job's first item, waiting included, and between two items.
        shutdown: from the signal to the end.
        queued_jobs: jobs that may wait for a thread; more are told `busy`.
    """

    connections: int = 32
    first_event: float = 10.0
    read: float = 10.0
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
        limits: what clients may use.
    """

    uri: str
    zeroconf: str | None = ""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Validate."""
        parse_uri(self.uri)
        # A DNS label, RFC 1035; dots would make another domain of it.
        if self.zeroconf and not re.fullmatch(r"[^.\x00-\x1f\x7f]{1,63}", self.zeroconf):
            raise ConfigError(
                "zeroconf must be a name of at most 63 characters without dots, "
                f"not '{self.zeroconf}'"
            )

    @property
    def address(self) -> Address:
        """The URI, read."""
        return parse_uri(self.uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class SttConfig:
    """Speech-to-text.

    Attributes:
        models: folder paths or hub names; the first is the default, the others are chosen by
            `Transcribe.name`. "auto" picks by device.
        languages: codes to tell apart, whatever a client asks for; one alone is used for clients
            that name none; none detects among all the model knows.
        endpointing: "own" finds the end of speech here and says so, "external" leaves it to the
            client; one that ends the utterance itself is served either way.
        window_floor: shortest window encoded, in seconds; 30 is always the whole one.
        speculations: decodes at most per utterance before its end is known.
        beam_size: 0 picks by device.
        cpu_threads: per transcription; 0 picks by the machine.
        parallel: transcriptions at once.
        idle_unload: minutes without a request until a model is unloaded; 0 keeps it.
        max_audio_seconds: longer utterances end with a clear error.
        data_dirs: where models are looked for; downloads go to the first.
    """

    models: tuple[str, ...] = ("auto",)
    languages: tuple[str, ...] = ()
    endpointing: str = "own"
    window_floor: float = 10.0
    speculations: int = 2
    device: str = "auto"
    compute_type: str = "auto"
    beam_size: int = 0
    cpu_threads: int = 0
    initial_prompt: str | None = None
    parallel: int = 1
    idle_unload: float = 0.0
    max_audio_seconds: float = 60.0
    data_dirs: tuple[Path, ...] = field(default_factory=lambda: (data_path() / "whisper",))
    local_files_only: bool = False

    def __post_init__(self) -> None:
        """Validate."""
        if not self.models or not all(self.models):
            raise ConfigError("model must not be empty")
        if not _DEVICE.fullmatch(self.device):
            raise ConfigError(f"device must be auto, cpu, cuda or cuda:NUMBER, not '{self.device}'")
        if self.compute_type not in COMPUTE_TYPES:
            known = ", ".join(COMPUTE_TYPES)
            raise ConfigError(f"compute-type must be one of {known}, not '{self.compute_type}'")
        if self.endpointing not in ENDPOINTING:
            raise ConfigError(f"endpointing must be own or external, not '{self.endpointing}'")
        _check_range(self, "window_floor", 1, 30)
        _check_range(self, "speculations", 0, 10)
        _check_range(self, "idle_unload", 0, 10_000)
        _check_range(self, "beam_size", 0, 20)
        _check_range(self, "cpu_threads", 0, 256)
        _check_range(self, "parallel", 1, 32)
        _check_range(self, "max_audio_seconds", 1, 600)
        _check_folders(self.data_dirs)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """How to speak, as far as somebody has said so; None leaves it to whoever is asked next.

    Attributes:
        speed: 2 is twice as fast; the inverse of `length_scale`, and never given with it.
        length_scale: duration of each sound, Piper's own measure; below 1 is faster.
        noise_scale: how much the sound varies.
        noise_w_scale: how much the pace varies.
        volume: factor on the samples.
        sentence_silence: seconds of silence after each sentence but the last.
        speaker: name or number of a speaker of a multi-speaker voice.
    """

    speed: float | None = None
    length_scale: float | None = None
    noise_scale: float | None = None
    noise_w_scale: float | None = None
    volume: float | None = None
    sentence_silence: float | None = None
    speaker: str | None = None

    def __post_init__(self) -> None:
        """Validate."""
        for name in SPEAKING_BOUNDS:
            _check_range(self, name, *SPEAKING_BOUNDS[name])
        if self.speed is not None and self.length_scale is not None:
            raise ConfigError("speed and length-scale say the same: give one of them")

    @property
    def duration(self) -> float | None:
        """The pace as a `length_scale`, however it was given."""
        return self.length_scale if self.speed is None else 1 / self.speed


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsConfig(VoiceSettings):
    """Text-to-speech.

    The settings it inherits are for all voices; what is None is as each voice was made.

    Attributes:
        voice: name of the default voice (`en_US-lessac-medium`, or `name#speaker`); its speaker is
            the only one that `speaker` is for.
        voices: settings of single voices, by name; they come before those for all.
        languages: name of the voice (or `name#speaker`) for a language tag, for clients that name
            a language and no voice.
        cached_voices: voices kept loaded, least recently used dropped first.
        cpu_threads: per synthesis; 0 picks by the machine.
        parallel: syntheses at once; 0 is as many as have cores of their own.
        max_text_length: characters of one request.
        cache_bytes: of short replies kept in memory; 0 keeps none there.
        cache_dir: where short replies are kept on disk; None keeps none there.
        cache_disk_bytes: of short replies kept on disk.
        data_dirs: where voices are looked for; downloads go to the first.
    """

    voice: str = "en_US-lessac-medium"
    volume: float = 1.0
    sentence_silence: float = 0.0
    voices: Mapping[str, VoiceSettings] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    cached_voices: int = 4
    cpu_threads: int = 0
    parallel: int = 0
    max_text_length: int = 10_000
    cache_bytes: int = 16 * _MEBIBYTE
    cache_dir: Path | None = None
    cache_disk_bytes: int = 64 * _MEBIBYTE
    data_dirs: tuple[Path, ...] = field(default_factory=lambda: (data_path() / "piper",))
    local_files_only: bool = False

    def __post_init__(self) -> None:
        """Validate."""
        VoiceSettings.__post_init__(self)
        if not self.voice:
            raise ConfigError("voice must not be empty")
        _check_range(self, "cached_voices", 1, 100)
        _check_range(self, "cpu_threads", 0, 256)
        _check_range(self, "parallel", 0, 32)
        _check_range(self, "max_text_length", 1, 1_000_000)
        _check_range(self, "cache_bytes", 0, 1024 * _MEBIBYTE)
        _check_range(self, "cache_disk_bytes", 0, 1024 * 1024 * _MEBIBYTE)
        _check_folders(self.data_dirs)


def _check_range(config: Any, name: str, low: float, high: float) -> None:
    """Raise a `ConfigError` unless a field is from `low` to `high`, or not set."""
    value = getattr(config, name)
    if value is not None and (math.isnan(value) or not low <= value <= high):
        flag = name.replace("_", "-")
        raise ConfigError(f"{flag} must be from {low:g} to {high:g}, not {value:g}")


def _check_folders(folders: tuple[Path, ...]) -> None:
    """Raise a `ConfigError` for what is there and is no folder; downloads make missing ones."""
    if not folders:
        raise ConfigError("data-dir must not be empty")
    for folder in folders:
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"data-dir '{folder}' is not a folder")
