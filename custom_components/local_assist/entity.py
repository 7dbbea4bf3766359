"""What all entities of the integration share."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DOMAIN
from .runtime import LocalAssistConfigEntry


class LocalAssistEntity(Entity):
    """The one entity of a subentry, named after the subentry's device."""

    _attr_has_entity_name = True
    _attr_name = None

    def __init__(self, entry: LocalAssistConfigEntry, subentry: ConfigSubentry) -> None:
        self.entry = entry
        self.subentry = subentry
        self._attr_unique_id = subentry.subentry_id
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            entry_type=DeviceEntryType.SERVICE,
        )
