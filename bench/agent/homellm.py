"""Whether home-llm, the other peer, can be run here."""

from importlib.metadata import version
from importlib.util import find_spec

_NEEDS = "voluptuous_openapi"
"""A package it imports, which came with Home Assistant until 2026.9 (acon96/home-llm#393)."""


def runs() -> str:
    """Return why it is not measured, as far as this machine tells."""
    reasons = ["it is a HACS repository, and on no package index to install it from"]
    if find_spec(_NEEDS) is None:
        reasons.append(
            f"it imports {_NEEDS}, which Home Assistant {version('homeassistant')} does not have"
        )
    return f"not measured: {'; '.join(reasons)}."
