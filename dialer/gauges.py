"""What the room tells its operators, beside what it tells the wall: figures of the process, each second.

What each means, and what to do about it, is in docs/operations.md.
"""

from collections.abc import Callable, Collection, Hashable
from typing import TypeVar
from uuid import UUID

from dialer.core.effort import Effort
from dialer.core.figures import agent_counts
from dialer.core.floor import Floor
from dialer.tools import Tools

Key = TypeVar("Key", bound=Hashable)
CARRIER = "CARRIER"
STORES = ("JOURNAL", "LEASE", "REDIS")  # what may not answer beside it


class Gauges:
    """The figures of one engine. `held_until` tells until when (ms) its lease runs."""

    def __init__(
        self, floor: Floor, tools: Tools, fence: int, held_until: Callable[[], int]
    ) -> None:
        self._floor = floor
        self._tools = tools
        self._held_until = held_until
        self._ticked_s = tools.clock.monotonic()
        self._missed: dict[UUID, int] = {}  # as counted last, by campaign
        self._late: dict[UUID, int] = {}
        self._refused: dict[tuple[UUID, str], int] = {}
        metrics = tools.metrics
        metrics.dialer_fence.set(fence)
        # Asked at each scrape, which a thread of its own answers: a loop that hangs still shows its age.
        metrics.dialer_tick_age.set_function(self._age_s)
        metrics.dialer_in_force.set_function(self._in_force)

    def ticked(self, late_ms: int) -> None:
        """The room was turned; `late_ms`: how long its oldest event had waited."""
        self._ticked_s = self._tools.clock.monotonic()
        self._tools.metrics.dialer_late_seconds.observe(late_ms / 1000)

    def count(self, lost: Collection[str], unwritten: int, carrier_up: bool) -> None:  # noqa: FBT001 - told by its name at the one place that calls
        """Bring everything up to date. `lost`: stores that cannot be vouched for; `unwritten`: records."""
        metrics = self._tools.metrics
        metrics.journal_waiting.set(unwritten)
        for store in STORES:
            metrics.dialer_lost.labels(store).set(store in lost)
        metrics.dialer_lost.labels(CARRIER).set(not carrier_up)
        for group, count in agent_counts(self._floor.room.agents.values()).items():
            metrics.agents.labels(group).set(count)
        flying = self._floor.in_flight()
        for campaign_id, effort in self._floor.room.efforts.items():
            metrics.lines.labels(str(campaign_id)).set(flying[campaign_id])
            self._count_day(campaign_id, effort)
            self._count_pops(campaign_id, effort)
            self._count_refusals(campaign_id, effort)

    def _count_day(self, campaign_id: UUID, effort: Effort) -> None:
        metrics, campaign = self._tools.metrics, str(campaign_id)
        metrics.answered_today.labels(campaign).set(effort.day.answered)
        metrics.abandoned_today.labels(campaign).set(effort.day.abandoned)
        limit = effort.campaign.limits.abandon_limit_pct
        metrics.abandoned_limit_ratio.labels(campaign).set((limit or 100) / 100)

    def _count_pops(self, campaign_id: UUID, effort: Effort) -> None:
        metrics, campaign = self._tools.metrics, str(campaign_id)
        missed, late = effort.pops.missed, effort.pops.late
        metrics.pop_unacknowledged.labels(campaign).inc(_more(missed, self._missed, campaign_id))
        metrics.pops_late.labels(campaign).inc(_more(late, self._late, campaign_id))

    def _count_refusals(self, campaign_id: UUID, effort: Effort) -> None:
        known = {rule for campaign, rule in self._refused if campaign == campaign_id}
        for rule in known | effort.refused.keys():  # at midnight they begin again from nothing
            grown = _more(effort.refused[rule], self._refused, (campaign_id, rule))
            self._tools.metrics.refused_dials.labels(rule).inc(grown)

    def _age_s(self) -> float:
        return self._tools.clock.monotonic() - self._ticked_s

    def _in_force(self) -> float:
        return float(self._tools.clock.now_ms() < self._held_until())


def _more(now: int, known: dict[Key, int], key: Key) -> int:
    """How much a count has grown since last time; what starts again from nothing at midnight has not."""
    grown = max(0, now - known.get(key, 0))
    known[key] = now
    return grown
