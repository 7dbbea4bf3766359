"""The PIN: what is kept of it, and how often it may be tried."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.local_assist.guard.pin import Attempts, hash_pin, is_pin, verify

PIN = "0815"
HASHED = hash_pin(PIN)


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        """Return what time it is."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock."""
    return Clock()


def wrong(attempts: Attempts, times: int) -> list[bool]:
    """Try a wrong PIN; return which tries were let through."""
    return [attempts.begin() for _ in range(times)]


@pytest.mark.parametrize("pin", ["0000", "1234", "0123456789"])
def test_a_pin_is_recognized(pin: str):
    """Only by itself: a leading zero counts."""
    hashed = hash_pin(pin)
    assert verify(pin, hashed)
    for other in (pin[1:], f"{pin}0", pin[::-1] + "1", "", f" {pin}"):
        assert not verify(other, hashed)


@pytest.mark.parametrize(
    "text",
    ["", "123", "01234567890", "12a4", "12 34", "-1234", "１２３４", "١٢٣٤", "1234\n", "½234"],  # noqa: RUF001
)
def test_what_is_no_pin(text: str):
    """An error, which does not repeat what may be half a PIN."""
    assert not is_pin(text)
    with pytest.raises(ValueError, match="4 to 10 digits") as raised:
        hash_pin(text)
    assert not text.strip() or text.strip() not in str(raised.value)


def test_a_hash_tells_nothing():
    """Each has its own salt, and the PIN is not in it."""
    assert len({hash_pin(PIN) for _ in range(3)}) == 3
    assert PIN not in HASHED.split("$")
    assert HASHED.startswith("scrypt$16384$8$1$")


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "scrypt",
        PIN,
        HASHED[:-1],
        HASHED.replace("scrypt", "plain"),
        HASHED.replace("16384", "3"),
        HASHED.replace("16384", "x"),
        HASHED.replace("16384", str(2**70)),
        HASHED.replace("16384", str(2**30)),
        HASHED.rpartition("$")[0] + "$",
        HASHED + "$",
        HASHED.replace("$8$", "$-8$"),
    ],
)
def test_a_damaged_hash_belongs_to_no_pin(damaged: str):
    """It fails closed, without an error in the middle of a conversation."""
    assert not verify(PIN, damaged)


def test_parameters_are_read_from_the_hash():
    """So a hash outlives a change of them. The example of RFC 7914, section 12."""
    hashed = (
        "scrypt$1024$8$16$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG"
        "/xCSedmDDaxyevuUqD7m2DYMvfoswGQA=="
    )
    assert verify("password", hashed)
    assert not verify("passwort", hashed)


def test_three_tries_then_a_pause(clock: Clock):
    """And each pause is twice as long as the one before."""
    attempts = Attempts(clock)
    assert attempts.wait == 0
    for seconds in (60, 120, 240, 480):
        assert wrong(attempts, 5) == [True, True, True, False, False]
        assert attempts.wait == seconds
        clock.now += seconds - 0.5
        assert (attempts.wait, attempts.begin()) == (1, False)
        clock.now += 0.5
        assert attempts.wait == 0


def test_a_pause_ends(clock: Clock):
    """A day is the longest."""
    attempts = Attempts(clock)
    for _ in range(40):
        wrong(attempts, 3)
        clock.now += attempts.wait
    wrong(attempts, 3)
    assert attempts.wait == 24 * 3600


def test_the_right_pin_forgets_the_wrong_ones(clock: Clock):
    """Also those of the pauses before, and when the right one was the last that was left."""
    attempts = Attempts(clock)
    wrong(attempts, 3)
    clock.now += 60
    assert wrong(attempts, 3) == [True] * 3
    attempts.succeed()
    assert attempts.wait == 0
    assert wrong(attempts, 4) == [True, True, True, False]
    assert attempts.wait == 60


def test_many_at_once_are_no_more_than_three(clock: Clock):
    """A try counts before anybody knows whether it was right."""
    assert sum(wrong(Attempts(clock), 100)) == 3


@settings(max_examples=10, deadline=None)
@given(st.from_regex(r"[0-9]{4,10}", fullmatch=True), st.text(max_size=12))
def test_only_the_pin_itself(pin: str, other: str):
    """Whatever else is said is not it, also what cannot be encoded."""
    assert verify(other, hash_pin(pin)) == (other == pin)
