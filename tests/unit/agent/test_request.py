"""What settings make of a request."""

from typing import Any

import pytest

from custom_components.local_assist.agent.request import spoken_request, task_request
from custom_components.local_assist.backends.base import Deadlines
from custom_components.local_assist.backends.ollama import OllamaModel

PLAIN = frozenset({"completion", "tools"})


def model(*, thinks: bool, name: str = "m:latest") -> OllamaModel:
    """Return a model."""
    return OllamaModel(
        name=name,
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
        ("low", [model(thinks=True)], "low", 1124),
        ("high", [model(thinks=True)], "high", 4196),
        ("high", [model(thinks=False)], None, 100),
        ("on", [], None, 100),
    ],
)
def test_thinking(setting: str, models: list[OllamaModel], think: Any, tokens: int):
    """Only a model known to think is told to; the cap on speech leaves room for it."""
    request = spoken_request({"model": "m", "think": setting, "num_predict": 100.0}, models)
    assert request.think == think
    assert request.options["num_predict"] == tokens


@pytest.mark.parametrize(
    ("setting", "name", "think"),
    [
        ("off", "gpt-oss:20b", "low"),
        ("on", "gpt-oss:20b", True),
        ("high", "gpt-oss:20b", "high"),
        ("off", "qwen3:4b", False),
        ("low", "qwen3:4b", True),
    ],
)
def test_thinking_as_the_family_can(setting: str, name: str, think: Any):
    """A model that cannot stop thinking thinks little; one that knows no levels just thinks."""
    models = [model(thinks=True, name=name)]
    assert spoken_request({"model": name, "think": setting}, models).think == think


def test_only_a_model_known_to_think_is_told_how_hard():
    """A build without that ability would refuse the request."""
    settings = {"model": "gpt-oss:20b", "think": "off"}
    assert spoken_request(settings, []).think is False
    assert spoken_request(settings, [model(thinks=False, name="gpt-oss:20b")]).think is False


def test_nothing_is_sent_of_what_nobody_recommends():
    """Only the cap on the reply is ours."""
    assert spoken_request({"model": "m"}, []).options == {"num_predict": 512}


def test_the_maker_recommends_and_a_setting_wins():
    """What is set counts, zero too; what is not comes from the family, by whether it thinks."""
    models = [model(thinks=True, name="qwen3:4b")]
    settings = {"model": "qwen3:4b", "num_predict": 100}
    assert spoken_request(settings, models, num_ctx=8192).options == {
        "num_ctx": 8192,
        "num_predict": 100,
        "temperature": 0.7,
        "top_p": 0.8,
        "top_k": 20,
        "min_p": 0.0,
        "repeat_penalty": 1.0,
    }
    settings |= {"think": "on", "temperature": 0, "top_k": 7.0, "min_p": None, "seed": 3.0}
    assert spoken_request(settings, models).options == {
        "num_predict": 2148,
        "temperature": 0.0,
        "top_p": 0.95,
        "top_k": 7,
        "min_p": 0.0,
        "repeat_penalty": 1.0,
        "seed": 3,
    }


def test_the_window_is_the_one_that_is_shared():
    """The setting counts only where nobody says what all users of the model agreed on."""
    settings = {"model": "m", "num_ctx": 4096.0}
    assert spoken_request(settings, []).options["num_ctx"] == 4096
    assert spoken_request(settings, [], num_ctx=16384).options["num_ctx"] == 16384
    assert task_request(settings, [], None, num_ctx=16384).options["num_ctx"] == 16384


def test_numbers_of_forms_become_whole():
    """Home Assistant's number fields give floats; the server takes integers only."""
    settings = {"model": "m", "num_ctx": 4096.0, "keep_alive": 60.0, "top_k": 5.0, "seed": 1.0}
    request = spoken_request(settings, [])
    assert all(isinstance(request.options[key], int) for key in ("num_ctx", "top_k", "seed"))
    assert isinstance(request.keep_alive, int)


def test_deadlines():
    """What is set counts, else the defaults."""
    request = spoken_request({"model": "m", "first_token_timeout": 90}, [])
    assert request.deadlines == Deadlines(connect=3.0, first_token=90, gap=15.0)
    assert task_request({"model": "m"}, [], None).deadlines == Deadlines()


def test_a_structured_task_does_not_think():
    """The server would answer twice."""
    settings = {"model": "m", "think": "on"}
    models = [model(thinks=True)]
    assert task_request(settings, models, {"type": "object"}).think is False
    assert task_request(settings, models, None).think is True


def test_a_structured_task_of_a_model_that_always_thinks():
    """It thinks as little as it can."""
    models = [model(thinks=True, name="gpt-oss:20b")]
    settings = {"model": "gpt-oss:20b", "think": "high"}
    assert task_request(settings, models, {"type": "object"}).think == "low"
