"""The commands `voices list`, `download`, `add` and `remove`, and what their exit codes say.

0: done. 1: some of it could not be done; what, why and what to do is on standard error. 2: a flag,
a variable or a name makes no sense, and nothing was done. 130: interrupted.
"""

import json
import logging
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wyoming_services.catalog import voice_files, voices
from wyoming_services.catalog.piper import InstalledVoice, VoiceFolders
from wyoming_services.catalog.progress import MEGABYTE, Download
from wyoming_services.catalog.voices import OfferedVoice
from wyoming_services.cli import options, values
from wyoming_services.cli.logs import set_up_logging
from wyoming_services.config import TtsConfig
from wyoming_services.errors import BadRequestError, ConfigError, NotFoundError, ServiceError

if TYPE_CHECKING:
    from rich.progress import Progress

_FOLDERS = list(TtsConfig().data_dirs)

app = typer.Typer(
    rich_markup_mode=None,
    help="List, download, add and remove Piper voices. A running server sees every change at once.",
    epilog="Exit codes: 0 done; 1 some of it failed, standard error says what and what to do; "
    "2 a flag or name makes no sense.",
)

_Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME...", help="Voices, like en_US-lessac-medium.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A voice as it is listed: offered, installed, or both."""

    name: str
    offered: OfferedVoice | None
    installed: InstalledVoice | None

    @property
    def language(self) -> str:
        """`en_US`."""
        known = self.installed or self.offered
        return known.language if known else ""

    @property
    def language_name(self) -> str:
        """`English (United States)`; of voices that are not in the catalogue the code."""
        return self.offered.language_name if self.offered else self.language

    @property
    def speakers(self) -> int:
        """How many."""
        if self.installed:
            return len(self.installed.speakers) or 1
        return self.offered.speakers if self.offered else 1

    @property
    def size(self) -> int:
        """Bytes of its files."""
        if self.installed:
            files = (self.installed.model, self.installed.config)
            return sum(file.stat().st_size for file in files)
        return self.offered.size if self.offered else 0


@app.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    """Show the help where no command is given."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_command(
    *,
    language: Annotated[
        str, typer.Option("--language", help="Only this one: en, or en_GB.", show_default=False)
    ] = "",
    installed: Annotated[
        bool, typer.Option("--installed", help="Only what is on this machine; asks no network.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON, with sizes in bytes, for other programs.")
    ] = False,
    data_dir: options.TtsDataDirs = _FOLDERS,
    download_dir: options.TtsDownloadDir = None,
) -> None:
    """List the voices of the public catalogue, and those installed.

    The catalogue is kept in the first data directory, so that it can be listed without a network
    afterwards. `installed` marks what a server that is given the same directories offers.
    """
    _log_to_terminal(logging.WARNING)
    folders = _folders(download_dir, data_dir)
    reached = installed or _refresh(folders[0])
    listed = [
        voice
        for voice in _all(folders)
        if (voice.installed or not installed) and _speaks(voice, language)
    ]
    if as_json:
        typer.echo(json.dumps([_described(voice) for voice in listed], ensure_ascii=False))
    else:
        _print(listed)
    if not reached:
        raise typer.Exit(1)


@app.command("download")
def download_command(
    *,
    names: _Names,
    data_dir: options.TtsDataDirs = _FOLDERS,
    download_dir: options.TtsDownloadDir = None,
) -> None:
    """Download voices of the public catalogue.

    They go to the first data directory. A voice appears there when all of it has arrived and its
    checksums are right. What an interrupted download has is kept: the same command goes on with it.
    """
    wanted = _checked(names)
    folders = _folders(download_dir, data_dir)
    with _progress() as progress_of:

        def download(name: str) -> None:
            if found := VoiceFolders(folders).voices().get(name):
                typer.echo(f"{name} is installed: {found.model}")
                return
            voices.download(name, folders[0], progress_of(name))
            typer.echo(f"Downloaded {name} to {folders[0]}")

        try:
            _each(wanted, download)
        except KeyboardInterrupt:
            typer.echo("Stopped. What has arrived is kept: the same command goes on.", err=True)
            raise


@app.command("add")
def add_command(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.onnx", help="The model; FILE.onnx.json is beside it.")
    ],
    name: Annotated[
        str,
        typer.Option(
            "--name",
            help="What to call it, like en_US-grandma-medium; else as the file is.",
            show_default=False,
        ),
    ] = "",
    data_dir: options.TtsDataDirs = _FOLDERS,
    download_dir: options.TtsDownloadDir = None,
) -> None:
    """Add a voice of your own.

    A voice is two files: NAME.onnx and NAME.onnx.json. They are copied to the first data directory
    after trying whether Piper can load them. Copying both there by hand does as well.
    """
    (chosen,) = _checked([name or file.name.removesuffix(".onnx")])
    folder = _folders(download_dir, data_dir)[0]
    _log_to_terminal(logging.WARNING)

    def add(chosen: str) -> None:
        voice_files.add(file, chosen, folder)
        voice = VoiceFolders([folder]).voices()[chosen]
        speakers = f", {len(voice.speakers)} speakers" if voice.speakers else ""
        typer.echo(f"Added {chosen} ({voice.language}, {voice.rate} Hz{speakers}) to {folder}")

    _each([chosen], add)


