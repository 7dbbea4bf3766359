"""PCM formats a client may send, and their conversion to 16-bit mono."""

from dataclasses import dataclass

from wyoming_services.errors import BadRequestError

RATES = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)
"""Hertz. A list, not a range: at a claimed 1 Hz a kilobyte would become minutes of audio."""
WIDTHS = (1, 2, 3, 4)
"""Bytes per sample: unsigned 8-bit as in WAV files, else signed little-endian integers."""
CHANNELS = (1, 2)

SAMPLE_WIDTH = 2
"""Bytes per sample of everything the services keep and send."""

WHISPER_RATE = 16_000
"""Hertz of the audio Whisper listens to."""


@dataclass(frozen=True, slots=True)
class PcmFormat:
    """How a client's samples are laid out.

    Attributes:
        rate: samples per second.
        width: bytes per sample.
        channels: interleaved channels.
    """

    rate: int
    width: int
    channels: int

    def __post_init__(self) -> None:
        """Refuse what cannot be converted.

        Raises:
            BadRequestError: one of the three is not supported; the text lists what is.
        """
        for name, value, accepted in (
            ("rate", self.rate, RATES),
            ("width", self.width, WIDTHS),
            ("channels", self.channels, CHANNELS),
        ):
            if value not in accepted:
                listed = ", ".join(map(str, accepted))
                raise BadRequestError(f"Audio {name} {value} is not supported; use {listed}.")

    @property
    def frame(self) -> int:
        """Bytes of one sample of every channel."""
        return self.width * self.channels

    def __str__(self) -> str:
        """Say the format as a person would."""
        return f"{self.rate} Hz, {8 * self.width} bit, {self.channels} channel(s)"


def to_mono16(data: bytes, source: PcmFormat) -> bytes:
    """Convert whole frames to signed 16-bit mono at the same rate; channels are averaged.

    Raises:
        BadRequestError: the data ends inside a frame.
    """
    if len(data) % source.frame:
        raise BadRequestError(
            f"Audio of {len(data)} bytes is not a whole number of {source.frame}-byte frames."
        )
    if source.width == SAMPLE_WIDTH and source.channels == 1:
        return data

    import numpy as np  # noqa: PLC0415 - not needed for what Home Assistant sends

    if source.width == 1:
        samples = (np.frombuffer(data, np.uint8).astype(np.int32) - 128) << 8
    elif source.width == 2:
        samples = np.frombuffer(data, "<i2").astype(np.int32)
    elif source.width == 3:  # the two upper bytes of each sample are its 16-bit value
        upper = np.frombuffer(data, np.uint8).reshape(-1, 3)[:, 1:]
        samples = np.ascontiguousarray(upper).view("<i2").reshape(-1).astype(np.int32)
    else:
        samples = np.frombuffer(data, "<i4") >> 16
    if source.channels == 2:
        samples = samples.reshape(-1, 2).sum(axis=1) >> 1
    return samples.astype("<i2").tobytes()


def silence(seconds: float, rate: int) -> bytes:
    """Return 16-bit mono silence."""
    return bytes(SAMPLE_WIDTH * round(seconds * rate))
