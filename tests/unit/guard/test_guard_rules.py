"""What the guard's rules hold, and what they leave alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.guard.effects import Effect
from custom_components.local_assist.guard.rules import Kind, Mode, Rules

DEFAULT = Rules.of({})

GUARDED = [
    (Kind.UNLOCK, "lock", "unlock", None, ""),
    (Kind.UNLOCK, "lock", "open", None, ""),
    (Kind.UNLOCK, "lock", "set_user_code", None, ""),
    *(
        (Kind.OPEN, "cover", service, device_class, data)
        for device_class in ("door", "garage", "gate")
        for service, data in (
            ("open_cover", ""),
            ("toggle", ""),
            ("open_cover_tilt", ""),
            ("toggle_cover_tilt", ""),
            ("set_cover_position", '{"position": 1}'),
            ("set_cover_position", '{"position": "{{ 0 }}"}'),
            ("set_cover_position", "{}"),
            ("set_cover_position", "no json"),
            ("set_cover_position", "[0]"),
            ("set_cover_position", '{"position": 1' + "0" * 400 + "}"),
            ("set_cover_tilt_position", '{"tilt_position": 100}'),
            ("set_cover_tilt_position", '{"position": 0}'),
            ("vent", ""),
        )
    ),
    (Kind.DISARM, "alarm_control_panel", "alarm_disarm", None, ""),
    (Kind.DISARM, "alarm_control_panel", "bypass", None, ""),
    (Kind.SIREN, "alarm_control_panel", "alarm_trigger", None, ""),
    (Kind.VALVE, "valve", "open_valve", "water", ""),
    (Kind.VALVE, "valve", "toggle", "gas", ""),
    (Kind.VALVE, "valve", "set_valve_position", None, '{"position": 5}'),
    (Kind.VALVE, "valve", "flush", None, ""),
    (Kind.SIREN, "siren", "turn_on", None, '{"tone": "fire"}'),
    (Kind.SIREN, "siren", "toggle", None, ""),
]
FREE = [
    ("lock", "lock", None, ""),
    *(
        ("cover", service, device_class, data)
        for device_class in ("door", "garage", "gate")
        for service, data in (
            ("close_cover", ""),
            ("stop_cover", ""),
            ("close_cover_tilt", ""),
            ("stop_cover_tilt", ""),
            ("set_cover_position", '{"position": 0}'),
            ("set_cover_position", '{"position": "0"}'),
            ("set_cover_tilt_position", '{"tilt_position": 0}'),
        )
    ),
    *(("cover", "open_cover", kind, "") for kind in ("blind", "curtain", "shutter", "awning")),
    ("cover", "open_cover", None, ""),
    *(
        ("alarm_control_panel", f"alarm_arm_{how}", None, "")
        for how in ("away", "home", "night", "vacation", "custom_bypass")
    ),
    ("valve", "close_valve", None, ""),
    ("valve", "stop_valve", None, ""),
    ("valve", "set_valve_position", None, '{"position": 0}'),
    ("siren", "turn_off", None, ""),
    ("light", "turn_on", None, '{"brightness_pct": 100}'),
    ("climate", "set_temperature", None, ""),
]


def kind(rules: Rules, effect: Effect, area: str | None = None, *labels: str) -> Kind | None:
    """Return the kind of an effect."""
    return rules.kind(effect, area=area, labels=labels)


@pytest.mark.parametrize(("expected", "domain", "service", "device_class", "data"), GUARDED)
def test_what_opens_the_house_is_guarded(
    expected: Kind, domain: str, service: str, device_class: str | None, data: str
):
    """Also a service of these domains that nobody knows, or a position that nobody can read."""
    effect = Effect(domain, service, f"{domain}.front", device_class, data)
    assert kind(DEFAULT, effect) is expected
    assert DEFAULT.mode(expected) is Mode.ASK


@pytest.mark.parametrize(("domain", "service", "device_class", "data"), FREE)
def test_the_rest_is_free(domain: str, service: str, device_class: str | None, data: str):
    """The safe direction, and whatever secures nothing."""
    assert kind(DEFAULT, Effect(domain, service, f"{domain}.front", device_class, data)) is None


@pytest.mark.parametrize(
    ("entity_id", "device_class", "expected"),
    [
        ("lock.front", None, Kind.UNLOCK),
        ("valve.main", None, Kind.VALVE),
        ("siren.roof", None, Kind.SIREN),
        ("alarm_control_panel.home", None, Kind.DISARM),
        ("cover.gate", "gate", Kind.OPEN),
        ("cover.blind", "blind", None),
        ("light.desk", None, None),
    ],
)
def test_a_service_of_another_domain_may_unlock(
    entity_id: str, device_class: str | None, expected: Kind | None
):
    """Nobody knows what "zwave_js.set_value" does to a lock; reading its state is harmless."""
    assert kind(DEFAULT, Effect("zwave_js", "set_value", entity_id, device_class)) is expected
    assert kind(DEFAULT, Effect("homeassistant", "update_entity", entity_id, device_class)) is None


@pytest.mark.parametrize(
    ("domain", "service", "expected"),
    [
        ("lock", "unlock", Kind.UNLOCK),
        ("cover", "open_cover", Kind.OPEN),
        ("cover", "close_cover", None),
        ("light", "turn_on", None),
        ("notify", "send_message", None),
        ("script", "turn_on", Kind.MARKED),
        ("scene", "turn_on", Kind.MARKED),
        ("automation", "trigger", Kind.MARKED),
        ("homeassistant", "turn_on", Kind.MARKED),
        ("homeassistant", "restart", None),
        ("", "", Kind.MARKED),
    ],
)
def test_targets_that_cannot_be_known(domain: str, service: str, expected: Kind | None):
    """What may turn out to be the front door is treated as if it were."""
    assert kind(DEFAULT, Effect(domain, service, "")) is expected


def test_what_may_be_anything_is_as_strict_as_anything():
    """Turning one rule off does not open a way round another."""
    rules = Rules.of({"guard_modes": {"marked": "free", "disarm": "never"}})
    assert kind(rules, Effect("script", "turn_on", "")) is Kind.DISARM


@pytest.mark.parametrize(
    ("settings", "area", "labels"),
    [
        ({"guard_entities": ["switch.boiler"]}, None, ()),
        ({"guard_areas": ["cellar"]}, "cellar", ()),
        ({"guard_domains": ["switch"]}, None, ()),
        ({"guard_labels": ["careful"]}, None, ("other", "careful")),
    ],
)
def test_what_the_user_marked(settings: dict[str, Any], area: str | None, labels: tuple[str, ...]):
    """Everything that acts on it is guarded, reading it is not, nor is anything beside it."""
    rules = Rules.of(settings)
    for service in ("turn_on", "turn_off", "toggle", "whatever"):
        effect = Effect("switch", service, "switch.boiler")
        assert kind(rules, effect, area, *labels) is Kind.MARKED
        assert kind(rules, Effect("light", service, "light.desk"), "study", "other") is None
    assert kind(DEFAULT, Effect("switch", "turn_on", "switch.boiler"), area, *labels) is None
    update = Effect("homeassistant", "update_entity", "switch.boiler")
    assert kind(rules, update, area, *labels) is None


@pytest.mark.parametrize(("domain", "service", "device_class", "data"), FREE[:-2])
def test_the_safe_direction_of_what_is_marked(
    domain: str, service: str, device_class: str | None, data: str
):
    """Locking, closing and arming stay free; opening a marked awning does not."""
    opening = service == "open_cover"
    effect = Effect(domain, service, f"{domain}.front", device_class, data)
    rules = Rules.of({"guard_domains": [domain]})
    assert kind(rules, effect) is (Kind.MARKED if opening else None)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"guard_entities": ["switch.boiler"]}, Kind.MARKED),
        ({"guard_entities": ["light.desk"]}, None),
        ({"guard_areas": ["cellar"]}, Kind.MARKED),
        ({"guard_labels": ["careful"]}, Kind.MARKED),
        ({"guard_domains": ["switch"]}, Kind.MARKED),
        ({"guard_domains": ["light"]}, None),
    ],
)
def test_an_unknown_target_may_be_marked(settings: dict[str, Any], expected: Kind | None):
    """Unless nothing of its domain is."""
    assert kind(Rules.of(settings), Effect("switch", "turn_on", "")) is expected


def test_a_marked_domain_holds_for_services_on_other_domains():
    """Who marks "notify" means its services, whatever they act on."""
    rules = Rules.of({"guard_domains": ["notify"]})
    assert kind(rules, Effect("notify", "send_message", "media_player.hall")) is Kind.MARKED


@pytest.mark.parametrize(
    ("unlock", "marked", "expected"),
    [
        ("ask", "ask", Kind.UNLOCK),
        ("free", "ask", Kind.MARKED),
        ("ask", "free", Kind.UNLOCK),
        ("pin", "ask", Kind.UNLOCK),
        ("ask", "pin", Kind.MARKED),
        ("pin", "never", Kind.MARKED),
        ("never", "never", Kind.UNLOCK),
    ],
)
def test_the_stricter_reason_counts(unlock: str, marked: str, expected: Kind):
    """A lock that is marked as well is guarded as both."""
    rules = Rules.of(
        {
            "guard_modes": {"unlock": unlock, "marked": marked},
            "guard_entities": ["lock.front"],
        }
    )
    assert kind(rules, Effect("lock", "unlock", "lock.front")) is expected


def test_a_rule_can_be_turned_off():
    """The kind is still told; its mode says that nobody has to agree."""
    rules = Rules.of({"guard_modes": {"siren": "free"}})
    assert kind(rules, Effect("siren", "turn_on", "siren.roof")) is Kind.SIREN
    assert rules.mode(Kind.SIREN) is Mode.FREE
    assert rules.mode(Kind.OPEN) is Mode.ASK


def test_settings_that_say_nothing():
    """Absent and empty settings are the defaults, and so are rules made by hand."""
    empty = {"guard_modes": {}, "guard_entities": [], "guard_areas": None}
    assert Rules.of(empty) == DEFAULT
    assert all(rules.mode(kind) is Mode.ASK for kind in Kind for rules in (DEFAULT, Rules()))


def test_an_unknown_mode_is_an_error():
    """Rather than none: a rule is never lost in silence."""
    with pytest.raises(ValueError, match="perhaps"):
        Rules.of({"guard_modes": {"unlock": "perhaps"}})


@given(
    st.lists(st.sampled_from(Kind)), st.fixed_dictionaries({k: st.sampled_from(Mode) for k in Kind})
)
def test_the_strictest_of_many(kinds: list[Kind], modes: dict[Kind, Mode]):
    """Never before PIN before asking before nothing."""
    rules = Rules.of({"guard_modes": modes})
    found = {modes[kind] for kind in kinds}
    for mode in (Mode.NEVER, Mode.PIN, Mode.ASK):
        if mode in found:
            assert rules.strictest(kinds) is mode
            return
    assert rules.strictest(kinds) is Mode.FREE


@given(st.builds(Effect, st.text(), st.text(), st.text(), st.none() | st.text(), st.text()))
def test_any_effect_has_an_answer(effect: Effect):
    """Nothing that an effect may hold breaks the rules."""
    assert kind(DEFAULT, effect) in {None, *Kind}
