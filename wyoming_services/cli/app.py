"""The commands `stt`, `tts` and `serve`, and what their exit codes say.

0: stopped by a signal. 2: a flag or variable makes no sense. 3: the servers could not start.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wyoming_services.address import TcpAddress
from wyoming_services.catalog import whisper
from wyoming_services.cli import options
from wyoming_services.cli.foreign import name_after_zeroconf, refuse_foreign_flags
from wyoming_services.cli.logs import DEFAULT_FORMAT, set_up_logging
from wyoming_services.config import (
    STT_URI,
    TTS_URI,
    ListenConfig,
    SttConfig,
    TtsConfig,
    data_path,
    health_address,
)
from wyoming_services.errors import ConfigError, StartError
from wyoming_services.memory import import_when_used, share_one_heap

if TYPE_CHECKING:
    from wyoming_services.server.health import HealthServer
    from wyoming_services.server.server import SpeechServer

_LOGGER = logging.getLogger(__name__)

_STT = SttConfig()
_TTS = TtsConfig()
_MODELS = list(_STT.models)
_STT_FOLDERS = list(_STT.data_dirs)
_TTS_FOLDERS = list(_TTS.data_dirs)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # boxes cut the names of the variables
    pretty_exceptions_enable=False,
    help="Speech servers for Home Assistant that never leave the house.",
)


@app.callback()
def _root(*, version: options.Version = False) -> None:
    """Take what belongs to no command."""


@app.command("stt")
def stt_command(
    *,
    uri: options.SttUri = STT_URI,
    model: options.Model = _MODELS,
    language: options.Language = None,
    endpointing: options.Endpointing = _STT.endpointing,
    window_floor: options.WindowFloor = _STT.window_floor,
    speculations: options.Speculations = _STT.speculations,
    idle_unload: options.IdleUnload = _STT.idle_unload,
    device: options.Device = _STT.device,
    compute_type: options.ComputeType = _STT.compute_type,
    beam_size: options.BeamSize = _STT.beam_size,
    cpu_threads: options.SttThreads = _STT.cpu_threads,
    initial_prompt: options.InitialPrompt = None,
    parallel: options.SttParallel = _STT.parallel,
    max_audio_seconds: options.MaxAudio = _STT.max_audio_seconds,
    data_dir: options.SttDataDirs = _STT_FOLDERS,
    download_dir: options.SttDownloadDir = None,
    local_files_only: options.SttOffline = False,
    zeroconf: options.Zeroconf = "",
    no_zeroconf: options.NoZeroconf = False,
    health_uri: options.HealthUri = None,
    debug: options.Debug = False,
    log_format: options.LogFormat = DEFAULT_FORMAT,
) -> None:
    """Serve speech-to-text with Whisper."""
    set_up_logging(debug=debug, log_format=log_format)
    config = SttConfig(
        models=_models(model),
        languages=_languages(language),
        endpointing=endpointing,
        window_floor=window_floor,
        speculations=speculations,
        idle_unload=idle_unload,
        device=device,
        compute_type=compute_type,
        beam_size=beam_size,
        cpu_threads=cpu_threads,
        initial_prompt=initial_prompt,
        parallel=parallel,
        max_audio_seconds=max_audio_seconds,
        data_dirs=_folders(download_dir, data_dir),
        local_files_only=local_files_only,
    )
    listen = ListenConfig(uri=uri, zeroconf=None if no_zeroconf else zeroconf)
    _serve(lambda: [_stt_server(config, listen)], health_uri)


@app.command("tts")
def tts_command(
    *,
    uri: options.TtsUri = TTS_URI,
    voice: options.Voice = _TTS.voice,
    speaker: options.Speaker = None,
    length_scale: options.LengthScale = None,
    noise_scale: options.NoiseScale = None,
    noise_w_scale: options.NoiseWScale = None,
    sentence_silence: options.SentenceSilence = _TTS.sentence_silence,
    cached_voices: options.CachedVoices = _TTS.cached_voices,
    cpu_threads: options.TtsThreads = _TTS.cpu_threads,
    parallel: options.TtsParallel = _TTS.parallel,
    max_text_length: options.MaxText = _TTS.max_text_length,
    data_dir: options.TtsDataDirs = _TTS_FOLDERS,
    download_dir: options.TtsDownloadDir = None,
    local_files_only: options.TtsOffline = False,
    zeroconf: options.Zeroconf = "",
    no_zeroconf: options.NoZeroconf = False,
    health_uri: options.HealthUri = None,
    debug: options.Debug = False,
    log_format: options.LogFormat = DEFAULT_FORMAT,
) -> None:
    """Serve text-to-speech with Piper."""
    set_up_logging(debug=debug, log_format=log_format)
    config = TtsConfig(
        voice=voice,
        speaker=speaker,
        length_scale=length_scale,
        noise_scale=noise_scale,
        noise_w_scale=noise_w_scale,
        sentence_silence=sentence_silence,
        cached_voices=cached_voices,
        cpu_threads=cpu_threads,
        parallel=parallel,
        max_text_length=max_text_length,
        data_dirs=_folders(download_dir, data_dir),
        local_files_only=local_files_only,
    )
    listen = ListenConfig(uri=uri, zeroconf=None if no_zeroconf else zeroconf)
    _serve(lambda: [_tts_server(config, listen)], health_uri)


@app.command("serve")
def serve_command(
    *,
    stt_uri: options.ServeSttUri = STT_URI,
    tts_uri: options.ServeTtsUri = TTS_URI,
    model: options.Model = _MODELS,
    language: options.Language = None,
    endpointing: options.Endpointing = _STT.endpointing,
    window_floor: options.WindowFloor = _STT.window_floor,
    speculations: options.Speculations = _STT.speculations,
    idle_unload: options.IdleUnload = _STT.idle_unload,
    device: options.Device = _STT.device,
    compute_type: options.ComputeType = _STT.compute_type,
    beam_size: options.BeamSize = _STT.beam_size,
    initial_prompt: options.InitialPrompt = None,
    stt_data_dir: options.ServeSttDataDirs = _STT_FOLDERS,
    voice: options.Voice = _TTS.voice,
    speaker: options.Speaker = None,
    length_scale: options.LengthScale = None,
    noise_scale: options.NoiseScale = None,
    noise_w_scale: options.NoiseWScale = None,
    sentence_silence: options.SentenceSilence = _TTS.sentence_silence,
    tts_data_dir: options.ServeTtsDataDirs = _TTS_FOLDERS,
    local_files_only: options.ServeOffline = False,
    zeroconf: options.Zeroconf = "",
    no_zeroconf: options.NoZeroconf = False,
    health_uri: options.HealthUri = None,
    debug: options.Debug = False,
    log_format: options.LogFormat = DEFAULT_FORMAT,
) -> None:
    """Serve both in one process."""
    set_up_logging(debug=debug, log_format=log_format)
    stt = SttConfig(
        models=_models(model),
        languages=_languages(language),
        endpointing=endpointing,
        window_floor=window_floor,
        speculations=speculations,
        idle_unload=idle_unload,
        device=device,
        compute_type=compute_type,
        beam_size=beam_size,
        initial_prompt=initial_prompt,
        data_dirs=tuple(stt_data_dir),
        local_files_only=local_files_only,
    )
    tts = TtsConfig(
        voice=voice,
        speaker=speaker,
        length_scale=length_scale,
        noise_scale=noise_scale,
        noise_w_scale=noise_w_scale,
        sentence_silence=sentence_silence,
        data_dirs=tuple(tts_data_dir),
        local_files_only=local_files_only,
    )
    listen = [
        ListenConfig(uri=uri, zeroconf=None if no_zeroconf else zeroconf and f"{zeroconf}-{role}")
        for role, uri in (("stt", stt_uri), ("tts", tts_uri))
    ]
    _serve(lambda: [_stt_server(stt, listen[0]), _tts_server(tts, listen[1])], health_uri)


def main() -> None:
    """Run the command line and exit."""
    code = execute(sys.argv[1:])
    stuck = [
        thread
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon
    ]
    if stuck:
        # The interpreter would wait for work nobody wants any more, perhaps for ever.
        _LOGGER.debug("leaving %d threads behind", len(stuck))
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def execute(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; what is wrong goes to standard error."""
    try:
        refuse_foreign_flags(arguments)
        given = name_after_zeroconf(arguments)
        result = app(given, prog_name="local-assist", standalone_mode=False)
    except (ConfigError, typer.TyperException) as error:
        text = error.format_message() if isinstance(error, typer.TyperException) else str(error)
        typer.echo(f"local-assist: {' '.join(text.split())}", err=True)
        return 2
    except StartError as error:
        typer.echo(f"local-assist: {error}", err=True)
        return 3
    return result if isinstance(result, int) else 0


