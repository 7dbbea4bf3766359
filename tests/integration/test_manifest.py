"""What Home Assistant and HACS want of the files beside the code."""

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import homeassistant.components
import yaml
from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.const import REQUIRED_PYTHON_VER
from homeassistant.const import __version__ as ha_version
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration
from packaging.requirements import Requirement
from PIL import Image

from custom_components.local_assist.const import DOMAIN

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / DOMAIN
CORE = Path(homeassistant.components.__file__).parent
MANIFEST = json.loads((COMPONENT / "manifest.json").read_text())


def test_keys_are_in_order() -> None:
    """Domain and name first, then by the alphabet."""
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])


def test_what_is_required_is_there() -> None:
    """What hassfest and HACS require is there."""
    assert MANIFEST["domain"] == COMPONENT.name == DOMAIN
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    assert urlsplit(MANIFEST["documentation"]).scheme == "https"
    assert urlsplit(MANIFEST["issue_tracker"]).scheme == "https"
    assert MANIFEST["integration_type"] in {"device", "hub", "service", "system"}
    assert MANIFEST["iot_class"] in {"local_polling", "local_push"}
    assert MANIFEST["config_flow"]
    version = AwesomeVersion(MANIFEST["version"])
    assert version.strategy is AwesomeVersionStrategy.SEMVER


def test_version_is_the_projects() -> None:
    """Both deliverables are released together."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert MANIFEST["version"] == project["version"]


def test_zeroconf_patterns_can_match() -> None:
    """Home Assistant compares in lower case, so a pattern with capitals never matches."""
    for matcher in MANIFEST["zeroconf"]:
        assert all(value == value.lower() for value in matcher.get("properties", {}).values())


def test_requirements_admit_what_core_pins() -> None:
    """Whatever Home Assistant and its own integrations pin, ours takes as well."""
    lines = (CORE.parent / "package_constraints.txt").read_text().splitlines()
    constraints = [line for line in lines if line and not line.startswith("#")]
    for name in ("ollama", "wyoming"):
        constraints += json.loads((CORE / name / "manifest.json").read_text())["requirements"]
    pins = {
        pin.name: next(iter(pin.specifier)).version
        for pin in map(Requirement, constraints)
        if str(pin.specifier).startswith("==")
    }
    ours = {item.name: item for item in map(Requirement, MANIFEST["requirements"])}
    assert {"numpy", "ollama", "openai", "wyoming"} == set(ours) & set(pins)
    for name, requirement in ours.items():
        assert name not in pins or requirement.specifier.contains(pins[name])
        assert not requirement.url


async def test_home_assistant_loads_it(hass: HomeAssistant) -> None:
    """Home Assistant's own loader takes the manifest."""
    integration = await async_get_integration(hass, DOMAIN)
    assert str(integration.version) == MANIFEST["version"]
    assert integration.config_flow


def test_hacs() -> None:
    """HACS shows the right name and asks for a Home Assistant we are tested on."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["name"] == MANIFEST["name"]
    assert AwesomeVersion(hacs["homeassistant"]) <= AwesomeVersion(ha_version)
    assert REQUIRED_PYTHON_VER >= (3, 14, 0)


def test_brand() -> None:
    """The pictures have the sizes that Home Assistant shows."""
    with Image.open(COMPONENT / "brand" / "icon.png") as icon:
        assert icon.size == (256, 256)
    with Image.open(COMPONENT / "brand" / "logo.png") as logo:
        assert 128 <= min(logo.size) <= 256


def test_quality_scale_names_every_rule() -> None:
    """Each rule is done, still to do, or exempt for a reason; the names are core's."""
    ours = yaml.safe_load((COMPONENT / "quality_scale.yaml").read_text())["rules"]
    core = yaml.safe_load((CORE / "anthropic" / "quality_scale.yaml").read_text())["rules"]
    assert list(ours) == list(core)
    for rule in ours.values():
        if isinstance(rule, str):
            assert rule == "done"
        else:
            assert rule["status"] in {"done", "todo", "exempt"}
            assert rule["comment"]


def test_typed() -> None:
    """Who type-checks against the integration gets its types."""
    assert (COMPONENT / "py.typed").exists()


def test_every_kind_of_entity_has_an_icon():
    """What an entity is called in the code, `icons.json` knows."""
    icons = json.loads((COMPONENT / "icons.json").read_text())["entity"]
    for platform in ("ai_task", "conversation", "stt", "tts"):
        source = (COMPONENT / f"{platform}.py").read_text()
        keys = re.findall(r'_attr_translation_key = "(\w+)"', source)
        assert keys
        assert set(icons[platform]) == set(keys)
        assert all(icons[platform][key]["default"].startswith("mdi:") for key in keys)
