"""What is said of signs and figures: in any language, in none, and of any text."""

import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wyoming_services.tts.text import SpeechText
from wyoming_services.tts.text.languages import language

OWN = ["de", "en", "es", "fr", "it", "nl"]
PIPER = [
    *("ar_JO", "ca_ES", "cs_CZ", "cy_GB", "da_DK", "el_GR", "en_GB", "es_MX", "eu_ES", "fa_IR"),
    *("fi_FI", "hi_IN", "hu_HU", "is_IS", "ka_GE", "kk_KZ", "lb_LU", "lv_LV", "ml_IN", "ne_NP"),
    *("nl_BE", "no_NO", "pl_PL", "pt_BR", "pt_PT", "ro_RO", "ru_RU", "sk_SK", "sl_SI", "sr_RS"),
    *("sv_SE", "sw_CD", "te_IN", "tr_TR", "uk_UA", "vi_VN", "zh_CN"),
]
HOSTILE = [
    *("1", "*", "1 ", "1.", "1,", "1-", "1/", "1:", "12:", "a.", "a_", "a@", "a@a.", "A ", "$"),
    *("€1", "-", "– ", "1 000 ", "St. ", "z. ", "am 1. ", "5 km/h ", "_", "[", "`", "~", "½", "→"),
    *("http://", "1 1/", "&", ".", "'", "\n", "|\n", "\n- ", "\n1. ", "| x |", "😀", "😀 ", "🇩🇪"),
    *("\u202f", "No. 5 ", "12:30 - ", "3 x ", "II. ", "1.1.2026 ", "€5-", "per ", "1½", "a-a."),
]


@pytest.mark.parametrize(
    ("tag", "written", "said"),
    [
        ("cs_CZ", "2,5 kWh, 5 km/h, 50 %", "2,5 kilowatthodiny, 5 kilometrů za hodinu, 50 procent"),
        ("da", "21 °C, 5 € den 2026-11-21", "21 grader celsius, 5 euro den 21. november 2026"),
        ("fi_FI", "1 m², 2 m²", "1 neliömetri, 2 neliömetriä"),
        (
            "pl_PL",
            "1 °C, 2 °C, 5 °C",
            "1 stopień Celsjusza, 2 stopnie Celsjusza, 5 stopni Celsjusza",
        ),
        ("pl", "2 €, 5 $", "2 euro, 5 dolarów amerykańskich"),
        ("pt-BR", "1.234,5 kWh", "1.234,5 quilowatts-hora"),
        (
            "ru_RU",
            "1 км/ч, 5 км/ч, 5 km/h",
            "1 километр в час, 5 километров в час, 5 километров в час",
        ),
        ("ru_RU", "21.11.2026", "21 ноября 2026"),
        ("sv_SE", "20 kr", "20 svenska kronor"),
        ("tr_TR", "50 %", "yüzde 50"),
        ("zh_CN", "21 °C, 5 kWh", "21摄氏度, 5 kWh"),
    ],
)
def test_a_language_without_words_of_its_own(tag: str, written: str, said: str) -> None:
    """Names and plurals are CLDR's; what it has no name for stays, and so do abbreviations."""
    assert SpeechText(tag).clean(written) == said
    assert SpeechText(tag).clean("z. B. 3-5, e.g. 12:30") == "z. B. 3-5, e.g. 12:30"


@pytest.mark.parametrize(
    ("tag", "written", "said"),
    [
        ("es_MX", "2.5 kWh", "2.5 kilowatts-hora"),
        ("en_US", "on 3/4/2026", "on March 4th, 2026"),
        ("en_GB", "on 3/4/2026", "on 3rd April 2026"),
        ("en_GB", "5 km", "5 kilometres"),
        ("de_CH", "5 km", "5 Kilometer"),
        ("de", "21.5 °C", "21,5 Grad Celsius"),
        ("EN-us", "21,5 °C", "21.5 degrees Celsius"),
        ("en_XX", "21 °C", "21 degrees Celsius"),
    ],
)
def test_a_region(tag: str, written: str, said: str) -> None:
    """It has its own order of dates and its own spelling; one that is not known has the usual."""
    assert SpeechText(tag).clean(written) == said


