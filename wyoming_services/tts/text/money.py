"""Amounts of money: €5.20, 5,20 €, $3, CHF 20, $3.5 million, 0,30 €/kWh. Pure."""

from collections.abc import Iterator
from decimal import Decimal

import regex

from wyoming_services.tts.text.cldr import Cldr
from wyoming_services.tts.text.languages import Language, Plurals, named
from wyoming_services.tts.text.rules import ALONE, CLOSED, NUMBER, Match, Rule, either, span, stop
from wyoming_services.tts.text.units import Units

_SIGNS = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "R$": "BRL",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
}
_CODES = (
    *("EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "ISK", "PLN"),
    *("CZK", "HUF", "RON", "CNY", "INR", "BRL", "MXN", "RUB", "UAH", "TRY", "ZAR", "KRW", "ILS"),
)
_KRONA = {"sv": "SEK", "nb": "NOK", "nn": "NOK", "no": "NOK", "da": "DKK", "is": "ISK"}
_CENTS = 2
"""Digits behind the decimal mark that are cents."""


def rules(language: Language, cldr: Cldr, units: Units) -> Iterator[Rule]:
    """Yield the rules for amounts of money, the sign in front or behind."""
    money = _Money(language, cldr, units)
    sign, scale = either(money.codes), either(language.money.get("scales", ()))
    amount = rf"(?<number>{NUMBER})(?:,(?:--?|–))?"
    if "to" in language.words:
        amount += rf"(?:\s?[-–]\s?(?:{sign}\s?)?(?<until>{NUMBER}))?+"
    amount += rf"(?:\s?(?<scale>{scale})(?!\p{{L}}))?"
    per = rf"(?:\s?/\s?(?<per>{units.symbols}))?"
    # Between spaces it belongs to the number in front: 100 € 80 €.
    own = rf"(?!(?<=\d\s){sign}\s)"
    code = rf"(?:\s(?:(?<code>{either(_CODES)})|{either(money.nouns)}))?"
    yield Rule(
        regex.compile(rf"{ALONE}{own}(?<sign>{sign})\s?{amount}{code}{per}{CLOSED}"), money.say
    )
    yield Rule(regex.compile(rf"{ALONE}{amount}\s?(?<sign>{sign}){CLOSED}{per}{CLOSED}"), money.say)


class _Money:
    """The currencies in the words of a language."""

    def __init__(self, language: Language, cldr: Cldr, units: Units) -> None:
        self._language = language
        self._cldr = cldr
        self._units = units
        self._names: dict[str, Plurals] = dict(language.money.get("names", {}))
        region = language.tag.partition("_")[2]
        self._names |= language.money.get("names_in", {}).get(region, {})
        self.nouns = {noun for name in self._names.values() for noun in name.values()}
        self._minor: dict[str, Plurals] = language.money.get("minor", {})
        self.codes = dict.fromkeys(self._names, "") | _SIGNS | {code: code for code in _CODES}
        if krona := _KRONA.get(language.tag.partition("_")[0]):
            self.codes["kr"] = krona

    def say(self, match: Match) -> str:
        """Put an amount in words."""
        groups = match.groupdict()
        sign, scale = groups.get("code") or match["sign"], match["scale"]
        until = groups.get("until")
        number, value = self._cldr.number(match["number"])
        if until:
            last, value = self._cldr.number(until)
            number = span(self._language, "numbers", match, number, last)
        if scale:
            said = self._major(
                f"{number} {self._language.money['scales'][scale]}", Decimal(10), sign
            )
            said = said.replace("' ", "'")
        elif until or -value.as_tuple().exponent != _CENTS:  # type: ignore[operator]
            said = self._major(number, value, sign)
        else:
            said = self._with_cents(number, value, sign)
        if match["per"]:
            said = self._units.divided(said, match["per"]) or f"{said}/{match['per']}"
        return said + stop(match)

    def _with_cents(self, number: str, value: Decimal, sign: str) -> str:
        """Say an amount with two decimals."""
        whole, cents = divmod(int(value * 100), 100)
        major = self._major(str(whole), Decimal(whole), sign)
        if not cents:
            return major
        noun = self._minor.get(sign) or self._minor.get(self.codes[sign])
        if noun is None or "both" not in self._language.money:
            return self._major(number, value, sign)
        minor = f"{cents} {named(noun, self._cldr.plural(Decimal(cents)))}"
        if not whole:
            return minor
        both: str = self._language.money["both"]
        return both.format(major=major, minor=minor, cents=cents)

    def _major(self, number: str, value: Decimal, sign: str) -> str:
        """Say an amount of whole ones."""
        code = self.codes[sign]
        if noun := self._names.get(sign) or self._names.get(code):
            return f"{number} {named(noun, self._cldr.plural(value))}"
        return self._cldr.currency(number, value, code)
