"""Benchmarks: each module has a `run()` and can be started with `python -m bench.<name>`."""
