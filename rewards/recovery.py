"""What failed in an episode and what came of it: how many failures were met, repaired, given up, and what they cost."""

from __future__ import annotations

from rewards.fine.tool import unrepaired
from rewards.record import Record
from visgenenv.types import ENVIRONMENT_FAULTS, Trajectory, Wire

_MET = ENVIRONMENT_FAULTS | {"content_policy"}


class Recovery(Wire, frozen=True, kw_only=True):
    """Failures of one episode."""

    met: int
    """Calls that failed through the environment: seeded faults and refusals of the content policy."""
    own: int
    """Calls that failed through the policy: unknown tools, wrong arguments, foreign handles, the quota."""
    repaired: int
    """Of both, those made good by a later call of the same purpose, or dropped by a revised plan."""
    given_up: int
    """Those still open at the end; `met + own == repaired + given_up`."""
    seconds: float
    """Virtual seconds that failed calls took."""
    silently_wrong: int
    """Assets that were not what their response said."""
    silently_delivered: int
    """Those of them that a deliverable is, or was made from."""


def recovery(trajectory: Trajectory) -> Recovery:
    """How an episode dealt with failures, by the rule of the reward's *tool* component."""
    failed = [call for call in trajectory.calls if call.fault is not None]
    met = sum(1 for call in failed if call.fault is not None and call.fault.code in _MET)
    record = Record(trajectory)
    open_still = sum(unrepaired(record).values())
    wrong = {asset.handle for asset in trajectory.assets if asset.claims}
    delivered = set().union(*(record.lineage(asset.handle) for asset in record.delivered))
    return Recovery(
        met=met,
        own=len(failed) - met,
        repaired=len(failed) - open_still,
        given_up=open_still,
        seconds=sum(call.latency_ms for call in failed) / 1000,
        silently_wrong=len(wrong),
        silently_delivered=len(wrong & delivered),
    )
