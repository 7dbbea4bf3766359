"""Local Assist: the voice assistant that never leaves the house."""
