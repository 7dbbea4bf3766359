"""Text is cut where a reader would breathe, as early as is safe, and nothing is lost."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_services.tts.sentences import SentenceStream
from wyoming_services.tts.sentences.words import Abbreviation, _tables, words


def cut(*chunks: str, language: str = "en", first_clause: bool = False) -> list[str]:
    """Cut a text that comes in chunks."""
    stream = SentenceStream(language, first_clause=first_clause)
    return [piece for chunk in chunks for piece in stream.add(chunk)] + list(stream.finish())


def known_after(text: str, language: str = "en") -> str:
    """Return what of a text, written letter by letter, was here when its first piece came."""
    stream = SentenceStream(language)
    for position, letter in enumerate(text):
        if list(stream.add(letter)):
            return text[: position + 1]
    return ""


def test_sentences_end_also_before_lower_case_and_digits() -> None:
    """A capital letter is not what makes a sentence."""
    assert cut("Done. 3 lights are on. iPhone found. ok") == [
        "Done. ",
        "3 lights are on. ",
        "iPhone found. ",
        "ok",
    ]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("The light is on. The heater is off.", "The light is on. "),
        ("Is it on? yes", "Is it on? "),
        ("It is 21.5 degrees. Nice.", "It is 21.5 degrees. "),
        ("It opens at 7 a.m. The door is shut.", "It opens at 7 a.m. T"),
        ("Well... The light is on.", "Well... T"),
        ('"On!" The light is on.', '"On!" T'),
        ("See J. R. Smith in the U.S. The light is on.", "See J. R. Smith in the U.S. The "),
        ("今日は晴れです。明日は雨です。", "今日は晴れです。明"),
        ("- Milk\n- Bread", "- Milk\n"),
    ],
)
def test_a_piece_comes_as_soon_as_it_is_certain(text: str, known: str) -> None:
    """Mostly with the space behind it; only what may be short for something waits for more."""
    assert known_after(text) == known


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Dr. Smith met Mr. and Mrs. Jones at 5 p.m. on Main St. in Springfield."),
        (
            "en",
            "J. R. R. Tolkien, George W. Bush and the U.S. Army vs. Col. Mustard, approx. 5 km.",
        ),
        (
            "en",
            "Version 2026.10.4 of config.yaml is at https://a.example/b.c?d=e or 192.168.1.1 now.",
        ),
        ("en", '"Is it on?" he asked (see fig. 3, p. 5 or No. 7) on Jan. 5 at 3.5 GHz... maybe.'),
        (
            "de",
            "Z. B. u. a. Dipl.-Ing. Weber, Nr. 5, Hauptstr. 7, 5 Min. Pause, 50 v. Chr. in Rom.",
        ),
        (
            "de",
            "Vom 3. bis 5. Mai, am 3. 10. 2026, im 2. Stock und unter Heinrich VIII. von England.",
        ),
        ("fr", "« Bonjour ! » dit M. Dupont, av. Foch, p. ex. à l’O.M.S. de Genève."),
        ("es", "El Sr. García, p. ej., vive en EE. UU. desde el 600 a. C. con la Dra. Vega."),
        ("it", "Il Sig. Rossi e l'avv. Riva, del sec. XV, sono a S. Maria a pag. 5."),
        ("nl", "Dhr. Jansen neemt bijv. 1 el. olie om o.a. te bakken."),
        ("ru", "А. С. Пушкин родился в 1799 г. в Москве на ул. Ленина, д. 5, т. е. там."),
        ("cs", "Dne 3. 10. 2026 má Ing. Novák např. 3. narozeniny."),
    ],
)
def test_what_has_a_mark_inside_is_one_sentence(language: str, text: str) -> None:
    """Abbreviations, initials, numbers, dates, names of files and hosts, quoted sentences."""
    assert cut(text, language=language) == cut(*text, language=language) == [text]


@pytest.mark.parametrize(
    ("language", "pieces"),
    [
        ("en", ["I live at 5 Main St. ", "The snow is 1 m. ", "Go with plan B. ", "It works."]),
        ("en", ["Are we in the U.S. ", "It is 4. ", "No. ", "3 more... ", "Really?! ", "ok"]),
        ("en", ["(It is on.) ", "**Done.** ", "Found.[1] ", "Nice! ", "🎉 Next."]),
        ("en", ["Steps: 1. Open the door ", "2. Close it ", "3. Go"]),
        ("en", ["1. Open **it** — ", "2. Close it"]),
        ("en", ["1. Open it" + " " * 60, "2. Close it"]),
        ("de", ["Der 1. Mai ist frei und der 2. Mai auch."]),
        ("en", ["1. Preheat to 180. ", "Wait.\n", "2. Mix.\n", "\n- Salt\n", "# End"]),
        ("de", ["Es sind 21. ", "Draußen regnet es. ", "5 Min. ", "Danach ist es gut. ", "ja"]),
        ("de", ["„Hallo!“, sagte sie. ", "»Ja.« sagte er. ", "»Nein.« ", "Er ging."]),
        ("es", ["—¡Hola! —dijo ella. ", "¿Qué? ", "¡Vale! ", "Son las 7 a. m. ", "Adiós."]),
        ("el", ["Τι ώρα είναι; ", "Είναι επτά."]),
        ("de", ["Es sind 21. ", "3 Lampen sind an. ", "Am 3. 10. ist frei."]),
        ("zh", ["好!", "他说：“你好！”", "外面下雨了。", "“晚安！”她说。", "真的吗？！", "是。"]),
        ("ja", ["「はい。」と言った。", "駅（東京。）が近い。", "えっと……忘れた。"]),
        ("th", ["เปิดไฟแล้วครับ ", "ปิดแล้วค่ะ ", "อากาศ 25 องศา"]),
    ],
)
def test_what_ends_a_sentence(language: str, pieces: list[str]) -> None:
    """Whatever follows: lower case, digits, signs, and in scripts without spaces anything."""
    text = "".join(pieces)
    assert cut(text, language=language) == cut(*text, language=language) == pieces


def test_german_ordinals_wait_for_the_word_behind_them() -> None:
    """`21. Das` ends a sentence, `3. Oktober` does not."""
    assert cut("Es sind 21. Das Bad hat 19.", language="de") == ["Es sind 21. ", "Das Bad hat 19."]
    assert len(cut("Am 3. Oktober im 21. Jahrhundert beim 2. Versuch.", language="de_DE")) == 1


def test_a_pause_releases_what_ends_like_a_sentence() -> None:
    """Nothing of it comes again, and what follows is not lost."""
    stream = SentenceStream("en")
    assert list(stream.add("The light is on.")) == []
    assert stream.resting
    assert list(stream.pause()) == ["The light is on."]
    assert not stream.resting
    assert list(stream.pause()) == []
    assert list(stream.add(" The heater is off. Bye")) == [" The heater is off. "]
    assert list(stream.finish()) == ["Bye"]


@pytest.mark.parametrize(
    ("text", "resting"),
    [
        ("Done!", True),
        ('He said "Done."', True),
        ("Let me see...", True),
        ("It opens at 7 a.m.", True),
        ("電気をつけました。", True),
        ("This is a line of text that is long enough to be broken in the middle\n", True),
        ("Ask Dr.", False),
        ("It is 21.", False),
        ("See J.", False),
        ("The light", False),
        ("The list:", False),
        ("| a. |", False),
        ("", False),
        (" \n", False),
        ("...", False),
    ],
)
def test_only_sentences_rest(text: str, resting: bool) -> None:
    """An abbreviation, or a number that may get decimals, is not one."""
    stream = SentenceStream("en")
    list(stream.add(text))
    assert stream.resting == resting
    assert list(stream.pause()) == ([text] if resting else [])


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        (
            "en",
            "The weather today is mostly sunny, with a light breeze. Tomorrow, it may rain.",
            [
                "The weather today is mostly sunny, ",
                "with a light breeze. ",
                "Tomorrow, it may rain.",
            ],
        ),
        (
            "de",
            "Das Licht in der Küche brennt noch und das Fenster ist offen, aber es ist warm.",
            [
                "Das Licht in der Küche brennt noch ",
                "und das Fenster ist offen, aber es ist warm.",
            ],
        ),
        (
            "en",
            "Yes, of course, the light is on.",
            ["Yes, of course, the light is on."],
        ),
        (
            "de",
            "Der Verbrauch von gestern war 1,5 Kilowattstunden.",
            ["Der Verbrauch von gestern war 1,5 Kilowattstunden."],
        ),
        (
            "ja",
            "今日の東京は朝から晴れますが、夕方には雨が降るでしょう。",
            ["今日の東京は朝から晴れますが、", "夕方には雨が降るでしょう。"],
        ),
        ("en", "Done. The light is on, and so is the heater, too.", None),
    ],
)
def test_a_first_clause_need_not_wait_for_its_sentence(
    language: str, text: str, pieces: list[str] | None
) -> None:
    """Only the first piece, only a clause of some length, and never within a number."""
    expected = pieces or cut(text, language=language)
    assert cut(text, language=language, first_clause=True) == expected


def test_a_first_clause_without_marks_ends_between_words() -> None:
    """Once it is long."""
    text = "light " * 40
    first, *rest = cut(text, first_clause=True)
    assert 100 < len(first) < 110
    assert first.endswith(" ")
    assert rest == [text.removeprefix(first)]


def test_a_long_sentence_is_cut_after_a_clause() -> None:
    """A voice renders what it is given in one breath, so a piece has an upper length."""
    sentence = "the kitchen, " * 100
    pieces = cut(sentence)
    assert all(len(piece) <= 400 for piece in pieces)
    assert all(piece.rstrip().endswith(",") for piece in pieces)
    assert "".join(pieces) == sentence


def test_a_long_row_of_words_is_cut_between_words() -> None:
    """There is no clause to cut at."""
    pieces = cut("light " * 200)
    assert all(len(piece) <= 400 and piece.endswith(" ") for piece in pieces)
    assert "".join(pieces) == "light " * 200


def test_text_without_spaces_is_cut_all_the_same() -> None:
    """Anywhere."""
    assert [len(piece) for piece in cut("x" * 1000)] == [400, 400, 200]


def test_code_and_tables_are_cut_at_their_lines_only() -> None:
    """In them a full stop means something else."""
    lines = ["```yaml\n", "a: x. B\n", "\n```\n", "| a. B | c! D |\n", "Done. ", "Bye."]
    assert cut("".join(lines)) == lines


def test_a_line_broken_to_fit_a_page_is_one_sentence() -> None:
    """It is long, and goes on in lower case."""
    text = "The light in the kitchen has been on since you left the house this\nmorning. Bye."
    assert cut(text) == [text[:-4], "Bye."]


_FRAGMENTS = st.sampled_from(
    [
        *'Ab71.!。…;\n ”")«と說Ié🎉\u00a0',
        *("\r\n", ". ", "U.S.", "» ", "The ", "and ", "Dr. ", "a.m. ", "3. ", "- ", "| ", "```\n"),
        *(
            "J. ",
            "1. ",
            "2. ",
            "10. ",
            "v. ",
            "Chr. ",
            "No. ",
            "St. ",
            "[1]",
            "XI ",
            "am ",
            "\u202f»",
        ),
        *("ครับ ", "นี่ ", "Okt", ", ", "x" * 90, "on " * 25),
    ]
)
_TEXTS = st.lists(_FRAGMENTS, max_size=60).map("".join)
_LANGUAGES = st.sampled_from(["", "en_US", "de", "fr", "el", "ja", "th", "xx"])


@given(text=_TEXTS, ends=st.lists(st.integers(1, 40)), language=_LANGUAGES, first=st.booleans())
def test_where_a_text_is_cut_does_not_depend_on_how_it_comes(
    text: str, ends: list[int], language: str, first: bool
) -> None:
    """In one chunk, letter by letter, or anything between."""
    chunks, rest = [], text
    for end in ends:
        chunks.append(rest[:end])
        rest = rest[end:]
    whole = cut(text, language=language, first_clause=first)
    assert cut(*chunks, rest, language=language, first_clause=first) == whole
    assert cut(*text, language=language, first_clause=first) == whole
    assert "".join(whole) == text
    assert all(0 < len(piece) <= 400 for piece in whole)


@given(chunks=st.lists(_TEXTS, max_size=8), language=_LANGUAGES, first=st.booleans())
def test_pauses_lose_nothing(chunks: list[str], language: str, first: bool) -> None:
    """And say nothing twice, wherever they are."""
    stream = SentenceStream(language, first_clause=first)
    pieces: list[str] = []
    for chunk in chunks:
        pieces += stream.add(chunk)
        resting = stream.resting
        released = list(stream.pause())
        assert bool(released) == resting
        pieces += released
    pieces += stream.finish()
    assert "".join(pieces) == "".join(chunks)
    assert all(pieces)


def _steps(text: str, chunk: int) -> int:
    """Count the lines of Python run to cut a text."""
    count = 0

    def trace(*_: object) -> object:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        cut(*(text[start : start + chunk] for start in range(0, len(text), chunk)))
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("chunk", [1, 1_000_000])
@pytest.mark.parametrize(
    "unit", [".", '"', "7", "\n", ". ", "a. ", "J. ", "7. ", "The light is on. ", "«! ", "```\n"]
)
def test_twice_the_text_is_twice_the_work(unit: str, chunk: int) -> None:
    """Also of hostile text: every decision looks at a bounded part of it."""
    once, twice = (_steps(unit * (size // len(unit)), chunk) for size in (2000, 4000))
    assert twice < 2.5 * once


def test_what_is_held_stays_short() -> None:
    """So that no single step grows with the text."""
    stream = SentenceStream("en")
    for text in ("." * 100_000, '"' * 100_000, "a" * 100_000, " " * 100_000, "Dr. " * 25_000):
        list(stream.add(text))
        assert len(stream._held) < 1000


def test_lists_of_words_are_what_they_should_be() -> None:
    """Every abbreviation has its full stop, and is one in one way only."""
    for table in _tables().values():
        kinds = [table.get(kind, "").split() for kind in ("inside", "before_number", "ending")]
        listed = [word for words in kinds for word in words]
        assert all(word.endswith(".") for word in listed)
        assert len(listed) == len(set(listed))


def test_abbreviations_of_the_spoken_words_are_known() -> None:
    """They have their own tables, which need not be repeated."""
    assert words("nl_NL").kind("burg") is Abbreviation.INSIDE
    assert words("en").kind("St") is Abbreviation.NAME
