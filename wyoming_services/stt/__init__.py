"""Speech-to-text: the session of a client, and the Whisper models behind it."""
