"""Tools told in the system text, for models whose template would tell them in the last message.

Ollama's template of Llama 3.1 to 3.3 puts the tools into the newest user message: thousands of
tokens that are never part of the prompt before, and are read again in each turn. In the system text
they are read once. Llama takes them there as well, and prints its calls as JSON either way:
https://github.com/meta-llama/llama-models/blob/main/models/llama3_2/text_prompt_format.md
"""

import json
import re
from dataclasses import replace
from typing import Final

from ..backends.base import ChatRequest

# As `ollama show --template llama3.2` has it.
_IN_THE_LAST_MESSAGE: Final = re.compile(r"if and (?:\$\.Tools \$last|\$last \$\.Tools)\b")

_HOW_TO_CALL: Final = (
    "You have access to the following functions. To call one, respond with nothing but JSON in the "
    'format {"name": function name, "parameters": dictionary of argument name and its value}, one '
    "line for each call. Do not use variables. When you receive what a function answered, use it "
    "to answer the person in plain words."
)


def are_told_last(template: str) -> bool:
    """Return whether a model's template tells its tools in the last message."""
    return bool(_IN_THE_LAST_MESSAGE.search(template))


def tell_first(request: ChatRequest) -> ChatRequest:
    """Return the request with its tools in the system text, which is its first message."""
    if not request.tools:
        return request
    system, *rest = request.messages
    tools = "\n".join(json.dumps(tool, ensure_ascii=False) for tool in request.tools)
    system = replace(system, content=f"{system.content}\n\n{_HOW_TO_CALL}\n\n{tools}")
    return replace(request, messages=(system, *rest), tools=())
