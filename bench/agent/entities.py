"""Entities of every kind a generated house has: they do at once what they are told."""

from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.climate import ClimateEntity, ClimateEntityFeature, HVACMode
from homeassistant.components.cover import CoverEntity, CoverEntityFeature
from homeassistant.components.fan import FanEntity, FanEntityFeature
from homeassistant.components.humidifier import HumidifierEntity
from homeassistant.components.light import ColorMode, LightEntity
from homeassistant.components.lock import LockEntity
from homeassistant.components.media_player import (
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
    MediaPlayerState,
)
from homeassistant.components.scene import Scene
from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.components.switch import SwitchEntity
from homeassistant.components.todo import TodoItem, TodoListEntity, TodoListEntityFeature
from homeassistant.components.vacuum import (
    StateVacuumEntity,
    VacuumActivity,
    VacuumEntityFeature,
)
from homeassistant.components.valve import ValveEntity, ValveEntityFeature
from homeassistant.const import UnitOfTemperature
from homeassistant.helpers.entity import Entity

from bench.agent.houses import Thing


class _Made(Entity):
    """What all have in common. `actions` counts what it was told to do."""

    _attr_should_poll = False
    actions = 0

    def __init__(self, thing: Thing, variant: int) -> None:
        self.thing = thing
        self.entity_id = thing.entity_id
        self._attr_unique_id = thing.entity_id
        self._attr_name = thing.names[0]
        if thing.kind.device_class:
            self._attr_device_class = thing.kind.device_class
        self.vary(variant)

    def vary(self, variant: int) -> None:
        """Take one of the states such a thing can have; the same number is the same state."""

    def set(self, **attributes: Any) -> None:
        """Change, as a thing does that somebody else uses."""
        for name, value in attributes.items():
            setattr(self, f"_attr_{name}", value)
        if self.hass:
            self.async_write_ha_state()

    def did(self, **attributes: Any) -> None:
        """Obey."""
        self.actions += 1
        self.set(**attributes)


class _Toggled(_Made):
    """Something that is on or off."""

    def vary(self, variant: int) -> None:
        """One of three is on."""
        self.set(is_on=variant % 3 == 0)

    async def async_turn_on(self, **_: Any) -> None:
        """Turn on."""
        self.did(is_on=True)

    async def async_turn_off(self, **_: Any) -> None:
        """Turn off."""
        self.did(is_on=False)


class Lamp(_Toggled, LightEntity):
    """A light that can be dimmed."""

    _attr_color_mode = ColorMode.BRIGHTNESS
    _attr_supported_color_modes = {ColorMode.BRIGHTNESS}  # noqa: RUF012

    def vary(self, variant: int) -> None:
        """One of three is on."""
        self.set(is_on=variant % 3 == 0, brightness=55 + variant * 37 % 200)

    async def async_turn_on(self, **given: Any) -> None:
        """Turn on."""
        self.did(is_on=True, brightness=given.get("brightness", self._attr_brightness))


class Outlet(_Toggled, SwitchEntity):
    """A switch."""


class Humidifier(_Toggled, HumidifierEntity):
    """A humidifier."""

    _attr_target_humidity = 45


class Fan(_Toggled, FanEntity):
    """A fan with speeds."""

    _attr_supported_features = (
        FanEntityFeature.SET_SPEED | FanEntityFeature.TURN_ON | FanEntityFeature.TURN_OFF
    )

    def vary(self, variant: int) -> None:
        """One of three runs."""
        self.set(percentage=50 if variant % 3 == 0 else 0)

    async def async_turn_on(self, *_: Any, **__: Any) -> None:
        """Turn on."""
        self.did(percentage=50)

    async def async_turn_off(self, **_: Any) -> None:
        """Turn off."""
        self.did(percentage=0)

    async def async_set_percentage(self, percentage: int) -> None:
        """Set the speed."""
        self.did(percentage=percentage)


class Sensor(_Made, SensorEntity):
    """A number."""

    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_suggested_display_precision = 1

    def vary(self, variant: int) -> None:
        """Stay near what is usual."""
        kind = self.thing.kind
        self._attr_native_unit_of_measurement = kind.unit
        self.set(native_value=round(kind.state + variant * 7 % 40 / 10, 1))


class Contact(_Made, BinarySensorEntity):
    """A contact, or something else that is on or off and obeys nobody."""

    def vary(self, variant: int) -> None:
        """One of five is on."""
        self.set(is_on=variant % 5 == 0)


class Cover(_Made, CoverEntity):
    """A cover with positions."""

    _attr_supported_features = (
        CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE | CoverEntityFeature.SET_POSITION
    )

    @property
    @override
    def is_closed(self) -> bool:
        return self._attr_current_cover_position == 0

    def vary(self, variant: int) -> None:
        """Half are open."""
        self.set(current_cover_position=100 if variant % 2 else 0)

    async def async_open_cover(self, **_: Any) -> None:
        """Open."""
        self.did(current_cover_position=100)

    async def async_close_cover(self, **_: Any) -> None:
        """Close."""
        self.did(current_cover_position=0)

    async def async_set_cover_position(self, **given: Any) -> None:
        """Go to a position."""
        self.did(current_cover_position=given["position"])


