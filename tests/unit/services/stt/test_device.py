"""Where models run. There is no CUDA in a test: it fails in earnest, where a test pretends it."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import ctranslate2
import pytest

from tests.unit.services.stt.listening import opened
from wyoming_services.config import SttConfig
from wyoming_services.errors import EngineError
from wyoming_services.machine import Cores
from wyoming_services.stt import device as devices
from wyoming_services.stt.device import (
    FASTEST,
    Device,
    DeviceError,
    beam_size,
    candidates,
    compute_type,
    open_model,
    threads,
    trial,
)
from wyoming_services.stt.models import ConfiguredModel


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a CUDA device be counted that does not work."""
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    trial.cache_clear()


Fate = Callable[[str], None]


@pytest.fixture
def fate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fate:
    """Decide in the words of a shell what becomes of the process of a trial."""

    def decide(commands: str) -> None:
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\n{commands}\n")
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))
        trial.cache_clear()

    return decide


def machine(monkeypatch: pytest.MonkeyPatch, cores: Cores) -> None:
    """Pretend another machine."""
    monkeypatch.setattr(devices, "this_machine", lambda: cores)


def test_without_a_cuda_device_there_is_only_the_cpu():
    """And the log says so."""
    assert candidates("auto") == [Device("cpu", reason="no CUDA device")]


@pytest.mark.usefixtures("cuda")
def test_cuda_is_tried_before_the_cpu():
    """Unless one is set: then there is no other."""
    assert [str(each) for each in candidates("auto")] == ["cuda", "cpu"]
    assert [str(each) for each in candidates("cuda:1")] == ["cuda:1"]
    assert [str(each) for each in candidates("cpu")] == ["cpu"]


def test_every_compute_type_is_one_of_ctranslate2(whisper_folder: Path):
    """Each of the CPU's runs here, and the fastest of them is chosen."""
    for each in FASTEST["cpu"]:
        config = SttConfig(compute_type=each)
        assert open_model(whisper_folder, Device("cpu"), config).model.compute_type == each
    assert compute_type(Device("cpu"), "auto") == "int8_float32"
    assert compute_type(Device("cpu"), "float32") == "float32"


@pytest.mark.parametrize(
    ("supported", "chosen"),
    [
        ({"float32", "float16", "int8", "int8_float16"}, "float16"),
        ({"float32", "int8", "int8_float32"}, "int8_float32"),
        ({"float32"}, "float32"),
        ({"something new"}, "default"),
    ],
)
def test_the_fastest_a_card_supports(
    supported: set[str], chosen: str, monkeypatch: pytest.MonkeyPatch
):
    """New cards have half floats, older ones 8 bits, the oldest floats."""
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda *_: supported)
    assert compute_type(Device("cuda"), "auto") == chosen


def test_transcriptions_at_once_share_the_cores(monkeypatch: pytest.MonkeyPatch):
    """At least one each, and never more than help."""
    machine(monkeypatch, Cores(6, 12, "two threads a core"))
    assert threads(SttConfig()) == 6
    assert threads(SttConfig(parallel=2)) == 3
    assert threads(SttConfig(parallel=8)) == 1
    assert threads(SttConfig(cpu_threads=5)) == 5
    machine(monkeypatch, Cores(64, 64))
    assert threads(SttConfig()) == 8


def test_readings_weighed(monkeypatch: pytest.MonkeyPatch):
    """Five where that is quick."""
    monkeypatch.setattr(devices, "is_arm", lambda: False)
    machine(monkeypatch, Cores(2, 16, "container limit"))
    assert (beam_size("cpu", 0), beam_size("cuda", 0), beam_size("cpu", 3)) == (1, 5, 3)
    machine(monkeypatch, Cores(4, 4))
    assert beam_size("cpu", 0) == 5
    monkeypatch.setattr(devices, "is_arm", lambda: True)
    assert beam_size("cpu", 0) == 1


def test_a_trial_that_succeeds(whisper_folder: Path):
    """In a process of its own, with the real model."""
    assert trial(whisper_folder, Device("cpu"), "float32") == ""


