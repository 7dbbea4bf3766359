"""Makes the demo's speech models from nothing: see docs/speech-models.md."""
