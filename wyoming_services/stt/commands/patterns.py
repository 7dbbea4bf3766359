"""Sentence templates turned into regular expressions, and text into what these match. Pure.

A template is written like Home Assistant's own: `turn (on|off) [the] <place> light`, that is, one
of several, what may be left out, and a rule by name. What all languages share is built in: `<any>`
is one to six words, `<word>` one that a sentence may end in, `<part>` the beginning of one, and
`<number>` a number in digits or in words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

DEVICE_NAME = "§device"
PLACE_NAME = "§place"
EITHER_NAME = "§either"
"""What stands in a text for a name of the house, where templates have `<thing>` or `<place>`."""

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[%°]|[^\W\d_]+'?", re.UNICODE)
_TOKEN = re.compile(r"<(\w+)>|([()|\[\]])|([^\s()|\[\]<>]+)")
_GROUPS = {"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|"}
_LONGEST_ANY = 6
_DANGLING = ("dangling", "dangling_unless_asked")


def words(text: str) -> list[str]:
    """Return the words of a text without case and punctuation; `l'eau` is two, so is `50%`."""
    plain = unicodedata.normalize("NFC", text.casefold()).replace(
        "\N{RIGHT SINGLE QUOTATION MARK}", "'"
    )
    return _WORD.findall(plain)


def joined(tokens: Iterable[str]) -> str:
    """Return words in the form that the patterns match: each with a space behind it."""
    return "".join(f"{token} " for token in tokens)


class Patterns:
    """The rules of a language.

    Args:
        rules: templates for each name, of which one applies. `number` has what words for numbers
            consist of, `dangling` and `dangling_unless_asked` what `<word>` is not; `polite`,
            `joiner` and `thanks` may stand around sentences.
        named: rules that match placeholders of names, too.
    """

    def __init__(
        self, rules: Mapping[str, Sequence[str]], named: Mapping[str, Sequence[str]]
    ) -> None:
        self._rules = rules
        self._named = named
        # The longest first and for good: a word has many ways to consist of others.
        parts = "|".join(sorted(map(str.casefold, rules["number"]), key=len, reverse=True))
        self._compiled = {
            "any": rf"(?:\S+ ){{1,{_LONGEST_ANY}}}?",
            "part": r"[^\s§]{3,}",
            "number": rf"(?:\d\S* |(?:(?:{parts})++ ){{1,6}})",
        }
        dangling = "".join(f"(?!{self._rule(rule)})" for rule in _DANGLING)
        self._compiled["word"] = rf"{dangling}[^\s§]+ "

    def sentences(self, templates: Sequence[str]) -> re.Pattern[str]:
        """Compile templates of whole sentences: politeness and another sentence may go ahead."""
        polite, joiner = self._rule("polite"), self._rule("joiner")
        either = self._either(templates)
        return re.compile(rf"(?:(?:\S+ )+{joiner})?{polite}*{either}(?:{self._rule('thanks')})?")

    def ending(self, template: str) -> re.Pattern[str]:
        """Compile what a text may end in."""
        return re.compile(rf"(?:.* )?{self._regex(template)}")

    def whole(self, template: str) -> re.Pattern[str]:
        """Compile a template of a whole text."""
        return re.compile(self._regex(template))

    def name(self, template: str) -> re.Pattern[str]:
        """Compile what a name may end in, be it only the end of its last word."""
        return re.compile(rf".*{self._regex(template)}")

    def _either(self, templates: Sequence[str]) -> str:
        """Return an expression that any of the templates matches; without any, nothing does."""
        return f"(?:{'|'.join(map(self._regex, templates))})" if templates else "(?!)"

    def _rule(self, name: str) -> str:
        """Return a rule's expression; rules may use each other, but not themselves."""
        if name not in self._compiled:
            named = "".join(f"|{placeholder} " for placeholder in self._named.get(name, ()))
            self._compiled[name] = f"(?:{self._either(self._rules[name])}{named})"
        return self._compiled[name]

    def _regex(self, template: str) -> str:
        """Return a template's expression."""
        parts = []
        for rule, group, word in _TOKEN.findall(template):
            if rule:
                parts.append(self._rule(rule))
            elif group:
                parts.append(_GROUPS[group])
            else:
                parts.append(re.escape(joined(words(word))))
        return f"(?:{''.join(parts)})"
