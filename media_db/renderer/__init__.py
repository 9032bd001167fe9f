"""Draws images, animates videos and plays sounds: seeded, procedural, and tagged with what they show."""
