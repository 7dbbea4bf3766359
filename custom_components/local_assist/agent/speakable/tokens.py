"""The marks that models leave in their text, as one table with sources.

A server takes most of them out, when its template and parser fit the model. With a template that
does not, as with many imported GGUF files, they arrive as text.

Each pattern ends with a character that closes it, so a match can never grow with what comes next;
`tags` relies on that. None reaches over white space, but for a few that are spelled out, so plain
text is never held back by more than a word.

Sources: the parsers of Ollama (github.com/ollama/ollama, model/parsers and thinking), of llama.cpp
(github.com/ggml-org/llama.cpp, common/chat.cpp) and of vLLM (github.com/vllm-project/vllm,
reasoning and tool_parsers), which name the forms per family; and what the makers publish, named at
each entry.
"""

from dataclasses import dataclass

import regex

from .pieces import CallText, Thought


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark, and what it means for the text behind it.

    Attributes:
        opens: matches the mark.
        closes: found where the text it opens ends; None: the mark stands for itself and goes.
        holds: what the text in between is.
    """

    opens: regex.Pattern[str]
    closes: regex.Pattern[str] | None = None
    holds: type[Thought | CallText] = Thought


def _mark(opens: str, closes: str | None = None, holds: type[Thought | CallText] = Thought) -> Mark:
    return Mark(
        regex.compile(opens, regex.IGNORECASE),
        None if closes is None else regex.compile(closes, regex.IGNORECASE),
        holds,
    )


# Tokens that end a message or a turn, and with it whatever was left open.
_END = (
    r"<\|(?:im_end|eot_id|eom_id|eot|endoftext|end_of_text|end|call|return|end_of_turn)\|>"
    r"|<(?:end_of_turn|eos|/s|turn\|)>|<｜end▁of▁sentence｜>"
)

# Who speaks next, by family:
_HEADER = (
    r"(?:<\|im_start\|>"  # ChatML: Qwen, Yi, Hermes, SmolLM (openai-python 0.27, chatml.md)
    r"|<\|start_header_id\|>|<\|header_start\|>"  # Llama 3 and 4 (llama.com, prompt formats)
    r"|<\|start_of_role\|>"  # Granite 3 and 4 (ibm.com/granite/docs)
    r"|<\|start\|>"  # gpt-oss (cookbook.openai.com/articles/openai-harmony)
    r"|<start_of_turn>|<\|turn>)"  # Gemma to 3 and 4 (ai.google.dev/gemma/docs)
    r"\s{0,4}"
)
_ASSISTANT = (
    rf"{_HEADER}(?:assistant|model)(?!\w)"
    r"|<\|(?:assistant|im_assistant|chatbot_token)\|>"  # Phi, GLM, Zephyr; Kimi; Command R
    r"|<｜assistant｜>"  # DeepSeek
    r"|\[/INST\]"  # Mistral, Llama 2
)
# A model that runs on plays the other speakers as well; none of that is its answer.
_SOMEBODY_ELSE = (
    rf"{_HEADER}[a-z_]{{1,20}}(?!\w)"
    r"|<\|(?:user|im_user|system|im_system|observation|user_token|system_token)\|>"
    r"|<｜user｜>|\[INST\]|\[(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS)\]"
)

_THINK = r"(?:think|thinking|thoughts?|reasoning|scratch_?pad|seed:think)"

_THOUGHTS = (
    # Qwen 3, DeepSeek R1, Phi 4 reasoning, Nemotron, SmolLM 3, GLM 4.5; EXAONE and others vary it.
    _mark(rf"<{_THINK}>", rf"</{_THINK}>"),
    _mark(r"\[THINK\]", r"\[/THINK\]"),  # Magistral, Ministral 3 (docs.mistral.ai)
    _mark(r"◁think▷", r"◁/think▷"),  # Kimi
    _mark(r"<\|start_thinking\|>", r"<\|end_thinking\|>"),  # Command A (docs.cohere.com)
    _mark(r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),  # OpenThinker
    _mark(r"<\|channel>\s{0,2}[a-z]{0,20}(?!\w)", r"<channel\|>"),  # Gemma 4
    # gpt-oss: the analysis channel, without a recipient
    _mark(
        r"<\|channel\|>\s{0,2}analysis\s{0,2}<\|message\|>",
        r"<\|(?:end|return|call)\|>|(?=<\|(?:start|channel)\|>)",
    ),
    _mark(_SOMEBODY_ELSE, _ASSISTANT),
)

# Forms without any token; they count at the very beginning of a reply only.
_FIRST_THOUGHTS = (
    # Granite 3.2, `thinking` on
    _mark(r"Here(?:'s| is) my thought process:", r"Here(?:'s| is) my response:"),
    # gpt-oss through a server that drops the tokens: "analysisThe user wants...assistantfinalOn."
    Mark(
        regex.compile(r"analysis(?=[A-Z])"),
        regex.compile(r"assistantfinal|(?=assistantcommentary to=)"),
    ),
)

_XML_CALL = (
    r"(?:tool_calls?|toolcall|function_calls?|functioncall|tool_code|tool_use|invoke"
    r"|minimax:tool_call)"
)

_CALLS = (
    # Qwen, Hermes, GLM, Nemotron, MiniMax
    _mark(rf"<{_XML_CALL}(?:\s[^<>\n]{{0,200}})?>", rf"</{_XML_CALL}>|{_END}", CallText),
    # Llama 3 custom tools, Qwen 3 Coder
    _mark(r"<function(?:=|\sname=)[^<>\n]{1,200}>", rf"</function>|{_END}", CallText),
    _mark(r"<\|python_tag\|>", _END, CallText),  # Llama 3.1
    # Mistral: a list, or name[ARGS]{...}
    _mark(r"\[TOOL_CALLS\]", _END, CallText),
    _mark(r"<\|tool_call\|>", rf"<\|/tool_call\|>|{_END}", CallText),  # Granite 3, Phi 4 mini
    _mark(r"<\|tool_call>", r"<tool_call\|>", CallText),  # Gemma 4
    _mark(r"<start_function_call>", r"<end_function_call>", CallText),  # FunctionGemma
    _mark(r"<\|tool_call_start\|>", rf"<\|tool_call_end\|>|{_END}", CallText),  # LFM 2
    _mark(  # Kimi K2
        r"<\|tool_calls?_section_begin\|>", rf"<\|tool_calls?_section_end\|>|{_END}", CallText
    ),
    _mark(r"<\|tool_call_begin\|>", rf"<\|tool_call_end\|>|{_END}", CallText),
    _mark(r"<\|start_action\|>", rf"<\|end_action\|>|{_END}", CallText),  # Command A
    # DeepSeek V3, R1; then 3.2
    _mark(r"<｜tool▁calls▁begin｜>", rf"<｜tool▁calls▁end｜>|{_END}", CallText),
    _mark(r"<｜tool▁call▁begin｜>", rf"<｜tool▁call▁end｜>|{_END}", CallText),
    _mark(r"<｜DSML｜function_calls>", rf"</｜DSML｜function_calls>|{_END}", CallText),
    # gpt-oss: a message with a recipient, named in the role or in the channel
    _mark(
        r"(?:<\|start\|>assistant\s?to=[\w.]{1,80}\s?<\|channel\|>[^<\n]{1,40}"
        r"|<\|channel\|>\s?(?:commentary|analysis)\s?to=[\w.]{1,80}[^<\n]{0,20})"
        r"(?:<\|constrain\|>[^<\n]{0,20})?<\|message\|>",
        r"<\|(?:call|end|return)\|>|(?=<\|start\|>)",
        CallText,
    ),
)
_FIRST_CALLS = (
    _mark(
        r"(?:assistant)?commentary to=[\w.]{1,80}[^{\n]{0,30}(?=\{)",
        r"(?=assistantfinal)",
        CallText,
    ),
)

_MARKS = (
    _mark(_ASSISTANT),
    *_THOUGHTS,
    # gpt-oss: what follows is for the person
    _mark(r"<\|channel\|>\s?(?:final|commentary)\s?(?:<\|constrain\|>\w{1,20})?<\|message\|>"),
    _mark(
        r"<\|[^\s<>|]{1,48}\|>"  # the form of nearly all families
        r"|</?｜[^<>\n]{1,48}｜>"  # DeepSeek
        r"|<\|[a-z_]{1,24}>|<[a-z_]{1,24}\|>"  # Gemma 4
        r"|<(?:start|end)_of_(?:turn|utterance|image|audio)>|<unused\d{1,4}>"  # Gemma, SmolVLM
        r"|</?s>|<(?:bos|eos|pad|unk|sop|eop|extra_id_\d{1,3})>"  # SentencePiece models, GLM, T5
        r"|<</?SYS>>|\[gMASK\]"  # Llama 2, GLM
        r"|\[/?(?:INST|THINK|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT)\]"  # Mistral
        rf"|</{_THINK}>|◁/think▷"  # the opening tag was part of the prompt
    ),
)
# What encloses the answer itself, and ends of calls that never began.
_WRAPPERS = (
    _mark(rf"</?(?:answer|final_answer|response)>|</(?:{_XML_CALL}|function)>|<end_function_call>"),
)

# In the order they are tried in. `FIRST` holds where the reply begins, and only there.
VERBATIM = _MARKS
SPOKEN = (*_CALLS, *_MARKS, *_WRAPPERS)
FIRST_VERBATIM = (*_FIRST_THOUGHTS, _mark(r"assistantfinal"), *VERBATIM)
FIRST_SPOKEN = (*_FIRST_CALLS, *_FIRST_THOUGHTS, _mark(r"assistantfinal"), *SPOKEN)
