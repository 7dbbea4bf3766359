"""How the makers of models say theirs are to be sampled, and what is particular about thinking.

Where a maker names no value, none is sent, so the model's own file or the server decides. The
exception is the penalty on repetition: no maker but one of those below wants one, yet servers
before Ollama 0.32.10 add 1.1, which garbles the names and the JSON that tool calls repeat.

The presence penalty of 1.5 that Qwen names for its newer models is left out for the same reason.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is drawn, in Ollama's words; None leaves it to the model's own file.

    Attributes:
        temperature: 0 takes the likeliest.
        top_k: of how many of the likeliest; 0 is of all.
        top_p: of the likeliest that together have this probability.
        min_p: of those at least so likely, compared with the likeliest.
        repeat_penalty: 1 is none.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What holds for the models of a family.

    Attributes:
        pattern: matches a model's name, or the family its server names.
        sampling: while it answers without thinking.
        thinking: while it thinks, if its maker distinguishes.
        always_thinks: whether it cannot be told not to.
        levels: whether it can be told how hard to think, instead of only whether.
        source: where its maker says so.
    """

    pattern: str
    sampling: Sampling
    thinking: Sampling | None = None
    always_thinks: bool = False
    levels: bool = False
    source: str


HUB: Final = "https://huggingface.co/"

# The first that matches counts: models distilled from others carry several names.
FAMILIES: Final = (
    Family(
        pattern=r"gpt-?oss",
        sampling=Sampling(temperature=1.0, top_p=1.0, top_k=0),
        always_thinks=True,
        levels=True,
        source="https://github.com/openai/gpt-oss#recommended-sampling-parameters",
    ),
    Family(
        pattern=r"deepseek-r1",
        sampling=Sampling(temperature=0.6, top_p=0.95),
        source="https://github.com/deepseek-ai/DeepSeek-R1#usage-recommendations",
    ),
    Family(
        pattern=r"qwen-?3\.?[5-9]",
        sampling=Sampling(temperature=0.7, top_p=0.8, top_k=20, min_p=0.0),
        thinking=Sampling(temperature=1.0, top_p=0.95, top_k=20, min_p=0.0),
        source=HUB + "Qwen/Qwen3.5-9B#best-practices",
    ),
    Family(
        pattern=r"qwen-?3",
        sampling=Sampling(temperature=0.7, top_p=0.8, top_k=20, min_p=0.0),
        thinking=Sampling(temperature=0.6, top_p=0.95, top_k=20, min_p=0.0),
        source=HUB + "Qwen/Qwen3-4B#best-practices",
    ),
    Family(
        pattern=r"qwen-?2",
        sampling=Sampling(temperature=0.7, top_p=0.8, top_k=20, repeat_penalty=1.05),
        source=HUB + "Qwen/Qwen2.5-7B-Instruct/blob/main/generation_config.json",
    ),
    # Gemma 2 has no recommendation of its own.
    Family(
        pattern=r"gemma",
        sampling=Sampling(temperature=1.0, top_p=0.95, top_k=64),
        source="https://ai.google.dev/gemma/docs/core/model_card_4",
    ),
    Family(
        pattern=r"magistral|ministral-?3.*reasoning",
        sampling=Sampling(temperature=0.7, top_p=0.95),
        source=HUB + "mistralai/Magistral-Small-2509",
    ),
    # "Below 0.1".
    Family(
        pattern=r"ministral-?3",
        sampling=Sampling(temperature=0.05),
        source=HUB + "mistralai/Ministral-3-8B-Instruct-2512",
    ),
    Family(
        pattern=r"mistral-nemo",
        sampling=Sampling(temperature=0.3),
        source=HUB + "mistralai/Mistral-Nemo-Instruct-2407",
    ),
    Family(
        pattern=r"mistral-small|mistral3",
        sampling=Sampling(temperature=0.15),
        source=HUB + "mistralai/Mistral-Small-3.2-24B-Instruct-2506",
    ),
    Family(
        pattern=r"phi-?4.*reasoning",
        sampling=Sampling(temperature=0.8, top_p=0.95, top_k=50),
        source=HUB + "microsoft/Phi-4-reasoning",
    ),
    # The servers call many other models' architecture `llama` as well, hence the digit.
    Family(
        pattern=r"llama-?[34]",
        sampling=Sampling(temperature=0.6, top_p=0.9),
        source=HUB + "meta-llama/Llama-3.2-3B-Instruct/blob/main/generation_config.json",
    ),
)

# Any other model, also those whose makers recommend nothing, such as Phi 4 and Mistral 7B.
OTHER: Final = Family(pattern="", sampling=Sampling(repeat_penalty=None), levels=True, source="")


def family_of(model_name: str, ollama_family: str = "") -> Family:
    """Return the family of a model, by its name, else by the family its server names.

    The owner in a name such as `hf.co/owner/model:tag` says nothing of the model.
    """
    for text in (model_name.rpartition("/")[2], ollama_family):
        for family in FAMILIES:
            if re.search(family.pattern, text, re.IGNORECASE):
                return family
    return OTHER
