"""What the people of a house are told when files of the knowledge folder cannot be used."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from .errors import KnowledgeFileError
from .index import FileState

FILES: Final = "knowledge_files"
MAX_NAMED: Final = 20
"""Files that are named; how many more there are is said."""


async def async_tell(hass: HomeAssistant, folder: Path, files: Sequence[FileState]) -> None:
    """Say what is wrong with which files; nothing if nothing is."""
    wrong = [file for file in files if file.problem]
    if not wrong:
        ir.async_delete_issue(hass, DOMAIN, FILES)
        return
    lines = [
        f"- `{' '.join(file.name.split()).replace('`', "'")}`: "
        f"{await async_reason(hass, file.problem)}"
        for file in wrong[:MAX_NAMED]
        if file.problem
    ]
    if len(wrong) > MAX_NAMED:
        lines.append(f"- … (+ {len(wrong) - MAX_NAMED})")
    ir.async_create_issue(
        hass,
        DOMAIN,
        FILES,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=FILES,
        translation_placeholders={"folder": str(folder), "files": "\n".join(lines)},
    )


async def async_reason(hass: HomeAssistant, problem: KnowledgeFileError) -> str:
    """Return what is wrong with a file in Home Assistant's language, or else in English."""
    language = hass.config.language
    translations = await async_get_translations(hass, language, "exceptions", {DOMAIN})
    text = translations[f"component.{DOMAIN}.exceptions.{problem.key}.message"]
    return text.format(**problem.placeholders)
