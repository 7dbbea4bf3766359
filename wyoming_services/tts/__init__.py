"""Text-to-speech: the session of a client, and the Piper voices behind it."""
