"""What all entities of the integration share."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import SpeechCoordinator
from .runtime import LocalAssistConfigEntry
from .speech.programs import first_program


class LocalAssistEntity(Entity):
    """The one entity of a subentry, named after the subentry's device."""

    _attr_has_entity_name = True
    _attr_name: str | None = None

    def __init__(
        self,
        entry: LocalAssistConfigEntry,
        subentry: ConfigSubentry,
        *,
        manufacturer: str | None = None,
        model: str | None = None,
        sw_version: str | None = None,
    ) -> None:
        self.entry = entry
        self.subentry = subentry
        self._attr_unique_id = subentry.subentry_id
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer=manufacturer,
            model=model,
            sw_version=sw_version,
            entry_type=DeviceEntryType.SERVICE,
        )


class SpeechEntity(CoordinatorEntity[SpeechCoordinator], LocalAssistEntity):
    """The entity of a speech server: available while the server is."""

    def __init__(self, entry: LocalAssistConfigEntry, subentry: ConfigSubentry) -> None:
        coordinator = entry.runtime_data.speech[subentry.subentry_id]
        CoordinatorEntity.__init__(self, coordinator)
        # A server that was never there has not said what it is.
        info = coordinator.data
        program = first_program(info, coordinator.server.role) if info else None
        LocalAssistEntity.__init__(
            self,
            entry,
            subentry,
            manufacturer=program.attribution.name if program else None,
            model=(program.description or program.name) if program else None,
            sw_version=program.version if program else None,
        )
