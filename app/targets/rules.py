"""Targets of a day: which figures have one, the house's defaults, and which of several holds. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

NOBODY: Final = UUID(int=0)  # the subject of a target for the whole organisation


class Metric(StrEnum):
    """Figures of a day that can have a target; all but OCCUPANCY and WRAP_UP count up to it."""

    CALLS = "CALLS"
    CONTACTS = "CONTACTS"  # right people spoken to
    PROMISES = "PROMISES"
    PROMISED = "PROMISED"  # minor units of the organisation's currency
    COLLECTED = "COLLECTED"  # minor units of the organisation's currency
    OCCUPANCY = "OCCUPANCY"  # per cent of the time signed in without breaks
    WRAP_UP = "WRAP_UP"  # seconds on average, at most


class Reach(StrEnum):
    """Whom a target is for, the nearest last: it holds before the wider ones."""

    ORGANISATION = "ORGANISATION"
    TEAM = "TEAM"
    AGENT = "AGENT"


DEFAULTS: Final[Mapping[Metric, int]] = MappingProxyType(
    {
        Metric.CALLS: 120,
        Metric.CONTACTS: 35,
        Metric.PROMISES: 10,
        Metric.OCCUPANCY: 80,
        Metric.WRAP_UP: 20,
    }
)
"""Own policy, for a shift of eight hours; money has no default."""

MOST: Final[Mapping[Metric, int]] = MappingProxyType({Metric.OCCUPANCY: 100, Metric.WRAP_UP: 600})
_NEARNESS: Final = {reach: place for place, reach in enumerate(Reach)}


@dataclass(frozen=True, slots=True)
class Target:
    """One target. `subject` is a team or a user, `NOBODY` for the organisation; `value` 0 means none."""

    reach: Reach
    subject: UUID
    metric: Metric
    value: int


def targets_for(targets: Iterable[Target], user: UUID, team: UUID | None) -> dict[Metric, int]:
    """What holds for one agent: his own target before his team's, before the organisation's, before ours."""
    subjects = {Reach.ORGANISATION: NOBODY, Reach.TEAM: team, Reach.AGENT: user}
    mine = [each for each in targets if subjects[each.reach] == each.subject]
    found = dict(DEFAULTS)
    for each in sorted(mine, key=lambda target: _NEARNESS[target.reach]):
        found[each.metric] = each.value
    return {metric: value for metric, value in found.items() if value > 0}
