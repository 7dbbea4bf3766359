"""One's own voices: putting a pair of files among the installed ones, and taking voices away."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from wyoming_services.catalog import hub
from wyoming_services.catalog.locks import alone, lock_file
from wyoming_services.catalog.piper import is_name, read_voice
from wyoming_services.catalog.progress import MEGABYTE
from wyoming_services.errors import BadRequestError, NotFoundError

_INPUTS = {"input", "input_lengths", "scales"}
"""What Piper gives every model; `sid` is a speaker's number (piper 1.8, `voice.py`)."""


def check_name(name: str) -> None:
    """Refuse what cannot be a voice's name.

    Raises:
        BadRequestError: it cannot; the text says what can.
    """
    if not is_name(name):
        raise BadRequestError(
            f"{name[:100]!r} is no voice's name: it has letters, digits, '_', '-', '+' and "
            "dots inside, like en_US-lessac-medium, and is never a path."
        )


def add(model: Path, name: str, folder: Path) -> None:
    """Copy a voice's two files to `folder`, where it appears complete or not at all.

    Raises:
        BadRequestError: the name cannot be one, or is taken; the files are no voice.
        NotFoundError: a file is missing.
        OSError: they cannot be copied: there is no room, say.
    """
    check_name(name)
    config = model.with_name(f"{model.name}.json")
    for file in (model, config):
        if not file.is_file():
            raise NotFoundError(
                f"{file} is not there: a voice is two files, NAME.onnx and NAME.onnx.json."
            )
    check_voice(model)
    target = folder / f"{name}.onnx"
    with alone(target):
        if target.exists():
            raise BadRequestError(
                f"There is a voice '{name}' in {folder}: remove it first "
                f"(local-assist voices remove {name}), or give another --name."
            )
        _copy(model, config, target)


def check_voice(model: Path) -> None:
    """Make sure that Piper can load a voice.

    Raises:
        BadRequestError: it cannot; the text says why.
    """
    import onnxruntime  # noqa: PLC0415 - heavy
    from piper.config import PiperConfig  # noqa: PLC0415 - heavy

    try:
        voice = read_voice(model)
        PiperConfig.from_dict(json.loads(voice.config.read_text("utf-8")))
        session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    except Exception as error:  # each library has its own
        raise BadRequestError(f"{model} cannot be used as a voice: {hub.cause(error)}.") from error
    inputs = {each.name for each in session.get_inputs()}
    needed = _INPUTS | ({"sid"} if voice.speakers else set())
    if not needed <= inputs:
        missing = ", ".join(sorted(needed - inputs))
        raise BadRequestError(f"{model} is no Piper voice: the model has no input {missing}.")


def remove(name: str, folders: Sequence[Path]) -> list[Path]:
    """Delete a voice from every folder that has it, with what was made of it; return its models.

    Raises:
        BadRequestError: the name cannot be one.
        NotFoundError: no folder has it.
        OSError: it cannot be deleted.
    """
    check_name(name)
    models = [folder / f"{name}.onnx" for folder in folders]
    removed = [model for model in models if any(map(os.path.lexists, _files(model)))]
    if not removed:
        places = ", ".join(map(str, folders))
        raise NotFoundError(f"There is no voice '{name}' in {places}.")
    for model in removed:
        with alone(model):
            for file in _files(model):
                _delete(file)
        lock_file(model).unlink(missing_ok=True)
    return removed


def _copy(model: Path, config: Path, target: Path) -> None:
    """Copy a pair to a folder beside its place, then put it there, the model last."""
    staging = hub.staging_of(target)
    shutil.rmtree(staging, ignore_errors=True)
    missing = model.stat().st_size + config.stat().st_size
    free = shutil.disk_usage(target.parent).free
    if missing > free:
        raise OSError(f"it needs {missing // MEGABYTE + 1} MB, {free // MEGABYTE} MB are free")
    staging.mkdir()
    try:
        for source, file in ((config, f"{target.name}.json"), (model, target.name)):
            with source.open("rb") as content, (staging / file).open("wb") as copy:
                shutil.copyfileobj(content, copy)
                copy.flush()
                os.fsync(copy.fileno())
        for file in (f"{target.name}.json", target.name):
            (staging / file).replace(target.parent / file)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _files(model: Path) -> tuple[Path, ...]:
    """Return all that belongs to a voice; without the first it is none."""
    parts = model.with_name(f".{model.name}.parts")
    return (model, model.with_name(f"{model.name}.json"), parts, hub.staging_of(model))


def _delete(path: Path) -> None:
    """Delete a file, or a folder of ours; of a link only the link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
