"""A tool call in the making: its arguments, one step after the other, made what its tool takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..loose_json import LooseJsonError, loads
from ..tool_names import known_tool, last_part
from .names import normal
from .refusal import RefusalError
from .shapes import UnfitError, fit, is_blank, says_no, says_nothing, says_yes
from .tables import TABLES
from .targets import DOMAINS, SLOTS, Targets

_KEYS: dict[str, list[str]] = TABLES["keys"]
_WRAPPERS = frozenset(TABLES["extras"]["wrappers"])
_HARMLESS = frozenset(TABLES["extras"]["harmless"])


@dataclass(slots=True)
class Call:
    """A call in the making. The steps are in the order in which `take` goes through them."""

    tool: str
    schema: Mapping[str, Any]
    targets: Targets
    arguments: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    @property
    def properties(self) -> Mapping[str, Any]:
        """The parameters the tool takes."""
        properties: Mapping[str, Any] = self.schema.get("properties", {})
        return properties

    @property
    def acts_on_house(self) -> bool:
        """Whether `name` and `area` are those of the house; a timer's name is its own."""
        last = self.tool.rpartition("__")[2]
        intent = last.startswith("Hass") and "Timer" not in last
        return intent or last == "GetLiveContext" or self.slot("name") == "player_name"

    @property
    def narrows(self) -> bool:
        """Whether the tool acts on whatever its parameters narrow it to."""
        if self.tool.endswith("HassStartTimer"):
            return False
        return any(self.slot(name) in self.properties for name in ("name", "area", "floor"))

    @property
    def names_one(self) -> bool:
        """Whether the call names one device, so that nothing else can narrow it further."""
        return self.acts_on_house and not is_blank(self.arguments.get(self.slot("name")))

    @property
    def own_domains(self) -> set[str]:
        """The kind of device the tool is for, from its name; none if it is for many."""
        return set(self.tool.split("__")[:-1]) & DOMAINS

    def slot(self, name: str) -> str:
        """Return what the tool calls one of SLOTS; media tools have `player_name` and so on."""
        own = f"player_{name}"
        return own if own in self.properties else name

    def take(self, arguments: Any, domain: str | None) -> None:
        """Make the model's arguments the tool's."""
        self.arguments = self._unwrapped(_parsed(arguments))
        self._rename()
        self._drop_blanks()
        if domain:
            self._add_domain(domain)
        self._fit()
        self._drop_extras()
        if self.acts_on_house:
            self._place("area", "floor")
            self._place("floor", "area")
            self._name()
        elif "area" in self.arguments and "Timer" in self.tool:
            self._change("area", self.targets.area(self.arguments["area"]))
        self._check_required()

    def _change(self, key: str, value: Any) -> None:
        """Set an argument, noting what it was."""
        before = self.arguments.get(key)
        if value is not before and (value != before or type(value) is not type(before)):
            self.changes.append(f"{key} {before!r} is {value!r}")
            self.arguments[key] = value

    def _unwrapped(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return arguments that were put a level too deep, where they belong."""
        found = dict(arguments)
        for key in arguments:
            inner = found[key]
            if key in self.properties or key.casefold() not in _WRAPPERS:
                continue
            if isinstance(inner, str) and inner.lstrip().startswith("{"):
                inner = _parsed(inner)
            if not isinstance(inner, dict):
                continue
            del found[key]
            if inner:
                self.changes.append(f"what was in {key}")
            for name, value in inner.items():
                outer = found.get(name, value)
                if outer != value and not self._is_own_name(outer):
                    raise RefusalError(f"{name} is given twice: {outer!r} and {value!r}.")
                found[name] = value
        return found

    def _rename(self) -> None:
        for key in [key for key in self.arguments if key not in self.properties]:
            own = self._own_key(key)
            if own is None or is_blank(self.arguments[key]):
                continue
            value, present = self.arguments.pop(key), self.arguments.get(own)
            if is_blank(present):
                self.arguments[own] = value
            elif not self._alike(own, present, value):
                raise RefusalError(f"{own} is given twice: {present!r} and {value!r}.")
            self.changes.append(f"{key} is {own}")

    def _own_key(self, key: str) -> str | None:
        """Return the parameter a key means."""
        plain = last_part(key)
        same = [own for own in self.properties if last_part(own) == plain]
        if len(same) == 1:
            return same[0]
        return next(
            (
                self.slot(own)
                for own in _KEYS
                if plain in _written(own) and self.slot(own) in self.properties
            ),
            None,
        )

    def _alike(self, key: str, one: Any, other: Any) -> bool:
        if isinstance(other, list) and len(other) == 1:
            other = other[0]
        if normal(str(one)) == normal(str(other)):
            return True
        return key == self.slot("name") and self.targets.same(one, other)

    def _drop_blanks(self) -> None:
        for key, value in list(self.arguments.items()):
            if is_blank(value):
                del self.arguments[key]
                self.changes.append(f"{key} was empty")
        for key, value in list(self.arguments.items()):
            if not says_nothing(value) or key in self.schema.get("required", ()):
                continue
            if self.narrows and key in map(self.slot, SLOTS) and not self._still_narrow(key):
                raise RefusalError(
                    f"{key} is {value!r}. Say which is meant, or leave it out if all of them are."
                )
            del self.arguments[key]
            self.changes.append(f"{key} was {value!r}")

    def _still_narrow(self, key: str) -> bool:
        """Return whether a call without this parameter acts on no more than one device or place."""
        places = {self.slot("area"), self.slot("floor")}
        if key == self.slot("name"):
            return False
        return self.names_one or (key in places and bool((places - {key}) & set(self.arguments)))

    def _add_domain(self, domain: str) -> None:
        """Keep to the kind that the tool's name said."""
        if "domain" in self.properties:
            self.arguments.setdefault("domain", [domain])
        elif self.narrows and not self.names_one:
            raise RefusalError(f"{self.tool} is not for one kind of device. Name the device.")

    def _fit(self) -> None:
        if self.acts_on_house and "domain" in self.arguments:
            self._fit_domain()
        for key in [key for key in self.arguments if key in self.properties]:
            schema = self.properties[key]
            try:
                self._change(key, self._fitted(key, self.arguments[key], schema))
            except UnfitError as err:
                if not (key == "device_class" and self._move_device_class()):
                    raise RefusalError(
                        f"{key} has to be {err}; it is {self.arguments[key]!r}.",
                    ) from err

    def _fit_domain(self) -> None:
        written = self.arguments["domain"]
        if isinstance(written, str) and "," in written:
            written = [part.strip() for part in written.split(",")]
        if isinstance(written, list):
            found = [self.targets.domain(item) for item in written]
            self._change("domain", written if found == written else found)
        else:
            self._change("domain", self.targets.domain(written))

    def _fitted(self, key: str, value: Any, schema: Mapping[str, Any]) -> Any:
        try:
            fitted = fit(key, value, schema)
        except UnfitError:
            one = value[0] if isinstance(value, list) and len(value) == 1 else value
            found = self.targets.one_of(one, schema.get("enum", ()))
            if found is None:
                raise
            return found
        if schema.get("format") == "entity_id" and isinstance(fitted, str):
            return self.targets.entity_id(fitted)
        if schema.get("items", {}).get("format") == "entity_id" and isinstance(fitted, list):
            ids = [self.targets.entity_id(item) for item in fitted]
            return fitted if ids == fitted else ids
        return fitted

    def _move_device_class(self) -> bool:
        """Return whether the device class was a domain and is one now, or is not needed."""
        written = self.arguments["device_class"]
        kinds = [
            self.targets.domain(item)
            for item in (written if isinstance(written, list) else [written])
        ]
        domains = self.arguments.get("domain", kinds)
        if set(kinds) <= DOMAINS and "domain" in self.properties and set(domains) == set(kinds):
            self.arguments["domain"] = kinds
        elif not self.names_one:
            return False
        del self.arguments["device_class"]
        self.changes.append(f"device_class {written!r} is none")
        return True

    def _drop_extras(self) -> None:
        if self.schema.get("additionalProperties") is True:
            return
        for key in [key for key in self.arguments if key not in self.properties]:
            value = self.arguments[key]
            if not self._may_drop(key, value):
                raise RefusalError(
                    f"{self.tool} does not take {key} ({value!r}), and may not act without it."
                    f" It takes {', '.join(self.properties) or 'nothing'}."
                )
            del self.arguments[key]
            self.changes.append(f"{key} is not taken")

    def _may_drop(self, key: str, value: Any) -> bool:
        """Return whether the call acts on no more without a parameter the tool does not have."""
        plain = last_part(key)
        if plain in _HARMLESS and self._contradicted(value):
            return False
        if self.names_one or isinstance(value, bool | int | float) or self._is_own_name(value):
            return True
        slot = next((slot for slot in SLOTS if plain in _written(slot)), None)
        if slot in {"domain", "device_class"}:
            kinds = value if isinstance(value, list) else [value]
            return {self.targets.domain(kind) for kind in kinds} <= self.own_domains
        return slot is None and (not self.narrows or plain in _HARMLESS)

    def _contradicted(self, value: Any) -> bool:
        """Return whether the tool does the opposite of what a needless parameter says."""
        return (says_no(value) and self.tool.endswith("TurnOn")) or (
            says_yes(value) and self.tool.endswith("TurnOff")
        )

    def _is_own_name(self, value: Any) -> bool:
        """Return whether a value only says the tool's name again."""
        return known_tool(str(value), (self.tool,)) is not None

    def _place(self, kind: str, other: str) -> None:
        """Find the area or floor that is meant; either may have been given as the other."""
        key, other_key = self.slot(kind), self.slot(other)
        asked = self.arguments.get(key)
        if not isinstance(asked, str):
            return
        own, others = (
            (self.targets.is_area, self.targets.is_floor)
            if kind == "area"
            else (self.targets.is_floor, self.targets.is_area)
        )
        if not own(asked) and others(asked) and other_key in self.properties:
            if other_key not in self.arguments:
                self.arguments[other_key] = self.arguments.pop(key)
                self.changes.append(f"{asked} is {other_key}")
            elif normal(self.arguments[other_key]) == normal(asked):
                del self.arguments[key]
                self.changes.append(f"{asked} is {other_key}")
        if key in self.arguments:
            find = self.targets.area if kind == "area" else self.targets.floor
            self._change(key, find(asked))

    def _name(self) -> None:
        key = self.slot("name")
        asked = self.arguments.get(key)
        if not isinstance(asked, str):
            return
        domains = self.arguments.get("domain") or self.own_domains
        domains = [domains] if isinstance(domains, str) else domains
        self._change(key, self.targets.name(asked, domains, self.arguments.get(self.slot("area"))))

    def _check_required(self) -> None:
        missing = [key for key in self.schema.get("required", ()) if key not in self.arguments]
        if missing:
            raise RefusalError(f"{self.tool} needs {' and '.join(missing)}.", missing)
        groups = [option.get("required", ()) for option in self.schema.get("anyOf", ())]
        if groups and not any(set(group) <= set(self.arguments) for group in groups):
            wanted = [" and ".join(group) for group in groups]
            raise RefusalError(f"{self.tool} needs {' or '.join(wanted)}.", wanted)


def _written(key: str) -> set[str]:
    """Return the ways models write a parameter, without signs."""
    return {last_part(name) for name in (key, *_KEYS[key])}


def _parsed(arguments: Any) -> dict[str, Any]:
    """Return the arguments as an object, out of JSON in a string or a list of one."""
    if isinstance(arguments, str):
        try:
            arguments = loads(arguments) if arguments.strip() else {}
        except LooseJsonError as err:
            raise RefusalError("The arguments are no whole JSON object. Write them again.") from err
    if isinstance(arguments, list) and len(arguments) == 1:
        arguments = arguments[0]
    if arguments is None:
        return {}
    if not isinstance(arguments, Mapping):
        raise RefusalError("The arguments have to be one JSON object.")
    return {str(key): value for key, value in arguments.items()}
