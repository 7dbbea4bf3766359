"""What a player hears of speech that comes bit by bit."""

import pytest

from bench.tts.listen import Spoken, gaps


def test_speech_that_comes_in_time_has_no_gap():
    """At the last moment is in time."""
    assert gaps([(10.0, 0.2), (10.2, 0.3), (10.3, 0.1), (10.6, 0.1)]) == 0
    assert gaps([]) == 0


def test_every_time_the_player_runs_dry_is_a_gap():
    """It waits then, so a late chunk does not make the next one late, too."""
    assert gaps([(10.0, 0.2), (10.3, 0.2), (10.5, 0.2), (10.8, 0.2)]) == 2
    assert gaps([(10.0, 0.2), (11.0, 0.2), (11.2, 0.2)]) == 1


def test_times_count_from_the_request():
    """To the first and to the last chunk."""
    spoken = Spoken("Hello.", asked=9.0, chunks=[(9.1, 0.2), (9.2, 0.3)])
    assert spoken.first_audio == pytest.approx(0.1)
    assert spoken.took == pytest.approx(0.2)
    assert spoken.seconds == pytest.approx(0.5)
    assert not spoken.failed
    assert Spoken("Hello.").failed
    assert Spoken("Hello.", chunks=[(9.1, 0.2)], error="internal").failed
