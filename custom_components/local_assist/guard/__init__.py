"""The guard: what the assistant may not do without being told so by a person."""
