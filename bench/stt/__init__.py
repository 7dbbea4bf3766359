"""`script/bench stt`: our speech-to-text beside wyoming-faster-whisper."""

from bench.stt.main import run

__all__ = ["run"]
