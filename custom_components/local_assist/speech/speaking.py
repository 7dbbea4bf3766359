"""How a text is to be spoken: the numbers a request may carry, and their bounds."""

import math
from collections.abc import Mapping
from typing import Any, Final

from ..const import CONF_SENTENCE_SILENCE, CONF_SPEED, CONF_VOLUME
from ..errors import SpeakingPaceError, SpeakingValueError

CONF_LENGTH_SCALE: Final = "length_scale"

# The bounds our servers keep to (docs/server-behaviour.md).
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    CONF_SPEED: (0.25, 4),
    CONF_LENGTH_SCALE: (0.25, 4),
    "noise_scale": (0, 2),
    "noise_w_scale": (0, 2),
    CONF_VOLUME: (0, 2),
    CONF_SENTENCE_SILENCE: (0, 10),
}


def speaking_context(options: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the `context` of a Wyoming request, None if the options say nothing of speaking.

    It has what was asked for and nothing else, because what is sent overrides what the server
    was told about the voice. Servers that know nothing of it ignore it.

    Args:
        options: of the call; numbers, or numbers written out. None is as good as absent.

    Raises:
        SpeakingValueError: one is no number, or out of bounds.
        SpeakingPaceError: speed and length scale are both there.
    """
    context = {
        option: _number(option, value)
        for option in BOUNDS
        if (value := options.get(option)) is not None
    }
    if CONF_SPEED in context and CONF_LENGTH_SCALE in context:
        raise SpeakingPaceError
    return context or None


def _number(option: str, value: Any) -> float:
    minimum, maximum = BOUNDS[option]
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except TypeError, ValueError:
        number = math.nan
    if not minimum <= number <= maximum:
        raise SpeakingValueError(
            option=option, minimum=f"{minimum:g}", maximum=f"{maximum:g}", value=str(value)
        )
    return number
