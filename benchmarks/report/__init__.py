"""The report of a run: one self-contained page with curves, tables and trajectories side by side."""
