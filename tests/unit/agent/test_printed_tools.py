"""Tools told in the system text, where a template would tell them last."""

import pytest

from custom_components.local_assist.agent.printed_tools import are_told_last, tell_first
from custom_components.local_assist.backends.base import ChatRequest, Message

SYSTEM = Message(role="system", content="Be kind.")
SAID = Message(role="user", content="Light on")
TOOL = {"type": "function", "function": {"name": "on", "description": "", "parameters": {}}}


@pytest.mark.parametrize(
    ("template", "last"),
    [
        ('{{- if eq .Role "user" }}{{- if and $.Tools $last }}Given the functions', True),
        ("{{- if and $last $.Tools }}", True),
        ("{{ if .Tools }}# Tools{{ range .Tools }}{{ . }}{{ end }}{{ end }}", False),
        ("{{- if and $.Tools $lastest }}", False),
        ("", False),
    ],
)
def test_which_templates_tell_them_last(template: str, last: bool):
    """As Ollama's library has them."""
    assert are_told_last(template) is last


def test_they_are_told_in_the_system_text():
    """Once, and nowhere else."""
    request = tell_first(ChatRequest(model="m", messages=(SYSTEM, SAID), tools=(TOOL,)))
    assert request.tools == ()
    assert request.messages[1] == SAID
    assert request.messages[0].content.startswith("Be kind.")
    assert request.messages[0].content.count('"name": "on"') == 1


def test_without_tools_nothing_is_told():
    """An agent that only talks has none."""
    request = ChatRequest(model="m", messages=(SYSTEM, SAID))
    assert tell_first(request) == request