def _serve(make: Callable[[], "list[SpeechServer]"], health_uri: str | None = None) -> None:
    """Make the servers within the loop they belong to, and run them."""
    health = health_address(health_uri)
    from wyoming_services.server.lifecycle import run  # noqa: PLC0415 - --help needs no network

    async def serve() -> None:
        servers = make()
        await run(servers, data_path(), _health_server(health, servers) if health else None)

    share_one_heap()
    asyncio.run(serve())


def _health_server(address: TcpAddress, servers: "list[SpeechServer]") -> "HealthServer":
    from wyoming_services.server.health import HealthServer  # noqa: PLC0415 - few need aiohttp

    return HealthServer(address, servers)


def _stt_server(config: SttConfig, listen: ListenConfig) -> "SpeechServer":
    from wyoming_services.server.server import SpeechServer  # noqa: PLC0415
    from wyoming_services.stt.service import SttService  # noqa: PLC0415 - --help needs no engine

    import_when_used("av")  # faster-whisper reads files with it, which nobody sends here
    return SpeechServer(SttService(config), listen, config.parallel)


def _tts_server(config: TtsConfig, listen: ListenConfig) -> "SpeechServer":
    from wyoming_services.server.server import SpeechServer  # noqa: PLC0415
    from wyoming_services.tts.service import TtsService  # noqa: PLC0415 - --help needs no engine

    return SpeechServer(TtsService(config), listen, config.parallel)


def _models(given: Sequence[str]) -> tuple[str, ...]:
    """Check that what looks like a folder is there."""
    for model in given:
        if whisper.is_path(model) and not Path(model).expanduser().is_dir():
            raise ConfigError(f"model folder '{model}' does not exist")
    return tuple(given)


def _languages(given: str | None) -> tuple[str, ...]:
    """Reduce language tags to the codes Whisper knows them by."""
    if given in {None, "", "auto"}:
        return ()
    codes = [whisper.language_code(tag) for tag in str(given).split(",")]
    for code in codes:
        if code not in whisper.LANGUAGES:
            raise ConfigError(
                f"language must be codes Whisper knows, like en or en,de, or auto, not '{given}'"
            )
    return tuple(dict.fromkeys(codes))


def _folders(download: Path | None, given: Sequence[Path]) -> tuple[Path, ...]:
    """Put the folder for downloads first."""
    return tuple(dict.fromkeys((download, *given) if download else given))
