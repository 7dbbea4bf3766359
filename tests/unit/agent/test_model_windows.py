"""One window for all users of a model."""

import pytest

from custom_components.local_assist.agent.windows import SLACK_TOKENS, Windows, needed


@pytest.mark.parametrize(
    ("need", "window"),
    [
        (None, 4096),
        (1, 4096),
        (4096, 4096),
        (4097, 8192),
        (8193, 16384),
        (16385, 32768),
        (40_000, 65536),
    ],
)
def test_the_smallest_step_that_holds_the_need(need: int | None, window: int) -> None:
    """A need that is not known yet takes the smallest."""
    windows = Windows()
    windows.want("a", "m", need, explicit=None)
    assert windows.num_ctx("m", None) == window


def test_all_users_share_the_largest() -> None:
    """Whatever one of them asks for, with or without the tag the server adds."""
    windows = Windows()
    windows.want("a", "m", 3000, explicit=None)
    windows.want("b", "m:latest", 9000, explicit=None)
    windows.want("c", "other", 20_000, explicit=None)
    assert windows.num_ctx("m", None) == windows.num_ctx("m:latest", None) == 16384
    assert windows.num_ctx("other:latest", None) == 32768
    assert windows.num_ctx("nobody's", None) == 4096


def test_it_only_grows() -> None:
    """A house that lost a device is no reason to load the model anew."""
    windows = Windows()
    windows.want("a", "m", 5000, explicit=None)
    assert windows.num_ctx("m", None) == 8192
    windows.want("a", "m", 3000, explicit=None)
    assert windows.num_ctx("m", None) == 8192
    windows.want("a", "m", 9000, explicit=None)
    assert windows.num_ctx("m", None) == 16384


def test_a_little_more_is_no_reason_to_load_anew() -> None:
    """The history gives way; a model that is loaded first has room for all."""
    windows = Windows()
    windows.want("a", "m", 4000, explicit=None)
    assert windows.num_ctx("m", None) == 4096
    windows.want("a", "m", 4096 + SLACK_TOKENS, explicit=None)
    assert windows.num_ctx("m", None) == 4096
    windows.want("a", "m", 4096 + SLACK_TOKENS + 1, explicit=None)
    assert windows.num_ctx("m", None) == 8192
    fresh = Windows()
    fresh.want("a", "m", 4097, explicit=None)
    assert fresh.num_ctx("m", None) == 8192


def test_what_a_user_insists_on_wins() -> None:
    """The largest of what users insist on, smaller than the need too."""
    windows = Windows()
    windows.want("a", "m", 9000, explicit=None)
    assert windows.num_ctx("m", None) == 16384
    windows.want("b", "m", 9000, explicit=2048)
    windows.want("c", "m", None, explicit=6000)
    assert windows.num_ctx("m", None) == 6000
    windows.want("b", "m", None, explicit=None)
    windows.want("c", "m", None, explicit=None)
    assert windows.num_ctx("m", None) == 16384


def test_never_more_than_the_model_was_trained_for() -> None:
    """The server would not give more, and we would count on it."""
    windows = Windows()
    windows.want("a", "m", 50_000, explicit=None)
    assert windows.num_ctx("m", 8000) == 8000
    windows.want("a", "m", 50_000, explicit=100_000)
    assert windows.num_ctx("m", 32_768) == 32_768


def test_a_user_that_changes_its_model() -> None:
    """It no longer counts for the one before, except that a window does not shrink."""
    windows = Windows()
    windows.want("a", "m", 9000, explicit=12_000)
    windows.want("a", "n", 9000, explicit=None)
    assert windows.num_ctx("m", None) == 4096
    assert windows.num_ctx("n", None) == 16384


def test_a_name_with_a_port() -> None:
    """A colon in the registry's address is no tag."""
    windows = Windows()
    windows.want("a", "host:5000/me/m", 9000, explicit=None)
    assert windows.num_ctx("host:5000/me/m:latest", None) == 16384


def test_need() -> None:
    """More than the head and the reply: there is a context, and there was something before."""
    assert needed(2000, 500) > 2500 + 1000
