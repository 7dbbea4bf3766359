"""What a model streams becomes speech, thoughts and printed calls, wherever a chunk ends."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.local_assist.agent.speakable import CallText, Speakable, Speech, Thought

type Taken = tuple[str, str, list[str]]


def take_apart(chunks: Iterable[str], *, spoken: bool = True) -> Taken:
    """Return all that is spoken, all that is thought and the calls."""
    speakable = Speakable(spoken=spoken)
    pieces = [piece for chunk in chunks for piece in speakable.feed(chunk)]
    pieces += speakable.finish()
    assert all(piece.text for piece in pieces)
    speech = "".join(piece.text for piece in pieces if isinstance(piece, Speech))
    thoughts = "".join(piece.text for piece in pieces if isinstance(piece, Thought))
    return speech, thoughts, [piece.text for piece in pieces if isinstance(piece, CallText)]


def both_ways(text: str, *, spoken: bool = True) -> Taken:
    """Take a text apart in one piece, and see that letter by letter makes no difference."""
    whole = take_apart([text], spoken=spoken)
    assert take_apart(text, spoken=spoken) == whole
    return whole


THOUGHTS = [
    ("<think>Which light?</think>\n\nThe light is on.", "The light is on.", "Which light?"),
    ("On. <think>Why?</think>Off.", "On. Off.", "Why?"),
    ("On.<think>Why?</think>Off, then<think></think>, Jo.", "On. Off, then, Jo.", "Why?"),
    ("<think>no end", "", "no end"),
    ("<think>half a tag </thi", "", "half a tag </thi"),
    ("<think></think>", "", ""),
    ("two </think>three", "two three", ""),
    ("<thinking>a</thinking>b", "b", "a"),
    ("<thought>a</thought>b", "b", "a"),
    ("<Reasoning>a</reasoning>b", "b", "a"),
    ("[THINK]a[/THINK]b", "b", "a"),
    ("◁think▷a◁/think▷b", "b", "a"),
    ("<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>", "b", "a"),
    ("<|begin_of_thought|>a<|end_of_thought|>b", "b", "a"),
    ("<|channel>thought\na<channel|>b", "b", "\na"),
    (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
        "b",
        "a",
    ),
    ("<|channel|>commentary<|message|>Let me see.<|end|>On.", "Let me see. On.", ""),
    ("<|channel|>analysis<|message|>a<|start|>assistant<|channel|>final<|message|>b", "b", "a"),
    ("analysisThe user waits.assistantfinalIt is on.", "It is on.", "The user waits."),
    ("assistantfinalIt is on.", "It is on.", ""),
    ("Here is my thought process:\na\nHere is my response: b", "b", "\na\n"),
    ("Here's my thought process: a", "", " a"),
    ("Here is my light. <3", "Here is my light. <3", ""),
    (
        "On.<|im_end|>\n<|im_start|>user\nOff!<|im_end|>\n<|im_start|>assistant\nNo.",
        "On. No.",
        "\nOff!<|im_end|>\n",
    ),
    ("On.<end_of_turn>\n<start_of_turn>user\nOff!", "On.", "\nOff!"),
    ("On.[INST] Off! [/INST] No.", "On. No.", " Off! "),
]


@pytest.mark.parametrize(("text", "speech", "thought"), THOUGHTS)
def test_thoughts_are_split_off(text: str, speech: str, thought: str):
    """In the tags of the families, with or without an end."""
    assert both_ways(text) == (speech, thought, [])


@pytest.mark.parametrize(
    "token",
    [
        "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<start_of_turn>model\n",
        "<eos>", "</s>", "<s>", "[/INST]", "<|endoftext|>", "<|return|>", "<turn|>",
        "<｜end▁of▁sentence｜>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|im_start|>assistant\n", "<|end|>",
        "<|start|>assistant<|channel|>final<|message|>", "<|assistant|>",
        "<|END_OF_TURN_TOKEN|>", "<｜Assistant｜>", "<|start_of_role|>assistant<|end_of_role|>",
        "[gMASK]", "<sop>", "<bos>", "<pad>", "<unk>", "<unused42>", "<<SYS>>", "<|\"|>",
        "</tool_call>", "<answer>", "</answer>", "<|header_start|>assistant<|header_end|>\n\n",
    ],
)  # fmt: skip
def test_special_tokens_are_not_spoken(token: str):
    """Before, between and after words; and if the text breaks off there."""
    assert both_ways(token.strip()) == ("", "", [])
    assert both_ways(f"{token}It is on,{token} is it?{token}") == ("It is on, is it?", "", [])


CALL = '{"name": "HassTurnOn", "arguments": {"name": "Lamp {1}", "area": "O\'Hara\\""}}'
UNENDED = [
    f"<tool_call>{CALL}",
    f"[TOOL_CALLS][{CALL}]",
    f"<|tool_call|>[{CALL}]",
    "```tool_call\nHassTurnOn()",
]
CALLS = [
    *UNENDED,
    f"<tool_call>\n{CALL}\n</tool_call>",
    f"<tool_call>{CALL}<|im_end|>",
    "<tool_call><function=HassTurnOn><parameter=name>Lamp</parameter></function></tool_call>",
    "<TOOLCALL>[" + CALL + "]</TOOLCALL>",
    '<function_calls><invoke name="HassTurnOn"><parameter name="a">b</parameter></invoke>',
    '<invoke name="HassTurnOn"><parameter name="a">b</parameter></invoke>',
    "<function=HassTurnOn>{}</function>",
    "[TOOL_CALLS]HassTurnOn[ARGS]{}</s>",
    f"<|python_tag|>{CALL}<|eom_id|>",
    f"<|tool_call|>[{CALL}]<|/tool_call|>",
    '<|tool_call>call:HassTurnOn{name:<|"|>Lamp<|"|>}<tool_call|>',
    "<start_function_call>call:HassTurnOn{name:<escape>Lamp<escape>}<end_function_call>",
    '<|tool_call_start|>[HassTurnOn(name="Lamp")]<|tool_call_end|>',
    "<|tool_calls_section_begin|><|tool_call_begin|>x:0{}<|tool_call_end|><|tool_calls_section_end|>",
    "<|START_ACTION|>[]<|END_ACTION|>",
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>x<｜tool▁sep｜>y\n{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "<｜DSML｜function_calls><｜DSML｜invoke></｜DSML｜invoke></｜DSML｜function_calls>",
    "<|channel|>commentary to=functions.HassTurnOn <|constrain|>json<|message|>{}<|call|>",
    "<|start|>assistant to=functions.HassTurnOn<|channel|>commentary json<|message|>{}<|call|>",
    CALL,
    f"[{CALL}, {CALL}]",
    "{'name': 'HassTurnOn', 'parameters': {}}",
    '{\n  "tool": "HassTurnOn"\n}',
    '{"temperature": 21}',
    '{name: "HassTurnOn", arguments: {}}',
    f"functools[{CALL}]",
    '[HassTurnOn(name="Lamp"), HassTurnOff(name="Fan")]',
    'HassTurnOn(name="Lamp")',
    f"```json\n{CALL}\n```",
    f"```json {CALL}```",
    f"```tool_code\nprint({CALL})\n```",
    "~~~python\nHassTurnOn()\n~~~",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_printed_calls_are_kept_whole(call: str):
    """They are not spoken, and arrive with all their marks."""
    assert both_ways(call) == ("", "", [call])


@pytest.mark.parametrize("call", [call for call in CALLS if call not in UNENDED])
def test_what_stands_around_a_printed_call_is_spoken(call: str):
    """On lines of its own, and after a thought."""
    text = f"<think>a</think>Sure!\n{call}\nDone."
    assert both_ways(text) == ("Sure! Done.", "a", [call])


PLAIN = [
    "The light is on.",
    "3 * 4 is 12",
    "5*",
    "A 5* hotel, 2*3, 2**3 and x**2, 2 ** 3.",
    "a < b, 1 <2, <3 and <b> is no tag <thin",
    "a > b -> c",
    "It is {name}, {} and {hello: world}.",
    "snake_case and file_name_",
    "2**n, all *.py files, a ~~ b",
    "~5 degrees, 5~6",
    "-5 °C outside, 21.5 inside",
    "#1 of C# and F♯",
    "™ © ® ° ↔ ‼ € ½",
    "A | B",
    "[1] and [see below] (here)",
    "It`s"[:2] + "'s",
    "http:// and www. are no addresses, example.org says nothing of them",
    "10:30 - 11:30",
    "Hassan has it. functools is a module.",
    "Bonjour ! Ça va ?",
    "Ελληνικά; 你好。किताब क\u094d\u200dष",
    "a\\b and C:\\",
    "½ cup * 2",
    "1. Boil water",
    "Email me at a_b@example.org",
    "analysis of the day, assistant",
]


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_text_comes_out_as_it_went_in(text: str):
    """Stars, braces, less-than signs and the like are text too."""
    assert both_ways(text) == (text, "", [])


MARKDOWN = [
    ("**Bold**, *it*, __bold__, _it_, ***both***, ~~gone~~", "Bold, it, bold, it, both, gone"),
    ("**Kitchen:** on", "Kitchen: on"),
    ("***both** it*, *it **both***, *a 2*3 _a_b_*", "both it, it both, a 2*3 a_b"),
    ("**a\n\nb**\n\n*c\n\n5* d", "a. b. c. 5* d"),
    ("(*see below*) \"**this**\"", "(see below) \"this\""),
    ("这是**重点**内容", "这是重点内容"),
    ("Die **Küchen**tür", "Die Küchentür"),
    ("**5** lights at 5**", "5 lights at 5**"),
    ("# Weather\nIt rains.", "Weather. It rains."),
    ("one\n- two", "one. two"),
    ("On:\n\n- Kitchen\n- Hall!\n* Bath\n\nMore?", "On: Kitchen. Hall! Bath. More?"),
    ("- a\n  goes on\n  - b", "a goes on. b"),
    ("- [ ] milk\n- [x] eggs", "milk. eggs"),
    ("• milk\n• eggs", "milk. eggs"),
    ("✅ Kitchen\n✅ hall", "Kitchen. hall"),
    ("1. Boil\n2) Stir\n10. Serve", "1. Boil. 2) Stir. 10. Serve"),
    ("Kitchen: on\nHall: off", "Kitchen: on. Hall: off"),
    ("a line\nthat goes on", "a line that goes on"),
    ("a line\n\nthat ends", "a line. that ends"),
    ("„Ja.“\nNein", "„Ja.“ Nein"),
    ("(Ja.)\nNein", "(Ja.) Nein"),
    ("| Room | °C |\n|---|:-:|\n| Hall | 20 |\n| | 21 |\n\nEnd", "Room, °C. Hall, 20. 21. End"),
    ("```\nIt is on.\n```", "It is on."),
    ("```text\nIt is on.\n```\nBye", "It is on. Bye"),
    ("Say `turn_on` or ``**x**``", "Say turn_on or **x**"),
    ("``a ` *b*`` *c*", "a *b* c"),
    ("a\n\n---\n\nb\n***\nc\n=====\nd", "a. b. c. d"),
    ("> quoted\n> text", "quoted text"),
    ("![a cat](cat.png) [the docs](https://x.org/a_(b) \"t\") [a][1].", "a cat the docs a."),
    ("[**bold** link](x)", "bold link"),
    ("[![badge](b.svg)](x) ok", "badge ok"),
    ("[1]: https://example.org\nText", "Text"),
    ("So it is[^1].\n\n[^1]: Says who?", "So it is. Says who?"),
    (r"\*no star\* and \_", "*no star* and _"),
    ("a<br>b<br />c", "a b c"),
    ("a  b \t c\r\nd", "a b c d"),
    ("\n\n  Hello ", "Hello"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "speech"), MARKDOWN)
def test_markdown_becomes_sentences(text: str, speech: str):
    """Marks go; what they set off is set off by punctuation."""
    assert both_ways(text) == (speech, "", [])


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("See https://www.example.org/a?b=c#d.", "See example.org."),
        ("(http://192.168.1.5:8123/lovelace)", "(192.168.1.5)"),
        ("www.example.org!", "example.org!"),
        ("<https://example.org/x>", "example.org"),
        ("**https://example.org** on", "example.org on"),
        ("https://de.wikipedia.org/wiki/Licht_(Physik), ja", "de.wikipedia.org, ja"),
        ("HTTPS://Example.org/", "example.org"),
        ("xhttps://example.org", "xhttps://example.org"),
        ("https://münchen.example/straße", "münchen.example"),
        ("请看https://example.org。谢谢", "请看https://example.org。谢谢"),
        ("请看 https://example.org。谢谢", "请看 example.org。谢谢"),
    ],
)
def test_addresses_are_spoken_as_their_host(text: str, speech: str):
    """And the punctuation behind them stays."""
    assert both_ways(text) == (speech, "", [])


@pytest.mark.parametrize(
    "emoji",
    ["👍", "👍🏽", "👩‍❤️‍💋‍👨", "🏳️‍🌈", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣", "☀️", "❤", "🏃‍♀️‍➡️", "🫠", "⏰"],
)
def test_emoji_leave_no_trace(emoji: str):
    """Before, between and after words, and before punctuation."""
    assert both_ways(f"Oh {emoji} la la !") == ("Oh la la !", "", [])
    text = f"{emoji} Hi {emoji} there{emoji}you {emoji}{emoji}, bye {emoji}! {emoji}"
    assert both_ways(text) == ("Hi there you, bye!", "", [])


def test_a_sign_keeps_its_place_but_not_its_selector():
    """What was a sign before there were emoji is still read."""
    assert both_ways("Foo™️ ©️ 2026") == ("Foo™ © 2026", "", [])


def test_several_printed_calls_stay_apart():
    """As Llama prints them, and as lines."""
    text = 'Now {"name": "a", "parameters": {}}; {"name": "b"}\n{"name": "c"}'
    assert both_ways(text) == (
        "Now", "", ['{"name": "a", "parameters": {}}', '{"name": "b"}', '{"name": "c"}']
    )  # fmt: skip


def test_a_forgotten_brace_does_not_swallow_the_answer():
    """A blank line ends a printed call."""
    text = '{"name": "a", "arguments": {"x": "y\n\nz"}\n\nIt is on.'
    assert both_ways(text) == ("It is on.", "", ['{"name": "a", "arguments": {"x": "y\n\nz"}'])


def test_harmony_without_its_tokens_still_yields_the_call():
    """As some servers leave it."""
    text = 'analysisI call.assistantcommentary to=functions.x json{"a": 1}assistantfinalOn.'
    call = 'assistantcommentary to=functions.x json{"a": 1}'
    assert both_ways(text) == ("On.", "I call.", [call])


VERBATIM = [
    ("<think>a</think>\n\n# T\n- *b*  👍\n", "# T\n- *b*  👍\n", "a"),
    ('{"name": "x"}<|im_end|>', '{"name": "x"}', ""),
    ("<tool_call>{}</tool_call> https://x.org", "<tool_call>{}</tool_call> https://x.org", ""),
    ("  a\n```json\n{}\n```\n", "  a\n```json\n{}\n```\n", ""),
]


@pytest.mark.parametrize(("text", "kept", "thought"), VERBATIM)
def test_text_for_a_program_is_kept_as_it_is(text: str, kept: str, thought: str):
    """Only thoughts and special tokens go."""
    assert both_ways(text, spoken=False) == (kept, thought, [])


EVERYTHING = [
    *(case[0] for case in (*THOUGHTS, *MARKDOWN, *VERBATIM)), *CALLS, *PLAIN,
]  # fmt: skip
SIGNS = st.text("<>|/[]{}()*_~`#-!\\\"':.,;0123 \t\n\r\x1f\ufe0f\u20e3\u200d👍🇩é你﹏aAhHft")
WORDS = st.sampled_from(
    ["http", "https://x.org", "www.a", "think>", "<think>", "</think>", "```", "json", "name",
     "Hass", "<|", "|>", "<|im_start|>", "assistant", "user", "final", "\n- ", "\n", " ", "](",
     "{\"name\":", "[TOOL_CALLS]", "<tool_call>", "</tool_call>", "|---|", "**", "functools[",
     "1. ", "[^1]"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(WORDS, SIGNS, st.sampled_from(EVERYTHING)), max_size=12).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.data(), st.booleans())
def test_chunk_boundaries_make_no_difference(text: str, data: st.DataObject, spoken: bool):
    """Any text, cut anywhere, is taken apart the same."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)))))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = take_apart([text], spoken=spoken)
    assert take_apart(chunks, spoken=spoken) == whole
    assert take_apart(text, spoken=spoken) == whole


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_white_space_is_never_left_over(text: str):
    """Nothing in front, nothing behind, no two spaces in a row."""
    speech, _, _ = take_apart([text])
    assert speech == speech.strip(" \t\n\r\f\v")
    assert "  " not in speech


