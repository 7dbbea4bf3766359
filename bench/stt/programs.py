"""The two speech-to-text servers, started in the same way."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.servers import Server, running


@dataclass(frozen=True, slots=True)
class Programs:
    """Starts servers with one model.

    Attributes:
        model: folder of it.
        peer: interpreter of the peer's environment; None where no peer is wanted.
        logs: folder for what servers print.
        threads: CPU threads each gets.
    """

    model: Path
    peer: Path | None
    logs: Path
    threads: int

    def ours(self, *flags: str) -> AbstractAsyncContextManager[Server]:
        """Run our server, with its defaults but for some flags."""
        arguments = ("--model", str(self.model), "--device", "cpu")
        return servers.ours("stt", *arguments, flags=flags, threads=self.threads, logs=self.logs)

    def theirs(self) -> AbstractAsyncContextManager[Server]:
        """Run wyoming-faster-whisper, with its defaults."""
        if self.peer is None:
            raise ValueError("There is no peer to run.")
        command = (
            *(str(self.peer), "-P", "-m", "wyoming_faster_whisper"),
            *("--model", str(self.model), "--uri", "tcp://127.0.0.1:{port}"),
            *("--cpu-threads", str(self.threads), "--device", "cpu"),
            *("--local-files-only", "--data-dir", str(self.model.parent)),
        )
        return running("wyoming-faster-whisper", command, self.logs / "theirs.log")
