"""Local Assist's speech servers: faster-whisper and Piper behind the Wyoming protocol."""

import os

# ONNX Runtime, under Piper and the voice activity detector, and the hub's client, which downloads
# Whisper models, report their use to their makers unless this is set before they are imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
