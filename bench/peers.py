"""The programs we are measured against, each in an environment of its own."""

import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.environments import environment


@dataclass(frozen=True, slots=True)
class Peer:
    """A released program.

    Attributes:
        name: of its package.
        version: the release.
        beside: requirements it needs to work as its makers ship it.
        same: packages it must have in the same version as we, for a fair comparison.
    """

    name: str
    version: str
    beside: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @property
    def requirements(self) -> list[str]:
        """What to install."""
        equal = [f"{package}=={version(package)}" for package in self.same]
        return [f"{self.name}=={self.version}", *self.beside, *equal]


FASTER_WHISPER = Peer(
    "wyoming-faster-whisper",
    "3.8.1",
    beside=("av<19",),  # with 19 faster-whisper 1.2 cannot read a file
    same=("faster-whisper", "ctranslate2"),
)
PIPER = Peer("wyoming-piper", "2.5.2", same=("piper-tts", "onnxruntime"))


def python(peer: Peer) -> Path:
    """Return the interpreter of a peer's environment, made if it is not there yet.

    Raises:
        BenchError: it cannot be installed.
    """
    return environment(peer.name, sys.executable, peer.requirements)
