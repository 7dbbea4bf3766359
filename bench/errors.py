"""What can keep a benchmark from being run."""


class BenchError(Exception):
    """A benchmark cannot go on; the text says why, and what to do."""
