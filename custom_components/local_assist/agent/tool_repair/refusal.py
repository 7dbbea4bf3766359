"""Why a call is not made."""

from collections.abc import Iterable
from typing import Any


class RefusalError(Exception):
    """The call must not be made as it is. `data` is what the model is told."""

    def __init__(self, error: str, candidates: Iterable[str] = ()) -> None:
        self.data: dict[str, Any] = {"error": error}
        if names := list(candidates):
            self.data["candidates"] = names
        super().__init__(error)
