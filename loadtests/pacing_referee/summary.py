"""Days condensed to a row for each scenario and policy, and the table of them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from loadtests.pacing_referee.contest import CLAIRVOYANT, PREFIX, PROGRESSIVE, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

MEANS = (
    "occupancy",
    "talk_utilisation",
    "talk_min_per_hour",
    "idle_mean_s",
    "idle_p90_s",
    "calls_per_agent_hour",
    "dials_per_connect",
    "score",
    "wall_s",
)
SUMS = ("cancelled_short_ring", "cancelled", "rejected_dials")


def aggregate(days: Sequence[Row]) -> list[dict[str, Any]]:
    """Means over the seeds of each scenario and policy, with pooled abandonment and the skill score.

    ``skill`` places occupancy between progressive's (0) and the clairvoyant's (1) on the same days,
    times the compliance; None unless both were run.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for day in days:
        groups.setdefault((day["scenario"], day["policy"]), []).append(day)
    rows = {key: _condensed(group) for key, group in groups.items()}
    for (scenario, _), row in rows.items():
        row["skill"] = _skill(
            row, rows.get((scenario, PROGRESSIVE)), rows.get((scenario, CLAIRVOYANT))
        )
    return list(rows.values())


def _condensed(days: Sequence[Row]) -> dict[str, Any]:
    first, count = days[0], len(days)
    live = sum(day["live"] for day in days)
    return {
        "scenario": first["scenario"],
        "policy": first["policy"],
        "agents": first["agents"],
        "limit": first["abandon_limit"],
        "seeds": count,
        **{name: sum(day[name] for day in days) / count for name in MEANS},
        "abandon_rate": sum(day["abandoned"] for day in days) / max(1, live),
        "max_abandon_rate": max(day["effective_abandon_rate"] for day in days),
        "days_over": sum(day["effective_abandon_rate"] > day["abandon_limit"] for day in days),
        "worst_1h": max(day["worst_abandon"]["1h"] for day in days),
        **{name: sum(day[name] for day in days) for name in SUMS},
        "min_score": min(day["score"] for day in days),
        "skill": None,
    }


def _skill(row: Row, low: Row | None, high: Row | None) -> float | None:
    if not low or not high or high["occupancy"] <= low["occupancy"]:
        return None
    compliance = row["score"] / (100.0 * row["occupancy"]) if row["occupancy"] else 0.0
    gained = (row["occupancy"] - low["occupancy"]) / (high["occupancy"] - low["occupancy"])
    return float(compliance * gained)


def overall(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Mean score and skill over the scenarios, for each policy."""
    totals: dict[str, dict[str, float]] = {}
    for policy in dict.fromkeys(row["policy"] for row in rows):
        mine = [row for row in rows if row["policy"] == policy]
        skills = [row["skill"] for row in mine if row["skill"] is not None]
        totals[policy] = {
            "score": sum(row["score"] for row in mine) / len(mine),
            "skill": sum(skills) / len(skills) if skills else float("nan"),
            "days_over": sum(row["days_over"] for row in mine),
            "days": sum(row["seeds"] for row in mine),
        }
    return totals


def _name(policy: str) -> str:
    return policy.removeprefix(PREFIX)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Fixed-width table of condensed days, one block a scenario."""
    wide = max((len(_name(row["policy"])) for row in rows), default=0) + 2
    head = (
        f"{'scenario':<16}{'policy':<{wide}}{'N':>4}{'occ%':>7}{'talk/h':>8}{'idle':>7}{'p90':>7}"
        f"{'aband%':>8}{'max%':>7}{'over':>6}{'w1h%':>7}{'c/a/h':>7}{'dials':>7}{'score':>7}{'skill':>7}"
    )
    lines = [head, "-" * len(head)]
    for at, (_, block) in enumerate(groupby(rows, key=lambda row: row["scenario"])):
        lines += [""] * bool(at)
        lines += [_line(row, wide) for row in block]
    return "\n".join(lines)


def _line(row: dict[str, Any], wide: int) -> str:
    skill = "-" if row["skill"] is None else f"{row['skill']:.3f}"
    return (
        f"{row['scenario']:<16}{_name(row['policy']):<{wide}}{row['agents']:>4}"
        f"{100 * row['occupancy']:>7.1f}{row['talk_min_per_hour']:>8.1f}{row['idle_mean_s']:>7.1f}"
        f"{row['idle_p90_s']:>7.1f}{100 * row['abandon_rate']:>8.2f}{100 * row['max_abandon_rate']:>7.2f}"
        f"{row['days_over']:>3}/{row['seeds']:<2}{100 * row['worst_1h']:>7.1f}"
        f"{row['calls_per_agent_hour']:>7.1f}{row['dials_per_connect']:>7.1f}{row['score']:>7.1f}{skill:>7}"
    )


def totals_table(totals: dict[str, dict[str, float]]) -> str:
    """One line a policy: mean score, mean skill, days over the limit."""
    wide = max(map(len, map(_name, totals)), default=0)
    return "\n".join(
        f"{_name(policy):<{wide}}  mean score {of['score']:6.1f}   mean skill {of['skill']:6.3f}   "
        f"days over the limit {of['days_over']:.0f}/{of['days']:.0f}"
        for policy, of in totals.items()
    )
