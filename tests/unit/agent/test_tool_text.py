"""Calls that models print are found in every known format, and nothing else is taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.agent.tool_text import find_calls
from custom_components.local_assist.backends.base import ToolRequest

TOOLS = (
    "homeassistant__GetLiveContext",
    "intent__HassTurnOff",
    "intent__HassTurnOn",
    "light__HassLightSet",
    "script__lights",
    "todo__get_items",
)
LAMP = ToolRequest("intent__HassTurnOn", {"name": "Lamp"})
BAR = "\uff5c"  # DeepSeek's own vertical bar


@pytest.mark.parametrize(
    "text",
    [
        # Hermes, Qwen 2.5 and 3
        '<tool_call>\n{"name": "HassTurnOn", "arguments": {"name": "Lamp"}}\n</tool_call>',
        # Qwen 3 Coder
        (
            "<tool_call>\n<function=intent__HassTurnOn>\n<parameter=name>\nLamp\n</parameter>\n"
            "</function>\n</tool_call>"
        ),
        # Llama 3.1 and 3.2
        '{"name": "HassTurnOn", "parameters": {"name": "Lamp"}}',
        '<|python_tag|>{"name": "HassTurnOn", "parameters": {"name": "Lamp"}}<|eom_id|>',
        '<function=HassTurnOn>{"name": "Lamp"}</function>',
        '[HassTurnOn(name="Lamp")]',
        "<|python_start|>[intent__HassTurnOn(name='Lamp')]<|python_end|>",
        # Gemma
        '```tool_code\nprint(default_api.HassTurnOn(name="Lamp"))\n```',
        "```tool_code\nHassTurnOn(name='Lamp')\n```",
        "<start_function_call>call:HassTurnOn{name:<escape>Lamp<escape>}<end_function_call>",
        '<|tool_call>call:intent__HassTurnOn{name:<|"|>Lamp<|"|>}<tool_call|>',
        # Mistral
        '[TOOL_CALLS][{"name": "HassTurnOn", "arguments": {"name": "Lamp"}}]</s>',
        '[TOOL_CALLS]HassTurnOn[ARGS]{"name": "Lamp"}',
        '[TOOL_CALLS]HassTurnOn{"name": "Lamp"}',
        # DeepSeek
        (
            f"<{BAR}tool▁calls▁begin{BAR}><{BAR}tool▁call▁begin{BAR}>function<{BAR}tool▁sep{BAR}>"
            f'HassTurnOn\n```json\n{{"name": "Lamp"}}\n```<{BAR}tool▁call▁end{BAR}>'
        ),
        f'<{BAR}tool▁call▁begin{BAR}>HassTurnOn<{BAR}tool▁sep{BAR}>{{"name": "Lamp"}}',
        (
            f'<{BAR}DSML{BAR}invoke name="HassTurnOn"><{BAR}DSML{BAR}parameter name="name" '
            f'string="true">Lamp</{BAR}DSML{BAR}parameter></{BAR}DSML{BAR}invoke>'
        ),
        # gpt-oss
        (
            "<|channel|>commentary to=functions.HassTurnOn <|constrain|>json<|message|>"
            '{"name": "Lamp"}<|call|>'
        ),
        (
            "<|start|>assistant<|channel|>commentary to=functions.HassTurnOn<|channel|>commentary "
            'json<|message|>{"name": "Lamp"}'
        ),
        # Kimi, GLM, MiniMax, Cohere, ReAct
        (
            "<|tool_call_begin|>functions.HassTurnOn:0<|tool_call_argument_begin|>"
            '{"name": "Lamp"}<|tool_call_end|>'
        ),
        "<tool_call>HassTurnOn\n<arg_key>name</arg_key>\n<arg_value>Lamp</arg_value></tool_call>",
        (
            '<minimax:tool_call><invoke name="HassTurnOn"><parameter name="name">Lamp</parameter>'
            "</invoke></minimax:tool_call>"
        ),
        'Action: ```json\n[{"tool_name": "HassTurnOn", "parameters": {"name": "Lamp"}}]\n```',
        'Action: HassTurnOn\nAction Input: {"name": "Lamp"}',
        # The rest of the wild
        'functools[{"name": "HassTurnOn", "arguments": {"name": "Lamp"}}]',
        (
            '{"tool_calls": [{"id": "1", "type": "function", "function": {"name": "HassTurnOn", '
            '"arguments": "{\\"name\\": \\"Lamp\\"}"}}]}'
        ),
        '{"type": "function", "function": {"name": "HassTurnOn", "arguments": {"name": "Lamp"}}}',
        '{"function": "HassTurnOn", "args": {"name": "Lamp"}}',
        '{"tool": "HassTurnOn", "input": {"name": "Lamp"}}',
        '{"action": "HassTurnOn", "action_input": {"name": "Lamp"}}',
        '{"HassTurnOn": {"name": "Lamp"}}',
        'Sure!\n```json\n{"name": "HassTurnOn", "arguments": {"name": "Lamp"}}\n```\nDone.',
        # The name of the tool written in other ways
        '{"name": "assist__intent__HassTurnOn", "arguments": {"name": "Lamp"}}',
        '{"name": "turn_on", "arguments": {"name": "Lamp"}}',
        '{"name": "hass-turn-on", "arguments": {"name": "Lamp"}}',
        # JSON that is none
        "{'name': 'HassTurnOn', 'arguments': {'name': 'Lamp'}}",
        '{"name": "HassTurnOn", "arguments": {"name": "Lamp",},}',
        '{name: "HassTurnOn", arguments: {name: "Lamp"}}',
        '{"name": "HassTurnOn", "arguments": {"name": "Lamp"',
        '<tool_call>{"name": "HassTurnOn", "arguments": {"name": "Lamp"}</tool_call>',
        # Twice is once
        (
            '{"name": "HassTurnOn", "arguments": {"name": "Lamp"}}\n'
            '{"name": "turn_on", "arguments": {"name": "Lamp"}}'
        ),
    ],
)
def test_a_printed_call_is_found(text: str) -> None:
    """Each of the formats is read as the one call it says."""
    assert find_calls(text, TOOLS) == [LAMP]


def test_several_calls_are_found_in_order() -> None:
    """A list, and one call after the other, are calls in that order."""
    off = ToolRequest("intent__HassTurnOff", {"area": "Hall", "domain": ["light"]})
    assert find_calls(
        'Two: {"name": "HassTurnOn", "parameters": {"name": "Lamp"}}; '
        "[HassTurnOff(area='Hall', domain=['light'])]",
        TOOLS,
    ) == [LAMP, off]
    assert find_calls(
        "[HassTurnOff(area='Hall', domain=['light']), turn_on(name='Lamp')]", TOOLS
    ) == [
        off,
        LAMP,
    ]


def test_what_stands_inside_a_call_is_no_call_of_its_own() -> None:
    """An argument that looks like a call belongs to the call around it."""
    text = '{"name": "HassTurnOn", "arguments": {"name": "Lamp", "then": "[HassTurnOff(area=1)]"}}'
    assert [call.name for call in find_calls(text, TOOLS)] == ["intent__HassTurnOn"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The lamp is on.",
        'Here is JSON: {"name": "Kitchen", "temperature": 21}',
        '{"name": "unknown_tool", "arguments": {"name": "Lamp"}}',
        '{"name": "lights", "state": "on"}',
        '{"name": "turn_on"}',
        "You could say HassTurnOn(name='Lamp') to do that.",
        "HassTurnOn('Lamp')",
        "HassTurnOn(name=lamp)",
        '"HassTurnOn" is a tool. {"name": "Lamp"}',
        # A model that repeats what tools there are
        (
            '{"type": "function", "function": {"name": "intent__HassTurnOn", "description": "On", '
            '"parameters": {"type": "object", "properties": {"name": {"type": "string"}}}}}'
        ),
    ],
)
def test_nothing_else_is_a_call(text: str) -> None:
    """Talk, ordinary JSON and the description of a tool are not executed."""
    assert find_calls(text, TOOLS) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "HassTurnOff", "arguments": {"domain": ["light"], "area": "Kitchen"}}',
        "{'name': 'HassTurnOff', 'arguments': {'domain': ['light'], 'area': 'Kitchen'}}",
        (
            "<function=HassTurnOff><parameter=domain>light</parameter>"
            "<parameter=area>Kitchen</parameter></function>"
        ),
        "[HassTurnOff(domain=['light'], area='Kitchen')]",
        (
            "<tool_call>HassTurnOff<arg_key>domain</arg_key><arg_value>light</arg_value>"
            "<arg_key>area</arg_key><arg_value>Kitchen</arg_value></tool_call>"
        ),
    ],
)
def test_a_cut_call_has_its_area_or_is_none(text: str) -> None:
    """Wherever the text breaks off inside the arguments, no call loses what limits it."""
    whole = find_calls(text, TOOLS)
    assert whole[0].arguments["area"] == "Kitchen"
    first = text.index("light") + len("light")
    for end in range(first, len(text)):
        for call in find_calls(text[:end], TOOLS):
            # Only a bracket or tag may be missing: what ended there ended as a whole.
            assert call == whole[0] or text[:end].rstrip().endswith(
                ("]", "</parameter>", "</arg_value>")
            )


def test_constants_and_escapes_are_read() -> None:
    """JSON's and Python's constants, escapes and apostrophes mean what they mean."""
    assert find_calls(
        "HassLightSet(name='Ann\\'s lamp', brightness=50, flash=true, color=None)", TOOLS
    ) == [
        ToolRequest(
            "light__HassLightSet",
            {"name": "Ann's lamp", "brightness": 50, "flash": True, "color": None},
        )
    ]
    assert find_calls(
        "{'name': 'HassTurnOn', 'arguments': {'name': 'Ann's \\u00fcber lamp', 'x': -1.5e1}}", TOOLS
    ) == [ToolRequest("intent__HassTurnOn", {"name": "Ann's über lamp", "x": -15.0})]


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=4,
    ).filter(lambda arguments: "type" not in arguments)
)
def test_any_arguments_come_through(arguments: dict[str, object]) -> None:
    """What JSON can say is read as it was said."""
    text = json.dumps({"name": "intent__HassTurnOn", "arguments": arguments})
    assert find_calls(text, TOOLS) == [ToolRequest("intent__HassTurnOn", arguments)]


@given(st.text(alphabet="{}[]()<>\"'\\:,=|`/ \nHassTurnOnamelight_0.-", max_size=200))
def test_no_text_raises(text: str) -> None:
    """Nothing a model prints is an error."""
    find_calls(text, TOOLS)


@pytest.mark.parametrize("piece", ["{", "[", '{"a":', "HassTurnOn(", "<function=HassTurnOn>", "{'"])
def test_deep_and_endless_texts_are_nothing(piece: str) -> None:
    """Text that never closes what it opens is no call, and no stack overflow."""
    assert find_calls(piece * 5000, TOOLS) in ([], [ToolRequest("intent__HassTurnOn", {})])
