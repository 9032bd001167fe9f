"""Sounds, synthesised: music at a known tempo, ambience, effects. There is no speech: it is not faked."""