@app.command("remove")
def remove_command(
    *,
    names: _Names,
    data_dir: options.TtsDataDirs = _FOLDERS,
    download_dir: options.TtsDownloadDir = None,
) -> None:
    """Delete voices from the data directories.

    All that was made of them goes as well. A server that is speaking with one ends what it says.
    The default voice is downloaded again when a server starts, unless it is told of another one
    with --voice.
    """
    wanted = _checked(names)
    folders = _folders(download_dir, data_dir)
    _log_to_terminal(logging.WARNING)

    def remove(name: str) -> None:
        for model in voice_files.remove(name, folders):
            typer.echo(f"Removed {name} from {model.parent}")

    _each(wanted, remove)


def _each(names: Sequence[str], act: Callable[[str], None]) -> None:
    """Do something with each voice; what fails is told, and does not keep the others from it."""
    failed = False
    for name in names:
        try:
            act(name)
        except ServiceError as error:
            typer.echo(f"local-assist: {error}", err=True)
            failed = True
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            typer.echo(f"local-assist: {name}: {error.strerror or error}{where}", err=True)
            failed = True
    if failed:
        raise typer.Exit(1)


def _checked(names: Sequence[str]) -> list[str]:
    """Return the names, each once.

    Raises:
        ConfigError: one of them cannot be a voice's.
    """
    # The catalogue writes ã as one character; a terminal may send two.
    wanted = dict.fromkeys(unicodedata.normalize("NFC", name) for name in names)
    try:
        for name in wanted:
            voice_files.check_name(name)
    except BadRequestError as error:
        raise ConfigError(str(error)) from error
    return list(wanted)


def _folders(download: Path | None, given: Sequence[Path]) -> tuple[Path, ...]:
    """Return the data directories as the server takes them, that for downloads first.

    Raises:
        ConfigError: one of them is no folder.
    """
    return TtsConfig(data_dirs=values.folders(download, given)).data_dirs


def _refresh(folder: Path) -> bool:
    """Fetch the catalogue; say so when it cannot be, and tell whether there is one nevertheless."""
    try:
        voices.refresh(folder)
    except NotFoundError as error:
        seconds = voices.age(folder)
        if seconds is None:
            remedy = "List once with a network, and it is kept. These are the installed ones:"
        else:
            remedy = f"This is the copy of {timedelta(seconds=int(seconds))} ago:"
        typer.echo(f"local-assist: {error} {remedy}", err=True)
        return seconds is not None
    return True


def _all(folders: Sequence[Path]) -> list[_Listed]:
    """Return every voice, offered or installed, by name."""
    offered = voices.offered(folders[0])
    installed = VoiceFolders(folders).voices()
    names = sorted({*offered, *installed})
    return [_Listed(name, offered.get(name), installed.get(name)) for name in names]


def _speaks(voice: _Listed, language: str) -> bool:
    """Tell whether a language tag, or the beginning of one, is the voice's."""
    spoken, wanted = (tag.replace("_", "-").lower() for tag in (voice.language, language))
    return not wanted or f"{spoken}-".startswith(f"{wanted}-")


def _described(voice: _Listed) -> dict[str, object]:
    """Describe a voice for other programs."""
    return {
        "name": voice.name,
        "language": voice.language,
        "language_name": voice.language_name,
        "quality": voice.offered.quality if voice.offered else None,
        "speakers": voice.speakers,
        "size_bytes": voice.size,
        "installed": voice.installed is not None,
        "model": str(voice.installed.model) if voice.installed else None,
    }


def _print(listed: Sequence[_Listed]) -> None:
    """Print a line for each voice."""
    name_width = max((len(voice.name) for voice in listed), default=0)
    language_width = max((len(voice.language_name) for voice in listed), default=0)
    for voice in listed:
        notes = [
            *(["installed"] if voice.installed else []),
            *([f"{voice.speakers} speakers"] if voice.speakers > 1 else []),
        ]
        line = (
            f"{voice.name:{name_width}}  {voice.language_name:{language_width}}  "
            f"{voice.size / MEGABYTE:6.1f} MB  {', '.join(notes)}"
        )
        typer.echo(line.rstrip())


def _log_to_terminal(level: int) -> None:
    """Log to standard error, as plain text."""
    set_up_logging(debug=False, log_format="%(message)s")
    logging.getLogger("wyoming_services").setLevel(level)


@contextmanager
def _progress() -> Iterator[Callable[[str], Download]]:
    """Show how far downloads are: as bars on a terminal, else as lines of the log."""
    from rich.console import Console  # noqa: PLC0415 - --help needs none
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    _log_to_terminal(logging.WARNING if console.is_terminal else logging.INFO)
    if not console.is_terminal:
        yield Download
        return
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    text = TextColumn("{task.description}")
    # What is printed goes above the bars, unless it goes to another program.
    above = sys.stdout.isatty()
    with Progress(text, *columns, console=console, redirect_stdout=above) as bars:
        yield lambda name: _Bar(name, bars)


class _Bar(Download):
    """A download that is shown as a bar."""

    def __init__(self, name: str, bars: "Progress") -> None:
        super().__init__(name)
        self._bars = bars
        self._task = bars.add_task(name, total=None)

    @contextmanager
    def of(self, total_bytes: int, done_bytes: int) -> Iterator[None]:
        """Download so many bytes, of which some are here already."""
        self._bars.reset(self._task, total=total_bytes, completed=done_bytes)
        with super().of(total_bytes, done_bytes):
            yield

    def reached(self, done_bytes: int) -> None:
        """Learn how much is here now."""
        super().reached(done_bytes)
        self._bars.update(self._task, completed=done_bytes)
