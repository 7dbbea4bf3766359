"""`script/bench tts`: our text-to-speech beside wyoming-piper."""

from bench.tts.main import run

__all__ = ["run"]
