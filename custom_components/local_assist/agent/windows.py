"""How large a model's window is to be: what a house needs, in steps, the same for all its users.

Ollama loads a model anew whenever a request asks for another window than it is loaded with, which
takes seconds and forgets the cache. So all agents and tasks of a model ask for the same, it comes
in steps, and while Home Assistant runs it only grows, and only for a need that is clearly larger.
"""

from typing import Final

from ..backends.ollama_wire import full_name

FIRST_STEP: Final = 4096

# Besides its head and its reply, a turn needs room for what it is told of the house right now,
# and for what was said and looked up before.
CONTEXT_TOKENS: Final = 600
HISTORY_TOKENS: Final = 1200
# A window that is too small by so much takes it from the history, instead of being loaded anew.
SLACK_TOKENS: Final = HISTORY_TOKENS // 2


def needed(head: int, reply: int) -> int:
    """Return the window an agent needs, in tokens.

    `head` is the system text with the tools, `reply` the longest answer with its thoughts.
    """
    return head + CONTEXT_TOKENS + HISTORY_TOKENS + reply


class Windows:
    """The windows of the models on one Ollama server."""

    def __init__(self) -> None:
        self._needs: dict[str, dict[str, int]] = {}
        self._explicit: dict[str, dict[str, int]] = {}
        self._grown: dict[str, int] = {}

    def want(self, user: str, model: str, tokens: int | None, *, explicit: int | None) -> None:
        """Take note of what a user of a model needs, or insists on.

        `user` is whoever sends requests, such as a subentry's id; a later call of the same user
        takes the place of an earlier one. `tokens` is None while the need is not known.
        """
        model = full_name(model)
        for wishes, wish in ((self._needs, tokens), (self._explicit, explicit)):
            for users in wishes.values():
                users.pop(user, None)
            if wish is not None:
                wishes.setdefault(model, {})[user] = wish

    def num_ctx(self, model: str, trained: int | None) -> int:
        """Return the window that every request to a model asks for.

        The largest one that a user insists on, else the step that held the largest need when it was
        first asked for or had clearly grown; never more than the model was `trained` for.
        """
        model = full_name(model)
        if explicit := self._explicit.get(model):
            window = max(explicit.values())
        else:
            need = max(self._needs.get(model, {}).values(), default=0)
            window = self._grown.get(model, 0)
            if not window or need > window + SLACK_TOKENS:
                window = self._grown[model] = _step(need)
        return min(window, trained) if trained else window


def _step(need: int) -> int:
    """Return the smallest step that holds a need: 4096, 8192, 16384, ..."""
    return FIRST_STEP << max(0, (need - 1) // FIRST_STEP).bit_length()
