"""What a log line may hold."""

import logging
import sys

from wyoming_services.cli.logs import OneLineFormatter


def test_a_message_is_one_printable_line():
    """Whatever a peer put into it."""
    record = logging.makeLogRecord(
        {"levelname": "INFO", "msg": "said %s", "args": ("a\nERROR b\x1b[31m" + "x" * 5000,)}
    )
    line = OneLineFormatter("%(levelname)s %(message)s").format(record)
    assert line.startswith("INFO said a ERROR b [31mxxx")
    assert line.isprintable()
    assert len(line) < 3000


def test_a_traceback_stays_readable():
    """It is ours."""
    try:
        raise ValueError("no")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    assert OneLineFormatter("%(message)s").format(record).count("\n") > 2
