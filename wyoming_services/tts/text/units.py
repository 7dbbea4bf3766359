"""Numbers with units: 21°C, 50 %, 5 km/h, 2,5 kWh, 35 µg/m³. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import regex

from wyoming_services.tts.text.cldr import Cldr
from wyoming_services.tts.text.languages import Language, Plurals, named
from wyoming_services.tts.text.rules import ALONE, CLOSED, NUMBER, Match, Rule, either, stop

_SYMBOLS: Mapping[str, str] = {
    "%": "concentr-percent",
    "‰": "concentr-permille",
    "ppm": "concentr-permillion",
    "°": "angle-degree",
    "° C": "temperature-celsius",
    "° F": "temperature-fahrenheit",
    "°C": "temperature-celsius",
    "℃": "temperature-celsius",
    "°F": "temperature-fahrenheit",
    "℉": "temperature-fahrenheit",
    "K": "temperature-kelvin",
    "km": "length-kilometer",
    "m": "length-meter",
    "dm": "length-decimeter",
    "cm": "length-centimeter",
    "mm": "length-millimeter",
    "µm": "length-micrometer",
    "nm": "length-nanometer",
    "mi": "length-mile",
    "yd": "length-yard",
    "ft": "length-foot",
    "km²": "area-square-kilometer",
    "m²": "area-square-meter",
    "cm²": "area-square-centimeter",
    "ha": "area-hectare",
    "sq ft": "area-square-foot",
    "ft²": "area-square-foot",
    "m³": "volume-cubic-meter",
    "cm³": "volume-cubic-centimeter",
    "ft³": "volume-cubic-foot",
    "hl": "volume-hectoliter",
    "l": "volume-liter",
    "L": "volume-liter",
    "dl": "volume-deciliter",
    "cl": "volume-centiliter",
    "ml": "volume-milliliter",
    "mL": "volume-milliliter",
    "fl oz": "volume-fluid-ounce",
    "gal": "volume-gallon",
    "tbsp": "volume-tablespoon",
    "tsp": "volume-teaspoon",
    "kg": "mass-kilogram",
    "g": "mass-gram",
    "mg": "mass-milligram",
    "µg": "mass-microgram",
    "oz": "mass-ounce",
    "lb": "mass-pound",
    "t": "mass-tonne",
    "ms": "duration-millisecond",
    "s": "duration-second",
    "min": "duration-minute",
    "h": "duration-hour",
    "mph": "speed-mile-per-hour",
    "kmh": "speed-kilometer-per-hour",
    "km/h": "speed-kilometer-per-hour",
    "l/100 km": "consumption-liter-per-100-kilometer",
    "l/100km": "consumption-liter-per-100-kilometer",
    "kWh/100 km": "force-kilowatt-hour-per-100-kilometer",
    "kWh/100km": "force-kilowatt-hour-per-100-kilometer",
    "m/s²": "acceleration-meter-per-square-second",
    "m/s": "speed-meter-per-second",
    "mW": "power-milliwatt",
    "W": "power-watt",
    "kW": "power-kilowatt",
    "MW": "power-megawatt",
    "GW": "power-gigawatt",
    "kWh": "energy-kilowatt-hour",
    "kJ": "energy-kilojoule",
    "kcal": "energy-kilocalorie",
    "V": "electric-volt",
    "mA": "electric-milliampere",
    "A": "electric-ampere",
    "Ω": "electric-ohm",
    "Hz": "frequency-hertz",
    "kHz": "frequency-kilohertz",
    "MHz": "frequency-megahertz",
    "GHz": "frequency-gigahertz",
    "Pa": "pressure-pascal",
    "hPa": "pressure-hectopascal",
    "kPa": "pressure-kilopascal",
    "mbar": "pressure-millibar",
    "bar": "pressure-bar",
    "psi": "pressure-pound-force-per-square-inch",
    "inHg": "pressure-inch-ofhg",
    "mmHg": "pressure-millimeter-ofhg",
    "lx": "light-lux",
    "lm": "light-lumen",
    "kbit": "digital-kilobit",
    "Mbit": "digital-megabit",
    "Gbit": "digital-gigabit",
    "kB": "digital-kilobyte",
    "KB": "digital-kilobyte",
    "MB": "digital-megabyte",
    "GB": "digital-gigabyte",
    "TB": "digital-terabyte",
    "PB": "digital-petabyte",
    "MP": "graphics-megapixel",
    "px": "graphics-pixel",
    "dpi": "graphics-dot-per-inch",
}
_SAME = {"m2": "m²", "km2": "km²", "cm2": "cm²", "m3": "m³", "cm3": "cm³", "ft2": "ft²"}
_SHORT = {"kbps": "kbit/s", "Mbps": "Mbit/s", "Gbps": "Gbit/s", "km/hr": "km/h", "kph": "km/h"}
_SPACED = frozenset({"s", "t"})
"""Symbols that close behind digits are something else: the 90s."""
_LEAST_KELVIN = 1000
"""Colours of light are in kelvin; 4 K is a screen."""


class Units:
    """The units of a language: CLDR's, and those that have words of their own."""

    def __init__(self, language: Language, cldr: Cldr) -> None:
        self._language = language
        self._cldr = cldr
        self._names: dict[str, str | Plurals] = {**_SYMBOLS, **_own_script(cldr)}
        self._names |= {other: _SYMBOLS[same] for other, same in _SAME.items()}
        self._names |= {key.replace("µ", "μ"): name for key, name in self._names.items()}
        self._names |= language.units
        self.symbols = either([*self._names, *_SHORT])

    def written(self, unit: str) -> list[str]:
        """Return what is written for a unit of CLDR behind a number."""
        return [symbol for symbol, name in self._names.items() if name == unit]

    def say(self, number: str, value: Decimal, symbol: str, per: str | None = None) -> str | None:
        """Return a number with its unit in words; None when there are no words for it."""
        symbol, _, after = _SHORT.get(symbol, symbol).partition("/" if symbol in _SHORT else "\0")
        unit, per_unit = self._names[symbol], self._names.get(per or after)
        if isinstance(unit, str) and (per_unit is None or isinstance(per_unit, str)):
            return self._cldr.unit(number, value, unit, per_unit)
        if not isinstance(unit, str):
            said: str | None = f"{number} {named(unit, self._cldr.plural(value))}"
        else:
            said = self._cldr.unit(number, value, unit)
        if said is None or per_unit is None:
            return said
        return self.divided(said, per or after)

    def divided(self, said: str, symbol: str) -> str | None:
        """Return a phrase with the unit it is divided by; None when there are no words for it."""
        unit = self._names[symbol]
        if isinstance(unit, str):
            return self._cldr.divided(said, unit)
        word = self._language.words.get("per")
        return f"{said} {word} {named(unit, 'one')}" if word else None


