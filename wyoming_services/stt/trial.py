"""Runs a model once, in a process that may die of it: `python -m … FOLDER DEVICE INDEX TYPE`."""

import sys

from faster_whisper import WhisperModel

from wyoming_services.stt.device import run_once


def main(folder: str, device: str, index: str, compute_type: str) -> None:
    """Load the model and run it once.

    Raises:
        SystemExit: it failed; the text is the cause.
    """
    try:
        run_once(
            WhisperModel(
                folder,
                device=device,
                device_index=int(index),
                compute_type=compute_type,
                cpu_threads=1,
                local_files_only=True,
            )
        )
    except Exception as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main(*sys.argv[1:])
