"""Hashes of known episodes: a law, a grammar or a task that changes shows here, and wants its version raised."""

import json
import os
from pathlib import Path

from policies.expert import Expert
from policies.random import RandomPolicy
from visgenenv.episodes import rollout
from visgenenv.versions import VERSIONS

GOLDEN = Path(__file__).parent / "golden.json"
LAWS = ("grammar", "tools", "tasks")


def hashes() -> dict[str, str]:
    played = [
        *rollout(Expert(), 84, seed=0, system_prompt="none"),
        *rollout(Expert(), 42, seed=84, faults="severe", system_prompt="none"),
        *rollout(RandomPolicy(3), 20, seed=300, faults="severe", max_turns=5, system_prompt="none"),
    ]
    return {f"{number}:{episode.task.id}": episode.hash for number, episode in enumerate(played)}


def test_known_episodes_have_the_hashes_they_had() -> None:
    found = {"versions": {name: VERSIONS[name] for name in LAWS}, "hashes": hashes()}
    if os.environ.get("VISGEN_UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    kept = json.loads(GOLDEN.read_text())
    advice = "raise what changed in visgenenv/versions.py, then run this test with VISGEN_UPDATE_GOLDEN=1"
    changed = [name for name, value in found["hashes"].items() if kept["hashes"].get(name) != value]
    if kept["versions"] == found["versions"]:
        assert not changed, f"{len(changed)} episodes come out otherwise, {changed[0]} first, and no version says so: {advice}"
    assert kept == found, f"versions were {kept['versions']} and are {found['versions']}: run this test with VISGEN_UPDATE_GOLDEN=1"