def rules(language: Language, cldr: Cldr, units: Units) -> Iterator[Rule]:
    """Yield the rules for numbers with units, and for units after "per"."""
    article = rf"(?<=(?<!\p{{L}})(?i:{either(language.singular_after.get('words', ()))})\s)"

    def say(match: Match) -> str:
        symbol, gap = match["unit"], match["gap"]
        number, value = cldr.number(regex.sub(r"\s", "", match["number"]))
        if symbol in _SPACED and not gap:
            return match[0]
        if (symbol == "K" and value < _LEAST_KELVIN) or (symbol == "A" and value == int(value)):
            return match[0]
        counted = value if match["singular"] is None else Decimal(1)
        said = units.say(number, counted, symbol, match["per"])
        return match[0] if said is None else said + stop(match)

    yield Rule(
        regex.compile(
            rf"{ALONE}(?=\d)(?<singular>{article})?"
            rf"(?<number>{NUMBER}(?:\s\d{{3}}(?!\d)){{0,3}}+)(?<gap>\s?)"
            rf"(?<unit>{units.symbols})(?:\s?/\s?(?<per>{units.symbols}))?{CLOSED}(?!-\p{{Ll}})"
        ),
        say,
    )
    if per := language.words.get("per"):

        def single(match: Match) -> str:
            return (units.say("", Decimal(1), match[0]) or match[0]).strip()

        symbol = rf"(?<=(?<!\p{{L}}){per}\s)(?=\p{{L}}{{2}}|\p{{L}}[²³]){units.symbols}{CLOSED}"
        yield Rule(regex.compile(symbol), single)


def _own_script(cldr: Cldr) -> Mapping[str, str]:
    """Return the symbols that a language has in another script than the Latin one (км/ч)."""
    found = {}
    for unit in _SYMBOLS.values():
        for symbol in cldr.symbols(unit):
            if regex.search(r"\p{L}", symbol) and not regex.search(r"\p{Latin}", symbol):
                found[symbol] = unit
    return found
