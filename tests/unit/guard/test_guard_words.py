"""What is understood as a yes, a no or a PIN, and what is not."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.guard.words import Answer, digits, understood

ROOT = Path(__file__).parents[3]
ANSWERS = tomllib.loads((ROOT / "tests" / "corpora" / "answers.toml").read_text())
SPOKEN = ROOT / "custom_components" / "local_assist" / "guard" / "spoken"
TABLES = {
    language: tomllib.loads((SPOKEN / f"{language}.toml").read_text()) for language in ANSWERS
}
NUMBERS = tomllib.loads((SPOKEN / "numbers.toml").read_text())
MEANINGS = {"yes": Answer.YES, "no": Answer.NO, "neither": None}
ROLES = ("yes", "agreed", "no", "doubt", "filler", "pin")


def said(language: str, meaning: str) -> list[str]:
    """Return the utterances of a meaning."""
    found = re.split(r"\s*\n\s*|\s+/\s*", ANSWERS[language][meaning].strip())
    return [utterance for utterance in found if utterance]


def phrases(language: str, *roles: str) -> list[str]:
    """Return the phrases of a language's table that have a role."""
    return [phrase.strip() for role in roles for phrase in TABLES[language][role].split(",")]


ALL = [
    (language, utterance, meaning)
    for language in ANSWERS
    for meaning in MEANINGS
    for utterance in said(language, meaning)
]
languages = st.sampled_from(sorted(ANSWERS))


@pytest.mark.parametrize(("language", "utterance", "meaning"), ALL)
def test_what_people_say(language: str, utterance: str, meaning: str):
    """In whatever country the language is spoken, loud or quiet, and with spaces around it."""
    expected = MEANINGS[meaning]
    assert understood(utterance, language) is expected
    assert understood(f"  {utterance.upper()}\n", f"{language.upper()}-XX") is expected


@pytest.mark.parametrize("language", ANSWERS)
def test_there_are_enough_of_them(language: str):
    """Different ones, not the same in other letters."""
    counts = [len({u.casefold().strip(" .!?") for u in said(language, m)}) for m in MEANINGS]
    assert all(count >= least for count, least in zip(counts, (30, 30, 40), strict=True)), counts


@pytest.mark.parametrize(
    ("utterance", "language", "expected"),
    [
        ("no", "pl", None),  # "well", and among friends a yes
        ("No.", "es", Answer.NO),
        ("no", "de", Answer.NO),
        ("no", "pt-PT", Answer.NO),
        ("fine", "it", None),  # "the end"
        ("fine", "en", Answer.YES),
        ("si", "it", Answer.YES),
        ("si", "es", Answer.YES),
        ("si", "fr", None),  # "if", and a yes to who says no
        ("si", "en", None),
        ("ja", "pl", None),  # "I"
        ("ne", "de", Answer.NO),
        ("ne", "fr", None),
        ("nie", "de", Answer.NO),
        ("nie", "pl", Answer.NO),
        ("nie", "en", None),
        ("Yes, please.", "pl", Answer.YES),
        ("ja please", "de", None),  # one language at a time
        ("oui", "en", None),
        ("はい", "ja", None),
        ("yes", "ja", Answer.YES),
        ("yes", "", Answer.YES),
        ("yes", "*", Answer.YES),
    ],
)
def test_the_language_decides_then_english(utterance: str, language: str, expected: Answer | None):
    """A word may mean yes in one language and something else in another."""
    assert understood(utterance, language) is expected


@pytest.mark.parametrize(
    "utterance",
    ["", " ", "...", "?", "!", "yes\u200bplease", "yes_please", "yes\x00", "y e s", "ye s", "<yes>",
     "yes " * 51, "да", "ΥΕΣ", "\u0443es", "yes/no", "yes+", "{yes}", "yes=no", "1", "\ud800"],
)  # fmt: skip
def test_what_nobody_says(utterance: str):
    """Signs that speech-to-text does not write, look-alikes, and what is far too long."""
    assert understood(utterance, "en") is None


@pytest.mark.parametrize("language", ANSWERS)
def test_no_phrase_means_two_things(language: str):
    """A table that contradicts itself would be decided by the order it is read in."""
    seen: dict[str, str] = {}
    for role in ROLES:
        for phrase in phrases(language, role):
            plain = re.sub("['\u2019]", "", phrase.casefold())
            assert plain not in seen, (phrase, role, seen[plain])
            seen[plain] = role
            answer = understood(phrase, language)
            expected = {"yes": Answer.YES, "agreed": Answer.YES, "no": Answer.NO}.get(role)
            assert answer is expected, phrase


@given(languages, st.data())
def test_a_no_is_never_a_yes(language: str, data: st.DataObject):
    """Whatever is said around it."""
    some = st.lists(st.sampled_from(phrases(language, "yes", "agreed", "no", "doubt", "filler")))
    before, after = data.draw(some), data.draw(some)
    no = data.draw(st.sampled_from(phrases(language, "no")))
    # Two phrases may make a third, such as "ja" and "nicht"; a comma does not part them.
    utterance = ", ".join([*before, no, *after])
    assert understood(utterance, language) is not Answer.YES or _is_longer(language, utterance, no)


def _is_longer(language: str, utterance: str, no: str) -> bool:
    """Return whether a no is within a longer phrase that is another thing."""
    plain = utterance.casefold().replace(",", "")
    longer = (phrase.casefold() for phrase in phrases(language, "yes", "agreed", "filler"))
    return any(no.casefold() in phrase and phrase in plain for phrase in longer)


