"""Every accepted format becomes the same 16-bit mono."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_services.audio.pcm import CHANNELS, RATES, WIDTHS, PcmFormat, silence, to_mono16
from wyoming_services.audio.resampling import to_whisper
from wyoming_services.errors import BadRequestError

TONE = (np.sin(np.arange(4410) * 2 * np.pi * 440 / 44100) * 20000).astype(np.int16)


def encoded(samples: np.ndarray, width: int, channels: int) -> bytes:
    """Write samples the way a WAV file of that format has them."""
    if width == 1:
        one = ((samples >> 8) + 128).astype(np.uint8).tobytes()
    else:
        wide = samples.astype(np.int64) << (8 * (width - 2))
        one = b"".join(int(sample).to_bytes(width, "little", signed=True) for sample in wide)
    frames = np.frombuffer(one, np.uint8).reshape(-1, 1, width)
    return np.repeat(frames, channels, axis=1).tobytes()


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_format_becomes_the_same_samples(width: int, channels: int) -> None:
    """Up to the resolution of 8 bits."""
    mono = to_mono16(encoded(TONE, width, channels), PcmFormat(44100, width, channels))
    error = np.abs(np.frombuffer(mono, "<i2").astype(int) - TONE)
    assert error.max() <= (255 if width == 1 else 0)


def test_stereo_is_averaged() -> None:
    """Full scale on both sides does not overflow."""
    stereo = np.array([32767, 32767, -32768, -32768, 100, -100], "<i2").tobytes()
    mono = np.frombuffer(to_mono16(stereo, PcmFormat(16000, 2, 2)), "<i2")
    assert mono.tolist() == [32767, -32768, 0]


def test_half_a_frame_is_refused() -> None:
    """The text says how long a frame is."""
    with pytest.raises(BadRequestError, match="7 bytes is not a whole number of 6-byte frames"):
        to_mono16(bytes(7), PcmFormat(16000, 3, 2))


@pytest.mark.parametrize(
    ("rate", "width", "channels", "text"),
    [
        (1, 2, 1, "rate 1 is not supported; use 8000"),
        (16000, 0, 1, "width 0"),
        (16000, 2, 6, "channels 6"),
    ],
)
def test_other_formats_are_refused(rate: int, width: int, channels: int, text: str) -> None:
    """With a list of what is accepted."""
    with pytest.raises(BadRequestError, match=text):
        PcmFormat(rate, width, channels)


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_becomes_whispers(rate: int) -> None:
    """A tone keeps its pitch, its loudness and its length."""
    tone = (np.sin(np.arange(rate) * 2 * np.pi * 440 / rate) * 16384).astype("<i2")
    samples = to_whisper(tone.tobytes(), rate)
    assert samples.dtype == np.float32
    assert abs(len(samples) - 16000) <= 1
    assert int(np.abs(np.fft.rfft(samples[:16000])).argmax()) == 440
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)


@given(st.binary(max_size=96), st.sampled_from(WIDTHS), st.sampled_from(CHANNELS))
def test_conversion_keeps_the_number_of_frames(data: bytes, width: int, channels: int) -> None:
    """Whatever the bytes are."""
    source = PcmFormat(16000, width, channels)
    whole = data[: len(data) // source.frame * source.frame]
    assert len(to_mono16(whole, source)) == len(whole) // source.frame * 2


def test_silence_has_the_length_asked_for() -> None:
    """In 16-bit samples."""
    assert silence(0.5, 22050) == bytes(22050)
