"""Numbers, and names of units and currencies with their plurals, as CLDR has them. Pure.

Babel and its data of one language take some 7 MB, which is why both are loaded at first use.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from babel import Locale

_PLAIN = "0.##########"
"""Digits without marks of thousands, so that a number can be found again where CLDR puts it."""


class Cldr:
    """What CLDR knows of a language.

    Args:
        locale: whose.
    """

    def __init__(self, locale: Locale) -> None:
        from babel.numbers import get_decimal_symbol, get_group_symbol  # noqa: PLC0415

        self.locale = locale
        self._point = get_decimal_symbol(locale)
        group = regex.escape(get_group_symbol(locale))
        point = regex.escape(self._point)
        self.group = get_group_symbol(locale)
        self._own = regex.compile(rf"(\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{point}(\d+))?")
        # Three digits may be thousands; any other number of them tells a decimal mark.
        self._foreign = regex.compile(
            r"(?|(\d+)[.,](\d{1,2}|\d{4,})|(0)[.,](\d+)"
            r"|(\d{1,3}(?:,\d{3})+)\.(\d+)|(\d{1,3}(?:\.\d{3})+),(\d+))"
        )

    @classmethod
    def of(cls, tag: str) -> Cldr | None:
        """Return what CLDR knows of a language like `pt_BR`; None when it does not know it."""
        from babel import Locale, UnknownLocaleError  # noqa: PLC0415

        for known in (tag, tag.partition("_")[0]):
            try:
                return cls(Locale.parse(known))
            except (UnknownLocaleError, ValueError):
                continue
        return None

    def number(self, text: str) -> tuple[str, Decimal]:
        """Return a number as the language writes it (21.5 becomes 21,5), and what it is worth."""
        if own := self._own.fullmatch(text):
            whole = regex.sub(r"\D", "", own[1])
            return text, Decimal(f"{whole}.{own[2]}" if own[2] else whole)
        if foreign := self._foreign.fullmatch(text):
            whole, part = regex.sub(r"\D", "", foreign[1]), foreign[2]
            return f"{whole}{self._point}{part}", Decimal(f"{whole}.{part}")
        return text, Decimal(regex.sub(r"\D", "", text))

    def plural(self, value: Decimal) -> str:
        """Return the plural category of a number: `one`, `two`, `few`, `many`, `other`, `zero`."""
        return self.locale.plural_form(value)

    def unit(self, number: str, value: Decimal, unit: str, per: str | None = None) -> str | None:
        """Return a number with the name of its unit; None where the language has no name for it.

        Args:
            number: as it is to be said.
            value: what it is worth, for the plural.
            unit: one of CLDR's, like `speed-kilometer-per-hour`.
            per: the unit it is divided by.
        """
        from babel.numbers import format_decimal  # noqa: PLC0415
        from babel.units import format_compound_unit, format_unit  # noqa: PLC0415

        locale = self.locale
        if per:
            said = format_compound_unit(
                value, unit, denominator_unit=per, format=_PLAIN, locale=locale
            )
        else:
            said = format_unit(value, unit, format=_PLAIN, locale=locale)
        # Babel falls back to the identifier.
        if said is None or unit in said or (per and per in said):
            return None
        said = said.replace(format_decimal(value, _PLAIN, locale), number, 1)
        # Some languages have "one" without the number.
        return said if number in said or self.plural(value) != "one" else f"{number} {said}"

    def symbols(self, unit: str) -> set[str]:
        """Return what is written for a unit behind a number, in a language without Latin script."""
        from babel.units import format_unit  # noqa: PLC0415

        if regex.search(r"\p{Latin}", self.locale.months["format"]["wide"][1]):
            return set()
        written = [format_unit(count, unit, "short", locale=self.locale) for count in (1, 2, 5)]
        return {regex.sub(r"^\d+\s?", "", short) for short in written}

    def divided(self, said: str, per: str) -> str | None:
        """Return a phrase with the name of the unit it is divided by, as `unit` does."""
        from babel.units import format_compound_unit  # noqa: PLC0415

        divided = format_compound_unit(said, denominator_unit=per, locale=self.locale)
        return None if divided is None or per in divided else divided

    def currency(self, number: str, value: Decimal, code: str) -> str:
        """Return an amount with the name of its currency."""
        from babel.numbers import get_currency_name  # noqa: PLC0415

        return f"{number} {get_currency_name(code, value, self.locale)}"
