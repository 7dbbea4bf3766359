"""Local Assist's speech servers: faster-whisper and Piper behind the Wyoming protocol."""

import os

# ONNX Runtime, under Piper and the voice activity detector, reports its use to its makers unless
# this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
