"""Tests are the same on every run and every machine: Hypothesis draws from a fixed seed and holds no deadline."""

from hypothesis import settings

settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")
