"""Modules that take no memory before they are used."""

import sys

import pytest

from wyoming_services.memory import import_when_used


def test_a_module_is_imported_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever imported it before finds everything in it."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    import_when_used("colorsys")
    deferred = sys.modules["colorsys"]
    import colorsys  # noqa: PLC0415

    assert colorsys is deferred
    assert "rgb_to_hsv" not in vars(colorsys)
    assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)
    assert sys.modules["colorsys"] is not deferred
    assert deferred.hsv_to_rgb(0, 0, 0) == (0, 0, 0)


def test_a_module_that_is_there_stays() -> None:
    """It is paid for."""
    import json  # noqa: PLC0415

    import_when_used("json")
    assert sys.modules["json"] is json
