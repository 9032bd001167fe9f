"""Versions of what shapes an episode; a change of any law, grammar or task bumps its string."""

VERSIONS: dict[str, str] = {"visgenenv": "0.1.0", "grammar": "1", "tools": "5", "tasks": "6", "success": "11"}