class Valve(_Made, ValveEntity):
    """A valve."""

    _attr_reports_position = False
    _attr_supported_features = ValveEntityFeature.OPEN | ValveEntityFeature.CLOSE

    def vary(self, variant: int) -> None:
        """Half are open."""
        self.set(is_closed=bool(variant % 2))

    async def async_open_valve(self) -> None:
        """Open."""
        self.did(is_closed=False)

    async def async_close_valve(self) -> None:
        """Close."""
        self.did(is_closed=True)


class Lock(_Made, LockEntity):
    """A lock."""

    def vary(self, variant: int) -> None:
        """Three of four are locked."""
        self.set(is_locked=variant % 4 != 0)

    async def async_lock(self, **_: Any) -> None:
        """Lock."""
        self.did(is_locked=True)

    async def async_unlock(self, **_: Any) -> None:
        """Unlock."""
        self.did(is_locked=False)


class Thermostat(_Made, ClimateEntity):
    """A thermostat."""

    _attr_temperature_unit = UnitOfTemperature.CELSIUS
    _attr_hvac_modes = [HVACMode.OFF, HVACMode.HEAT]  # noqa: RUF012
    _attr_supported_features = (
        ClimateEntityFeature.TARGET_TEMPERATURE
        | ClimateEntityFeature.TURN_ON
        | ClimateEntityFeature.TURN_OFF
    )

    def vary(self, variant: int) -> None:
        """Most heat."""
        self.set(
            hvac_mode=HVACMode.OFF if variant % 6 == 0 else HVACMode.HEAT,
            target_temperature=19 + variant % 4,
            current_temperature=round(18.5 + variant * 3 % 30 / 10, 1),
        )

    async def async_set_temperature(self, **given: Any) -> None:
        """Set what it aims at."""
        self.did(target_temperature=given["temperature"])

    async def async_set_hvac_mode(self, hvac_mode: HVACMode) -> None:
        """Set the mode."""
        self.did(hvac_mode=hvac_mode)


class Player(_Made, MediaPlayerEntity):
    """A television or a speaker."""

    _attr_supported_features = (
        MediaPlayerEntityFeature.TURN_ON
        | MediaPlayerEntityFeature.TURN_OFF
        | MediaPlayerEntityFeature.PAUSE
        | MediaPlayerEntityFeature.PLAY
        | MediaPlayerEntityFeature.VOLUME_SET
        | MediaPlayerEntityFeature.NEXT_TRACK
    )

    def vary(self, variant: int) -> None:
        """One of four plays."""
        self.set(
            state=MediaPlayerState.OFF if variant % 4 else MediaPlayerState.PLAYING,
            volume_level=0.3,
        )

    async def async_turn_on(self) -> None:
        """Turn on."""
        self.did(state=MediaPlayerState.ON)

    async def async_turn_off(self) -> None:
        """Turn off."""
        self.did(state=MediaPlayerState.OFF)

    async def async_media_pause(self) -> None:
        """Pause."""
        self.did(state=MediaPlayerState.PAUSED)

    async def async_media_play(self) -> None:
        """Go on."""
        self.did(state=MediaPlayerState.PLAYING)

    async def async_set_volume_level(self, volume: float) -> None:
        """Set the volume."""
        self.did(volume_level=volume)


class Robot(_Made, StateVacuumEntity):
    """A robot that cleans."""

    _attr_supported_features = (
        VacuumEntityFeature.START | VacuumEntityFeature.RETURN_HOME | VacuumEntityFeature.STATE
    )

    def vary(self, variant: int) -> None:  # noqa: ARG002
        """It rests."""
        self.set(activity=VacuumActivity.DOCKED)

    async def async_start(self) -> None:
        """Clean."""
        self.did(activity=VacuumActivity.CLEANING)

    async def async_return_to_base(self, **_: Any) -> None:
        """Go home."""
        self.did(activity=VacuumActivity.RETURNING)


class List(_Made, TodoListEntity):
    """A list of things to do."""

    _attr_supported_features = TodoListEntityFeature.CREATE_TODO_ITEM

    def vary(self, variant: int) -> None:  # noqa: ARG002
        """There is one thing to do."""
        self.set(todo_items=[TodoItem(summary="Bread", uid="bread")])

    async def async_create_todo_item(self, item: TodoItem) -> None:
        """Add one."""
        self.did(todo_items=[*(self._attr_todo_items or ()), item])


class Mood(_Made, Scene):
    """A scene."""

    async def async_activate(self, **_: Any) -> None:
        """Remember that it was wanted."""
        self.actions += 1


CLASSES: dict[str, type[_Made]] = {
    "binary_sensor": Contact,
    "climate": Thermostat,
    "cover": Cover,
    "fan": Fan,
    "humidifier": Humidifier,
    "light": Lamp,
    "lock": Lock,
    "media_player": Player,
    "scene": Mood,
    "sensor": Sensor,
    "switch": Outlet,
    "todo": List,
    "vacuum": Robot,
    "valve": Valve,
}
"""By domain; scripts are Home Assistant's own."""
