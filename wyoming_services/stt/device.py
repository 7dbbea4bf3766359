"""Where a model runs, how precisely and on how many threads: chosen by looking."""

import logging
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import wyoming_services
from wyoming_services.config import SttConfig
from wyoming_services.machine import is_arm, this_machine

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_LOGGER = logging.getLogger(__name__)

FASTEST = {
    # 8-bit weights beside half floats save memory, hardly time (the benchmark in faster-whisper's
    # README). Cards that are slow at half floats do not list them: those take 8 bits, or floats.
    "cuda": ("float16", "int8_float16", "bfloat16", "int8_bfloat16", "int8_float32", "float32"),
    "cpu": ("int8_float32", "int16", "float32"),
}
"""Compute types of a kind of device, the fastest first."""

_MOST_THREADS = 8
"""More do not make one transcription faster."""
_TRIAL_SECONDS = 120
"""For CUDA's own start, which takes long the first time, and for reading the model."""


class DeviceError(Exception):
    """A model does not run on a device; the text is the cause."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device to run on, and why this one.

    Attributes:
        kind: `cpu` or `cuda`.
        index: number of the CUDA device.
        reason: for the log.
    """

    kind: str
    index: int = 0
    reason: str = ""

    def __str__(self) -> str:
        """Name it as `--device` does."""
        return f"{self.kind}:{self.index}" if self.index else self.kind


@dataclass(frozen=True, slots=True)
class Placement:
    """How a loaded model computes, and why so."""

    device: Device
    compute_type: str
    threads: int
    beam_size: int

    def __str__(self) -> str:
        """Say it in one line, for the log and the health port."""
        many = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        how = f"{self.device}, {self.compute_type}, {many}, beam size {self.beam_size}"
        return f"{how}; {self.device.reason}, {this_machine()}"


def candidates(wanted: str) -> list[Device]:
    """Return the devices to try for what `--device` says, in order."""
    if wanted != "auto":
        kind, _, index = wanted.partition(":")
        return [Device(kind, int(index or 0), "as set")]
    import ctranslate2  # noqa: PLC0415 - heavy

    if ctranslate2.get_cuda_device_count():
        return [Device("cuda", reason="CUDA works"), Device("cpu", reason="CUDA failed")]
    return [Device("cpu", reason="no CUDA device")]


def open_model(folder: Path, device: Device, config: SttConfig) -> "WhisperModel":
    """Load a model and make sure that it runs.

    Raises:
        DeviceError: it does not.
    """
    try:
        wanted = compute_type(device, config.compute_type)
        if device.kind == "cuda" and (cause := trial(folder, device, wanted)):
            raise DeviceError(cause)
        return run_once(_load(folder, device, wanted, config))
    except DeviceError:
        raise
    except Exception as error:
        _LOGGER.debug("Opening %s on %s failed", folder, device, exc_info=True)
        raise DeviceError(str(error)) from error


def placement(model: "WhisperModel", device: Device, config: SttConfig) -> Placement:
    """Describe how a model that was opened computes."""
    return Placement(
        device=device,
        compute_type=model.model.compute_type,
        threads=threads(config),
        beam_size=beam_size(device.kind, config.beam_size),
    )


def compute_type(device: Device, wanted: str) -> str:
    """Return what to compute with: the fastest type the device supports, unless one is set.

    Raises:
        RuntimeError: the device does not answer.
    """
    if wanted != "auto":
        return wanted
    import ctranslate2  # noqa: PLC0415 - heavy

    supported = ctranslate2.get_supported_compute_types(device.kind, device.index)
    return next((each for each in FASTEST[device.kind] if each in supported), "default")


def threads(config: SttConfig) -> int:
    """Return the threads of one transcription: those at once share the cores."""
    share = this_machine().usable // config.parallel
    return config.cpu_threads or max(1, min(_MOST_THREADS, share))


def beam_size(kind: str, wanted: int) -> int:
    """Return how many readings to weigh: 5 where that is quick enough, unless a number is set.

    Five cost the decoder about twice the time of one.
    """
    quick = kind == "cuda" or (this_machine().usable >= 4 and not is_arm())
    return wanted or (5 if quick else 1)


def run_once(model: "WhisperModel") -> "WhisperModel":
    """Encode a moment of silence: libraries that are missing show no earlier.

    Raises:
        RuntimeError: it failed.
    """
    import numpy as np  # noqa: PLC0415 - heavy
    from faster_whisper.transcribe import get_ctranslate2_storage  # noqa: PLC0415 - heavy

    silence = np.zeros((1, model.model.n_mels, 100), np.float32)
    model.model.encode(get_ctranslate2_storage(silence), to_cpu=True)
    return model


@cache
def trial(folder: Path, device: Device, wanted: str) -> str:
    """Run a model once in a process of its own.

    A cuDNN whose parts are missing does not raise: it ends the process (SIGABRT) when it is first
    used, after the model was loaded. So that must not be ours.

    Returns:
        Why it failed, in one line; empty when it did not.
    """
    module = f"{__package__}.trial"
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            [
                sys.executable,
                "-m",
                module,
                folder.resolve(),
                device.kind,
                str(device.index),
                wanted,
            ],
            cwd=Path(wyoming_services.__file__).parents[1],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TRIAL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return _cause(done.returncode, done.stderr)


def _cause(code: int, errors: str) -> str:
    """Say why a trial failed, from its exit code and what it printed."""
    if code == 0:
        return ""
    said = " ".join(line.strip() for line in errors.splitlines()[-2:])
    if code < 0:
        return f"{said} (ended by {signal.Signals(-code).name})".lstrip()
    return said or f"exit code {code}"


def _load(folder: Path, device: Device, wanted: str, config: SttConfig) -> "WhisperModel":
    """Load a model; what may go wrong is CTranslate2's to choose."""
    from faster_whisper import WhisperModel  # noqa: PLC0415 - heavy

    return WhisperModel(
        str(folder),
        device=device.kind,
        device_index=device.index,
        compute_type=wanted,
        cpu_threads=threads(config),
        num_workers=config.parallel,
        local_files_only=True,
    )