@pytest.mark.parametrize(
    "text", ["It is warm in the kitchen, and the light is on.", "Straße, тепло, 暖かい, गर्म!"]
)
def test_plain_text_passes_at_once(text: str):
    """All but a last sign that may begin a mark, and white space."""
    speakable = Speakable()
    for letter, following in zip(text, text[1:] + " ", strict=True):
        speech = "".join(piece.text for piece in speakable.feed(letter))
        if letter not in " !hwft" and following not in "hwft":
            assert speech.endswith(letter)


@pytest.mark.parametrize(
    ("chunks", "said"),
    [
        (["Good ", "day <", "3 "], ["Good", " day", " <3"]),
        (["**Good", " day**"], ["Good", " day"]),
        (["- One", "\n- two"], ["One", ". two"]),
        (["a [b", "] c"], ["a", " [b] c"]),
        (["Well ", "https", ":// x"], ["Well", "", " https:// x"]),
        (["Day 2", "1, so"], ["Day", " 21, so"]),
        (["Done!", " Ok"], ["Done", "! Ok"]),
    ],
)
def test_speech_is_not_held_back_longer_than_needed(chunks: list[str], said: list[str]):
    """What may become a mark waits, and only until it is decided."""
    speakable = Speakable()
    assert ["".join(piece.text for piece in speakable.feed(chunk)) for chunk in chunks] == said
