"""A stand-in for Home Assistant that sees every service call before it is made.

It is handed to tools and intent handlers in the place of the real one. What it cannot see: tools
that kept the real one from somewhere else, and those that act on entities without a service.
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any, cast

from homeassistant.core import Context, HomeAssistant, ServiceResponse

from .effects import Call

type OnCall = Callable[[Call, Context | None], Awaitable[bool]]
"""Told of a call before it is made: returns whether to make it, or raises to fail it."""


class _Services:
    """The service registry of a stand-in; everything but calls is the real one's."""

    def __init__(self, hass: HomeAssistant, on_call: OnCall) -> None:
        self._hass = hass
        self._on_call = on_call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hass.services, name)

    async def async_call(  # noqa: PLR0917 - the signature of Home Assistant
        self,
        domain: str,
        service: str,
        service_data: dict[str, Any] | None = None,
        blocking: bool = False,  # noqa: FBT001
        context: Context | None = None,
        target: dict[str, Any] | None = None,
        return_response: bool = False,  # noqa: FBT001
    ) -> ServiceResponse:
        """Tell of the call, then make it if it is to be made; else the response is empty."""
        # What was looked at is what is done, whatever the caller does to its data meanwhile.
        data = copy.deepcopy({**(service_data or {}), **(target or {})})
        call = Call(domain.lower(), service.lower(), copy.deepcopy(data))
        if not await self._on_call(call, context):
            return {} if return_response else None
        return await self._hass.services.async_call(
            domain,
            service,
            data,
            blocking=blocking,
            context=context,
            return_response=return_response,
        )

    def call(self, *args: Any, **kwargs: Any) -> ServiceResponse:
        """Do the same from a thread that is not the event loop's."""
        return asyncio.run_coroutine_threadsafe(
            self.async_call(*args, **kwargs), self._hass.loop
        ).result()


class Watched:
    """A stand-in for Home Assistant whose service calls are told of before they are made.

    Everything else is the real one's.

    Attributes:
        services: the service registry that is watched.
    """

    def __init__(self, hass: HomeAssistant, on_call: OnCall) -> None:
        self._hass = hass
        self.services = _Services(hass, on_call)

    def __getattr__(self, name: str) -> Any:
        """Return what the real one has."""
        return getattr(self._hass, name)


def gated(hass: HomeAssistant, on_call: OnCall) -> HomeAssistant:
    """Return a stand-in that makes those calls that `on_call` allows, and waits for its word."""
    return cast("HomeAssistant", Watched(hass, on_call))


def recording(hass: HomeAssistant) -> tuple[HomeAssistant, list[Call]]:
    """Return a stand-in that makes no call, and the list it notes them in."""
    calls: list[Call] = []

    async def note(call: Call, _context: Context | None) -> bool:
        calls.append(call)
        return False

    return gated(hass, note), calls
