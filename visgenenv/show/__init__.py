"""One episode to look at: as text for a terminal, as a self-contained HTML page."""