@pytest.mark.parametrize("tag", ["", "xx", "tlh", "../en", "de/../en"])
def test_no_language(tag: str) -> None:
    """Signs and figures are the voice's."""
    assert SpeechText(tag).clean("**21 °C**, e.g. €5 at 12:30") == "21 °C, e.g. €5 at 12:30"


@pytest.mark.parametrize("tag", PIPER)
def test_every_language_of_piper_has_units(tag: str) -> None:
    """No name is CLDR's own identifier."""
    for unit in [
        "°C",
        "°F",
        "%",
        "km/h",
        "m²",
        "kWh",
        "hPa",
        "ml",
        "W",
        "GB",
        "µg/m³",
        "ppm",
        "lx",
    ]:
        said = SpeechText(tag).clean(f"2 {unit}")
        assert said == f"2 {unit}" or not any(kind in said for kind in ("-2", "mass-", "concentr"))
    assert SpeechText(tag).clean("5 °C") != "5 °C"


@pytest.mark.parametrize("tag", OWN)
def test_a_table_is_of_use(tag: str) -> None:
    """Each unit, fraction and currency has words, and so has every sign that stands alone."""
    table = language(tag)
    named_so = {"bar", "psi"}
    written = [f"2 {symbol}" for symbol in table.units if symbol not in named_so]
    written += [*table.fractions, *(f"2,50 {name}" for name in table.money["names"])]
    written += [f"a {sign} b" for sign in table.signs]
    assert [text for text in written if SpeechText(tag).clean(text) == text] == []


def _plain_texts() -> st.SearchStrategy[str]:
    """Return texts of words with ordinary punctuation."""
    letters = st.characters(categories=["Ll"], max_codepoint=0x17F)
    word = st.text(letters, min_size=3, max_size=12)
    words = st.one_of(word, word.map(str.title))
    between = st.sampled_from([" ", " ", ", ", "; ", ": ", " – ", "-", "’", "? ", "! ", " (", ") "])
    text = st.lists(st.tuples(words, between), min_size=1, max_size=12)
    return st.builds(
        lambda parts, end: "".join(word + gap for word, gap in parts) + "end" + end,
        text,
        st.sampled_from(["", ".", "!", "?", "…", ".”", "»"]),
    )


@pytest.mark.parametrize("tag", ["", *OWN])
@given(data=st.data())
def test_plain_text_stays_byte_for_byte(tag: str, data: st.DataObject) -> None:
    """What is in words has nothing to be put in words."""
    text = data.draw(_plain_texts())
    table = language(tag)
    short = {*table.abbreviations, *table.abbreviations_before_name, *table.abbreviation_endings}
    assume(not any(key.lower() in text.lower() for key in short if key.endswith(".")))
    assert SpeechText(tag).clean(text) == text


@pytest.mark.parametrize("tag", ["", "en", "de", "fr", "ru"])
@given(text=st.text("ab1205 .,:;*_`#-–|/@€$%°½×→<>&=+~'’[]()\n\u00a0\u202f", max_size=60))
def test_any_text_can_be_said(tag: str, text: str) -> None:
    """No signs and figures make it fail, and what is said is one line."""
    said = SpeechText(tag).clean(text)
    assert said == " ".join(said.split())


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_text_takes_no_time(part: str) -> None:
    """Ten thousand characters of the same are done in a moment: a pattern that backtracks hangs."""
    text = part * (10_000 // len(part))
    for tag in ("", "en", "de"):
        said = SpeechText(tag).clean(text)
        assert said == " ".join(said.split())
        assert len(said) <= 20 * len(text)


def test_plain_text_takes_no_data_of_languages() -> None:
    """Babel, which is large, is loaded at the first sign of something to put in words."""
    program = """
import sys
from wyoming_services.tts.text import SpeechText
SpeechText("en_US").clean("The light is on.")
assert "babel" not in sys.modules
assert SpeechText("en_US").clean("5 km") == "5 kilometers"
assert "babel" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