@given(languages, st.data(), st.text("bcdfghjklmnpqrstvwxz", min_size=5, max_size=12))
def test_an_unknown_word_makes_it_no_answer(language: str, data: st.DataObject, word: str):
    """Nobody can tell what all of it means."""
    known = data.draw(st.lists(st.sampled_from(phrases(language, "yes", "no")), min_size=1))
    at = data.draw(st.integers(0, len(known)))
    assert understood(", ".join([*known[:at], word, *known[at:]]), language) is None


@given(languages, st.data())
def test_politeness_changes_nothing(language: str, data: st.DataObject):
    """Before and after a yes or a no, as often as somebody likes."""
    role, answer = data.draw(st.sampled_from([("yes", Answer.YES), ("no", Answer.NO)]))
    polite = {"en": "please", "de": "danke", "fr": "merci", "es": "gracias", "it": "grazie"}
    polite |= {"nl": "bedankt", "pt": "obrigado", "pl": "dziękuję"}
    phrase = data.draw(st.sampled_from(phrases(language, role)))
    assert understood(f"{phrase}, {polite[language]}!", language) is answer


@given(st.text(max_size=60), languages)
def test_any_text_has_an_answer(text: str, language: str):
    """Nothing that is heard or written breaks it."""
    assert understood(text, language) in {None, *Answer}
    found = digits(text, language)
    assert found is None or found.isdecimal()


@pytest.mark.parametrize(
    ("utterance", "language", "expected"),
    [
        ("1234", "en", "1234"),
        ("1234.", "de", "1234"),
        ("1 2 3 4", "fr", "1234"),
        ("1, 2, 3, 4.", "en", "1234"),
        ("1-2-3-4", "en", "1234"),
        ("12 34", "en", "1234"),
        ("1,234", "en", "1234"),
        ("1.234", "de", "1234"),
        ("12:34", "en", "1234"),
        ("0815", "de", "0815"),
        ("One, two, three, four.", "en", "1234"),
        ("oh eight one five", "en", "0815"),
        ("twelve thirty-four", "en", "1234"),
        ("twenty five", "en", "25"),
        ("Eins, zwei, drei, vier.", "de", "1234"),
        ("zwölf vierunddreißig", "de", "1234"),
        ("null acht fuffzehn", "de", None),
        ("zwo zwo", "de", "22"),
        ("un deux trois quatre", "fr", "1234"),
        ("douze trente-quatre", "fr", "1234"),
        ("quatre-vingt-douze soixante et onze", "fr", "9271"),
        ("uno dos tres cuatro", "es", "1234"),
        ("doce treinta y cuatro", "es", "1234"),
        ("uno due tre quattro", "it", "1234"),
        ("dodici trentaquattro", "it", "1234"),
        ("een twee drie vier", "nl", "1234"),
        ("één twee drie vier", "nl", "1234"),
        ("tweeëntwintig drieëndertig", "nl", "2233"),
        ("um dois três quatro", "pt", "1234"),
        ("meia meia duas uma", "pt-BR", "6621"),
        ("doze trinta e quatro", "pt", "1234"),
        ("jeden dwa trzy cztery", "pl", "1234"),
        ("dwanaście trzydzieści cztery", "pl", "1234"),
        ("jedynka dwójka", "pl", "12"),
        ("one two three four", "de", "1234"),
        ("eins zwei drei vier", "en", None),
        ("\uff11\uff12\uff13\uff14", "en", "1234"),
        # Said as people say it; it must not go on to a model as if it were something else.
        ("The PIN is 1234.", "en", "1234"),
        ("Yes, 1234.", "en", "1234"),
        ("It's one two three four, please.", "en", "1234"),
        ("Die PIN lautet eins zwei drei vier.", "de", "1234"),
        ("Le code est 1234, merci.", "fr", "1234"),
        ("Mi PIN es 1234", "es", "1234"),
        ("Il codice è uno due tre quattro", "it", "1234"),
        ("Mijn pincode is 1234", "nl", "1234"),
        ("A minha senha é 1234", "pt", "1234"),
        ("Mój PIN to 1234", "pl", "1234"),
        # Too short or too long for a PIN, but a PIN was meant.
        ("12", "en", "12"),
        ("123456789012", "en", "123456789012"),
        ("", "en", None),
        ("yes", "en", None),
        ("the PIN", "en", None),
        ("No, 1234.", "en", None),
        ("not 1234", "en", None),
        ("wait, 1234", "en", None),
        ("set the light to 1234", "en", None),
        ("1234 and turn on the light", "en", None),
        ("one more", "en", None),
        ("a4b2", "en", None),
        ("+1234", "en", None),
        ("1234%", "en", None),
        ("١٢٣٤", "en", None),
        ("½", "en", None),
    ],
)
def test_pins(utterance: str, language: str, expected: str | None):
    """Digits and number words, by themselves or with what one says around a PIN."""
    assert digits(utterance, language) == expected
    if expected:
        assert understood(utterance, language) is None


@given(languages, st.lists(st.integers(0, 9), min_size=1, max_size=10))
def test_digits_one_by_one(language: str, spoken: list[int]):
    """However many, in any language, with commas or without."""
    words = NUMBERS[language].replace("\n", " ").split(",")
    expected = "".join(map(str, spoken))
    assert digits(", ".join(words[digit] for digit in spoken), language) == expected
    assert digits(" ".join(map(str, spoken)), language) == expected


@pytest.mark.parametrize("language", ANSWERS)
def test_numbers_are_in_order(language: str):
    """A hundred of them, each meaning itself."""
    words = NUMBERS[language].replace("\n", " ").split(",")
    assert [digits(word, language) for word in words] == [str(number) for number in range(100)]
