"""What settings make of a request."""

from typing import Any

import pytest

from custom_components.local_assist.agent.request import spoken_request, task_request
from custom_components.local_assist.backends.ollama import OllamaModel

PLAIN = frozenset({"completion", "tools"})


def model(*, thinks: bool) -> OllamaModel:
    """Return a model."""
    return OllamaModel(
        name="m:latest",
        size=1,
        family="f",
        parameter_size="1B",
        capabilities=PLAIN | ({"thinking"} if thinks else set()),
        context_length=None,
    )


@pytest.mark.parametrize(
    ("setting", "models", "think", "tokens"),
    [
        ("off", [model(thinks=True)], False, 100),
        ("off", [model(thinks=False)], False, 100),
        ("off", [], False, 100),
        ("on", [model(thinks=True)], True, 2148),
        ("low", [model(thinks=True)], "low", 2148),
        ("high", [model(thinks=False)], None, 100),
        ("on", [], None, 100),
    ],
)
def test_thinking(setting: str, models: list[OllamaModel], think: Any, tokens: int):
    """Only a model known to think is told to; the cap on speech leaves room for it."""
    request = spoken_request({"model": "m", "think": setting, "num_predict": 100.0}, models)
    assert request.think == think
    assert request.options["num_predict"] == tokens


def test_numbers_of_forms_become_whole():
    """Home Assistant's number fields give floats; the server takes integers only."""
    request = spoken_request({"model": "m", "num_ctx": 4096.0, "keep_alive": 60.0}, [])
    assert isinstance(request.options["num_ctx"], int)
    assert isinstance(request.keep_alive, int)


def test_a_structured_task_does_not_think():
    """The server would answer twice."""
    settings = {"model": "m", "think": "on"}
    models = [model(thinks=True)]
    assert task_request(settings, models, {"type": "object"}).think is False
    assert task_request(settings, models, None).think is True
