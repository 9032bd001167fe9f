"""Reinforcement learning in the environment, one file an engine; none holds maths of its own."""
