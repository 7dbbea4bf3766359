"""What makers of models recommend."""

import pytest

from custom_components.local_assist.agent.families import FAMILIES, OTHER, Family, family_of


@pytest.mark.parametrize(
    ("name", "ollama_family", "temperature", "thinking"),
    [
        ("llama3.2:3b", "llama", 0.6, None),
        ("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "llama", 0.6, None),
        ("qwen2.5:7b", "qwen2", 0.7, None),
        ("qwen3:4b-instruct-2507-q4_K_M", "qwen3", 0.7, 0.6),
        ("qwen3:30b", "qwen3moe", 0.7, 0.6),
        ("hf.co/unsloth/Qwen3-4B-GGUF", "qwen3", 0.7, 0.6),
        ("qwen3.5:4b", "qwen35", 0.7, 1.0),
        ("Qwen3.8-27B", "", 0.7, 1.0),
        ("gemma2:2b", "gemma2", 1.0, None),
        ("gemma3n:e4b", "gemma3n", 1.0, None),
        ("gemma4:e4b", "gemma4", 1.0, None),
        ("mistral-small3.2:24b", "mistral3", 0.15, None),
        ("mistral-nemo:12b", "llama", 0.3, None),
        ("ministral-3:8b", "mistral3", 0.05, None),
        ("ministral-3:8b-reasoning-2512", "mistral3", 0.7, None),
        ("magistral:24b", "llama", 0.7, None),
        ("phi4-reasoning:14b", "phi3", 0.8, None),
        ("phi4-mini:3.8b", "phi3", None, None),
        ("gpt-oss:20b", "gptoss", 1.0, None),
        ("my-own-model", "gptoss", 1.0, None),
        ("my-own-model", "qwen35moe", 0.7, 1.0),
        ("deepseek-r1:7b", "qwen2", 0.6, None),
        ("deepseek-r1:8b", "qwen3", 0.6, None),
        ("hf.co/qwen3-fans/something:q4", "llama", None, None),
        ("smollm2:1.7b", "llama", None, None),
        ("mistral:7b", "llama", None, None),
        ("", "", None, None),
    ],
)
def test_family(
    name: str, ollama_family: str, temperature: float | None, thinking: float | None
) -> None:
    """The name counts before what the server calls the architecture, which many models share."""
    family = family_of(name, ollama_family)
    assert family.sampling.temperature == temperature
    assert (family.thinking.temperature if family.thinking else None) == thinking


def test_what_is_particular_about_thinking() -> None:
    """Only gpt-oss cannot stop; a model nobody knows may know levels."""
    assert family_of("gpt-oss:20b").always_thinks
    assert family_of("gpt-oss:20b").levels
    assert not any(f.always_thinks or f.levels for f in FAMILIES if f.pattern != r"gpt-?oss")
    assert OTHER.levels


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.pattern)
def test_every_value_has_a_source(family: Family) -> None:
    """Nothing is recommended that no maker recommends, nor anything a server would refuse."""
    assert family.source.startswith("https://")
    for sampling in filter(None, (family.sampling, family.thinking)):
        assert sampling.temperature is not None
        assert 0 <= sampling.temperature <= 2
        assert 0 < (sampling.top_p or 1) <= 1
        assert 0 <= (sampling.top_k or 0) <= 100
