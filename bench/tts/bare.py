"""Speaks with nothing but Piper's library, in a process of its own whose CPU time can be read.

    python bench/tts/bare.py VOICE.onnx [--resting-threads N]

Each line of standard input is a JSON string to say; the answer is a line with the seconds of
speech. By default the voice is what `PiperVoice.load` gives everybody: a thread for every core, all
spinning while they wait. With `--resting-threads` there are so many, and they sleep.
"""

import argparse
import json
import sys

import onnxruntime
from piper import PiperVoice


def load(path: str, resting_threads: int | None) -> PiperVoice:
    """Load a voice."""
    voice = PiperVoice.load(path)
    if resting_threads is not None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = resting_threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        voice.session = onnxruntime.InferenceSession(
            path, sess_options=options, providers=["CPUExecutionProvider"]
        )
    return voice


def say(voice: PiperVoice, text: str) -> float:
    """Make the 16-bit samples of a text; return their seconds."""
    seconds = 0.0
    for chunk in voice.synthesize(text):
        seconds += len(chunk.audio_int16_bytes) / chunk.sample_width / chunk.sample_rate
    return seconds


def main() -> None:
    """Say lines until there are no more."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("voice")
    parser.add_argument("--resting-threads", type=int, metavar="N")
    given = parser.parse_args()
    voice = load(given.voice, given.resting_threads)
    for line in sys.stdin:
        print(say(voice, json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
