"""Tool calls that a model printed into its text instead of making them.

Every format the known families print is one of four: JSON that names the tool, a name followed by
the JSON of its arguments, markup with an element a parameter, and Python's calls.
"""

from collections.abc import Collection

from ...backends.base import ToolRequest
from . import json_calls, markup, python_calls

# Gemma has these around strings, DeepSeek 3.2 has that in its tags, where others have plain ones.
_ODDITIES = {"<escape>": '"', '<|"|>': '"', "\uff5cDSML\uff5c": ""}


def find_calls(text: str, names: Collection[str]) -> list[ToolRequest]:
    """Return the calls printed in a text, in order, each once.

    `names` are the names of the tools there are; nothing else is a call, so ordinary JSON is not
    executed. The requests have the tools' own names; their arguments are still to be repaired.
    """
    for odd, plain in _ODDITIES.items():
        text = text.replace(odd, plain)
    found = sorted(
        (
            call
            for reader in (json_calls, markup, python_calls)
            for call in reader.find(text, names)
        ),
        key=lambda call: (call.start, -call.end),
    )
    calls: list[ToolRequest] = []
    end = 0
    for call in found:
        if call.start >= end:
            end = call.end
            calls += [request for request in call.requests if request not in calls]
    return calls
