"""Promises about the repository itself."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_pinned_requirements_hold_no_addresses():
    """The pins work with any package registry."""
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert re.search(r"==", text)
        assert "://" not in text, path.name
        assert "index-url" not in text, path.name
