"""A defect of ours is logged, told as `internal` without details, and ends one connection only."""

import pytest

from tests.loopback.serving import serving

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("how", ["bug-in-session", "bug-in-job", "timeout-in-job"])
async def test_a_defect_is_told_without_details(how: str, caplog: pytest.LogCaptureFixture):
    """The log has the traceback under the connection's name, the client a sentence."""
    async with serving() as running:
        client = await running.connect()
        client.send("fail", how=how)
        error = (await client.rest())[-1]
        assert error.type == "error"
        assert error.data["code"] == "internal"
        assert "secret" not in str(error.data)
        other = await running.connect()
        other.send("work", items=1)
        assert [(await other.read()).type, (await other.read()).type] == ["item", "done"]
    records = [record for record in caplog.records if record.exc_info]
    assert len(records) == 1
    assert records[0].getMessage().startswith("echo #1: ")
