"""Checks that whatever a flow shows has its words in the translations."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from homeassistant.data_entry_flow import FlowResultType, section

FOLDER = Path(__file__).parents[2] / "custom_components" / "local_assist" / "translations"
ENGLISH: dict[str, Any] = json.loads((FOLDER / "en.json").read_text())


def placeholders(text: str) -> set[str]:
    """Return what a text leaves to be filled in."""
    return set(re.findall(r"{(\w+)}", text))


def check_result(result: Mapping[str, Any], words: Mapping[str, Any]) -> None:
    """Fail unless every word of a flow's result is translated, with its placeholders filled."""
    given = set(result.get("description_placeholders") or {})
    match result["type"]:
        case FlowResultType.FORM:
            step = words["step"][result["step_id"]]
            _check_texts((step["title"], step.get("description", "")), given)
            if result["data_schema"] is not None:
                _check_fields(result["data_schema"].schema, step)
            for error in (result["errors"] or {}).values():
                _check_texts((words["error"][error],), given)
        case FlowResultType.MENU:
            step = words["step"][result["step_id"]]
            _check_texts((step["title"], step.get("description", "")), given)
            assert set(step["menu_options"]) == set(result["menu_options"])
        case FlowResultType.SHOW_PROGRESS:
            assert words["progress"][result["progress_action"]]
        case FlowResultType.ABORT if result.get("translation_domain") is None:
            _check_texts((words["abort"][result["reason"]],), given)


def _check_texts(texts: Iterable[str], given: set[str]) -> None:
    for text in texts:
        assert placeholders(text) <= given, text


def _check_fields(schema: Mapping[Any, Any], words: Mapping[str, Any]) -> None:
    for marker, field in schema.items():
        if isinstance(field, section):
            below = words["sections"][str(marker)]
            assert below["name"]
            _check_fields(field.schema.schema, below)
        else:
            assert words["data"][str(marker)]
            # The fields of a section may be alike, and explained together.
            assert words.get("data_description", {}).get(str(marker)) or (
                "name" in words and words["description"]
            )
        key = getattr(field, "config", {}).get("translation_key")
        if key:
            options = ENGLISH["selector"][key]["options"]
            assert set(options) == set(field.config["options"])
