"""What is said of a text that was written to be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_services.tts.text import SpeechText


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Hello **world**!", "Hello world!"),
        ("The *kitchen* light is _on_.", "The kitchen light is on."),
        ("**unclosed bold", "unclosed bold"),
        ("of a sentence before**", "of a sentence before"),
        ("~~old~~ new", "old new"),
        (r"\*not bold\*", "not bold"),
        ("5 * 3 = 15 and 2*3=6", "5 * 3 = 15 and 2*3=6"),
        ("light.living_room_lamp", "light.living_room_lamp"),
        ("# Weather\nIt is 21 °C.", "Weather. It is 21 °C."),
        ("Title\n=====\nText", "Title. Text"),
        ("#hashtag, C# and F#", "#hashtag, C# and F#"),
        ("- Milk\n- Bread\n* Eggs", "Milk. Bread. Eggs"),
        ("1. Milk\n2. Bread", "1. Milk. 2. Bread"),
        ("- [x] Milk\n- [ ] Bread", "Milk. Bread"),
        ("3. Oktober ist Feiertag.", "3. Oktober ist Feiertag."),
        ("-5 degrees", "-5 degrees"),
        ("> quoted", "quoted"),
        ("Line one\nline two", "Line one line two"),
        ("<b>bold</b><br>next", "bold next"),
        ("&amp; a < b", "& a < b"),
        ("Use `light.turn_on` now.", "Use light.turn_on now."),
        ("See [the docs](https://example.com/a?b=c) for more.", "See the docs for more."),
        ("![a red door](door.png)", "a red door"),
        ("Visit https://www.home-assistant.io/docs/, please.", "Visit home-assistant.io, please."),
        ("At www.example.com.", "At example.com."),
        ("<http://192.168.1.5:8123/lovelace>", "192.168.1.5"),
        ("Mail a@example.com", "Mail a@example.com"),
        ("At http://[::1 now", "At now"),
        ("Done ✅ 🎉!", "Done!"),
        ("👩‍🚀 flies to 🇩🇪 ☀️", "flies to"),
        ("1️⃣ First", "1 First"),
        ("ACME™ © 2024 ®", "ACME™ © 2024 ®"),
        ("21° → 50 %, 3 €", "21° → 50 %, 3 €"),
        ("a\u200bb\x00c\x1bd", "a b c d"),
        ("ක්‍රී and नमस्ते", "ක්‍රී and नमस्ते"),
        ("你好。世界!", "你好。世界!"),
        ("[[ hɛloʊ ]] there", "[[ hɛloʊ ]] there"),
        ("| Room | Temp |\n|---|---:|\n| Hall | 19 |", "Room, Temp. Hall, 19"),
        ("| Hall | 19 |", "Hall, 19"),
        *((nothing, "") for nothing in ("", " \n", "***", "---", "...", "🙂", "|---|", "`", "“”")),
    ],
)
def test_what_is_said(written: str, said: str) -> None:
    """Words stay, marks go."""
    assert SpeechText().clean(written) == said


def test_a_code_block_is_left_out_across_sentences() -> None:
    """The stream may cut it anywhere."""
    text = SpeechText()
    parts = ["Run this:\n```python\nprint('Hi.')", "print('Bye.')", "```\nThen wait."]
    assert [text.clean(part) for part in parts] == ["Run this:", "", "Then wait."]


@given(st.text(alphabet="ab1 .*_`#-|>[]()!~\n<&🙂\u200d\ufe0f:/", max_size=60))
def test_any_text_has_something_or_nothing_to_say(written: str) -> None:
    """No marks make it fail, and what is said is one line without leftovers."""
    said = SpeechText().clean(written)
    assert said == " ".join(said.split())
    assert "**" not in said
    assert "`" not in said
