"""Measures. Each module here is a command of its own: `python -m benchmarks.<name>`."""
