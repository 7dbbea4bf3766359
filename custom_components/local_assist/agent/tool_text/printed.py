"""What the readers of printed calls find."""

from dataclasses import dataclass

from ...backends.base import ToolRequest


@dataclass(frozen=True, slots=True)
class PrintedCall:
    """Calls that stand in `text[start:end]`; several if they were printed as a list."""

    start: int
    end: int
    requests: tuple[ToolRequest, ...]
