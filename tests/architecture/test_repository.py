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


def test_the_deliverables_meet_only_on_the_wire():
    """Neither package names the other in an import; HACS copies one folder alone."""
    for folder, other in (
        ("custom_components", "wyoming_services"),
        ("wyoming_services", "custom_components"),
    ):
        for path in (ROOT / folder).rglob("*.py"):
            imports = re.findall(r"^\s*(?:from|import)\s+(\S+)", path.read_text(), re.MULTILINE)
            assert not [name for name in imports if name.startswith(other)], path
