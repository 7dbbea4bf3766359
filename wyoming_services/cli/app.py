"""The commands `stt`, `tts` and `serve`, and what their exit codes say; `voices` has its own.

0: stopped by a signal. 2: a flag or variable makes no sense. 3: the servers could not start.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from wyoming_services.address import TcpAddress
from wyoming_services.cli import options, values, voices
from wyoming_services.cli.foreign import name_after_zeroconf, refuse_foreign_flags
from wyoming_services.cli.groups import ServerFlags, SttFlags, TtsFlags, grouped
from wyoming_services.cli.logs import set_up_logging
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
_STT_FOLDERS = list(_STT.data_dirs)
_TTS_FOLDERS = list(_TTS.data_dirs)

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,  # boxes cut the names of the variables
    pretty_exceptions_enable=False,
    help="Speech servers for Home Assistant that never leave the house.",
)
app.add_typer(voices.app, name="voices")


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    *,
    version: options.Version = False,  # noqa: ARG001 - Typer has printed it
) -> None:
    """Take what belongs to no command; without one, show the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("stt")
@grouped
def stt_command(
    *,
    uri: options.SttUri = STT_URI,
    stt: SttFlags,
    cpu_threads: options.SttThreads = _STT.cpu_threads,
    parallel: options.SttParallel = _STT.parallel,
    max_audio_seconds: options.MaxAudio = _STT.max_audio_seconds,
    data_dir: options.SttDataDirs = _STT_FOLDERS,
    download_dir: options.SttDownloadDir = None,
    local_files_only: options.SttOffline = False,
    server: ServerFlags,
) -> None:
    """Serve speech-to-text with Whisper."""
    set_up_logging(debug=server.debug, log_format=server.log_format)
    config = stt.config(
        cpu_threads=cpu_threads,
        parallel=parallel,
        max_audio_seconds=max_audio_seconds,
        data_dirs=values.folders(download_dir, data_dir),
        local_files_only=local_files_only,
    )
    listen = server.listen(uri)
    _serve(lambda: [_stt_server(config, listen)], server.health_uri)


@app.command("tts")
@grouped
def tts_command(
    *,
    uri: options.TtsUri = TTS_URI,
    tts: TtsFlags,
    cached_voices: options.CachedVoices = _TTS.cached_voices,
    cpu_threads: options.TtsThreads = _TTS.cpu_threads,
    parallel: options.TtsParallel = _TTS.parallel,
    max_text_length: options.MaxText = _TTS.max_text_length,
    data_dir: options.TtsDataDirs = _TTS_FOLDERS,
    download_dir: options.TtsDownloadDir = None,
    local_files_only: options.TtsOffline = False,
    server: ServerFlags,
) -> None:
    """Serve text-to-speech with Piper."""
    set_up_logging(debug=server.debug, log_format=server.log_format)
    config = tts.config(
        cached_voices=cached_voices,
        cpu_threads=cpu_threads,
        parallel=parallel,
        max_text_length=max_text_length,
        data_dirs=values.folders(download_dir, data_dir),
        local_files_only=local_files_only,
    )
    listen = server.listen(uri)
    _serve(lambda: [_tts_server(config, listen)], server.health_uri)


@app.command("serve")
@grouped
def serve_command(
    *,
    stt_uri: options.ServeSttUri = STT_URI,
    tts_uri: options.ServeTtsUri = TTS_URI,
    stt: SttFlags,
    stt_data_dir: options.ServeSttDataDirs = _STT_FOLDERS,
    tts: TtsFlags,
    tts_data_dir: options.ServeTtsDataDirs = _TTS_FOLDERS,
    local_files_only: options.ServeOffline = False,
    server: ServerFlags,
) -> None:
    """Serve both in one process."""
    set_up_logging(debug=server.debug, log_format=server.log_format)
    hears = stt.config(data_dirs=tuple(stt_data_dir), local_files_only=local_files_only)
    speaks = tts.config(data_dirs=tuple(tts_data_dir), local_files_only=local_files_only)
    stt_listen, tts_listen = server.listen(stt_uri, "stt"), server.listen(tts_uri, "tts")
    _serve(
        lambda: [_stt_server(hears, stt_listen), _tts_server(speaks, tts_listen)],
        server.health_uri,
    )


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
    from wyoming_services.tts.piper import at_once  # noqa: PLC0415
    from wyoming_services.tts.service import TtsService  # noqa: PLC0415 - --help needs no engine

    return SpeechServer(TtsService(config), listen, at_once(config))
