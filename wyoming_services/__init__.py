"""Local Assist's speech servers: faster-whisper and Piper behind the Wyoming protocol."""

__version__ = "0.1.0"
