"""Flags that several commands share, as groups that are each read into one object."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Any, get_type_hints

from wyoming_services.cli import options, values
from wyoming_services.cli.logs import DEFAULT_FORMAT
from wyoming_services.config import ListenConfig, SttConfig, TtsConfig

_STT = SttConfig()
_TTS = TtsConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class SttFlags:
    """How to transcribe; of `stt` and `serve`."""

    model: options.Model = field(default_factory=lambda: list(_STT.models))
    language: options.Language = None
    endpointing: options.Endpointing = _STT.endpointing
    window_floor: options.WindowFloor = _STT.window_floor
    speculations: options.Speculations = _STT.speculations
    idle_unload: options.IdleUnload = _STT.idle_unload
    device: options.Device = _STT.device
    compute_type: options.ComputeType = _STT.compute_type
    beam_size: options.BeamSize = _STT.beam_size
    initial_prompt: options.InitialPrompt = None

    def config(self, **more: Any) -> SttConfig:
        """Return the settings, with those that only some commands have."""
        given = asdict(self)
        models = values.models(given.pop("model"))
        languages = values.languages(given.pop("language"))
        return SttConfig(models=models, languages=languages, **given, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsFlags:
    """How to speak; of `tts` and `serve`."""

    voice: options.Voice = _TTS.voice
    speaker: options.Speaker = None
    voice_for: options.VoiceFor = field(default_factory=list)
    voice_settings: options.VoiceSettingsFile = None
    speed: options.Speed = None
    length_scale: options.LengthScale = None
    noise_scale: options.NoiseScale = None
    noise_w_scale: options.NoiseWScale = None
    volume: options.Volume = _TTS.volume
    sentence_silence: options.SentenceSilence = _TTS.sentence_silence
    cache_bytes: options.CacheBytes = _TTS.cache_bytes
    cache_dir: options.CacheDir = None
    cache_disk_bytes: options.CacheDiskBytes = _TTS.cache_disk_bytes

    def config(self, **more: Any) -> TtsConfig:
        """Return the settings, with those that only some commands have."""
        given = asdict(self)
        languages = values.voices_by_language(given.pop("voice_for"))
        file: Path | None = given.pop("voice_settings")
        voices = values.voice_settings(file) if file else {}
        return TtsConfig(languages=languages, voices=voices, **given, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFlags:
    """What belongs to every server; of all commands that serve."""

    zeroconf: options.Zeroconf = ""
    no_zeroconf: options.NoZeroconf = False
    health_uri: options.HealthUri = None
    debug: options.Debug = False
    log_format: options.LogFormat = DEFAULT_FORMAT

    def listen(self, uri: str, role: str = "") -> ListenConfig:
        """Return where a server listens, its name marked with its role where there are several."""
        name = f"{self.zeroconf}-{role}" if self.zeroconf and role else self.zeroconf
        return ListenConfig(uri=uri, zeroconf=None if self.no_zeroconf else name)


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take groups: each field becomes a flag, for Typer wants one parameter a flag.

    Args:
        command: takes keyword arguments only, some of them annotated with classes of this module.
    """
    groups: dict[str, Any] = {}
    flags: list[inspect.Parameter] = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        if is_dataclass(parameter.annotation):
            groups[parameter.name] = parameter.annotation
            flags.extend(_flags(parameter.annotation))
        else:
            flags.append(parameter)

    @wraps(command)
    def take(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{each.name: given.pop(each.name) for each in fields(group)})
        command(**given)

    # This is what Typer reads; the signature of what is wrapped would be the command's own.
    take.__signature__ = inspect.Signature(flags)  # type: ignore[attr-defined]
    take.__annotations__ = {flag.name: flag.annotation for flag in flags}
    return take


def _flags(group: Any) -> list[inspect.Parameter]:
    """Return the fields of a group as parameters, with their defaults."""
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=each.default if each.default_factory is MISSING else each.default_factory(),
            annotation=hints[each.name],
        )
        for each in fields(group)
    ]