def test_a_trial_that_fails_tells_the_cause(whisper_folder: Path):
    """As CTranslate2 puts it; there is no driver here."""
    assert trial(whisper_folder, Device("cuda"), "float16").startswith("CUDA failed with error")


@pytest.mark.parametrize(
    ("commands", "cause"),
    [
        (
            "echo one >&2; echo two >&2; echo three >&2; kill -ABRT $$",
            "two three (ended by SIGABRT)",
        ),
        ("kill -KILL $$", "(ended by SIGKILL)"),
        ("exit 3", "exit code 3"),
        ("echo a warning >&2", ""),
    ],
)
def test_how_a_trial_may_end(commands: str, cause: str, fate: Fate, whisper_folder: Path):
    """The last words count, where the exit code says that something is wrong."""
    fate(commands)
    assert trial(whisper_folder, Device("cuda"), "float16") == cause


def test_a_trial_that_does_not_end(
    fate: Fate, whisper_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """Is a failure as well."""
    fate("exec sleep 60")
    monkeypatch.setattr(devices, "_TRIAL_SECONDS", 0.1)
    assert "timed out" in trial(whisper_folder, Device("cuda"), "float16")


def test_a_model_that_loads_but_does_not_run(whisper_folder: Path, monkeypatch: pytest.MonkeyPatch):
    """It is run before it counts as loaded."""

    def fail(_: object) -> None:
        raise RuntimeError("Library libcublas.so.12 is not found or cannot be loaded")

    monkeypatch.setattr(devices, "run_once", fail)
    with pytest.raises(DeviceError, match="libcublas"):
        open_model(whisper_folder, Device("cpu"), SttConfig())


@pytest.mark.usefixtures("cuda")
def test_the_cpu_takes_over_from_a_broken_cuda(
    whisper_folder: Path, caplog: pytest.LogCaptureFixture
):
    """One warning with the cause; one line says what runs in the end and why."""
    caplog.set_level(logging.INFO)
    model = ConfiguredModel(str(whisper_folder), "demo", SttConfig())
    assert opened(model).model.device == "cpu"
    (warning,) = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert warning.startswith("CUDA does not work, the CPU is used instead: CUDA failed with error")
    (line,) = [text for text in caplog.messages if text.startswith("Loaded Whisper model demo")]
    assert "cpu, int8_float32, " in line
    assert "; CUDA failed: CUDA failed with error" in line


@pytest.mark.usefixtures("cuda")
def test_the_cpu_takes_over_from_a_cuda_that_kills(
    fate: Fate, whisper_folder: Path, caplog: pytest.LogCaptureFixture
):
    """As a cuDNN without its parts does to whoever uses it first."""
    fate("echo Cannot load symbol cudnnCreateTensorDescriptor >&2; kill -ABRT $$")
    config = SttConfig(compute_type="default")  # to ask for types would fail before the trial
    assert opened(ConfiguredModel(str(whisper_folder), "demo", config)).model.device == "cpu"
    assert "Cannot load symbol cudnnCreateTensorDescriptor (ended by SIGABRT)" in caplog.text


@pytest.mark.usefixtures("cuda")
def test_the_cpu_takes_over_when_only_the_trial_succeeds(
    fate: Fate, whisper_folder: Path, caplog: pytest.LogCaptureFixture
):
    """Others may have taken the card's memory since."""
    fate("exit 0")
    config = SttConfig(compute_type="default")
    assert opened(ConfiguredModel(str(whisper_folder), "demo", config)).model.device == "cpu"
    assert caplog.text.count("CUDA does not work") == 1


@pytest.mark.usefixtures("cuda")
def test_a_device_that_is_set_is_not_replaced(whisper_folder: Path):
    """Whoever asks for CUDA is told when there is none."""
    model = ConfiguredModel(str(whisper_folder), "demo", SttConfig(device="cuda"))
    with pytest.raises(EngineError, match=r"demo cannot be loaded: CUDA failed with error"):
        opened(model)
