"""Benchmarks of Local Assist, each beside what people run today: see docs/performance.md."""
