"""What fills pages: notes on customers that wait for a decision, and a trail of who was called and who not."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.compliance.profiles import VN, Rule

if TYPE_CHECKING:
    from tests.support.floor import Floor

# A dispute that is open while nothing holds the customer: somebody lifted the hold to talk about it.
_TREATED = """
UPDATE customers SET special_handling = '{VIP}', handling_instruction = 'Gọi bằng chức danh.',
  preference = jsonb_build_object('channel', 'ZALO', 'band', '18-20', 'avoid', ARRAY['7-8'])
  WHERE cif IN (SELECT cif FROM customers ORDER BY cif LIMIT :most);
INSERT INTO customer_statuses (id, customer_id, type, since, source, user_id)
  SELECT gen_random_uuid(), id, 'HOSTILE', CAST(:now AS timestamptz), 'OUTCOME', :lan FROM customers
  ORDER BY cif LIMIT :most;
INSERT INTO hardships (id, customer_id, since, reason, review_on, noted_at, source, user_id)
  SELECT gen_random_uuid(), id, CAST(CAST(:now AS timestamptz) AS date) - 40, 'Mất việc từ tháng 10',
  CAST(CAST(:now AS timestamptz) AS date) + 5, CAST(:now AS timestamptz), 'OUTCOME', :lan FROM customers
  ORDER BY cif LIMIT :most;
INSERT INTO disputes (id, customer_id, kind, text, opened_at, due_on, source, user_id)
  SELECT gen_random_uuid(), id, 'AMOUNT', 'Phí phạt sai', CAST(:now AS timestamptz),
  CAST(CAST(:now AS timestamptz) AS date) + 10, 'OUTCOME', :lan FROM customers
  ORDER BY cif LIMIT :most
"""

_ASKED = """
INSERT INTO attempts (id, at, business_on, customer_id, phone_id, campaign_id, allowed, rule, source, until,
  result) SELECT gen_random_uuid(), :at, CAST(:at AS timestamptz)::date, c.id, p.id, l.campaign_id, :allowed,
  :rule, :source, :until, :result FROM customers c JOIN phones p ON p.customer_id = c.id
  JOIN leads l ON l.customer_id = c.id WHERE c.cif = :cif LIMIT 1
"""


_TAKEN_BACK = """
INSERT INTO what_ifs (id, campaign_id, business_on, asked, own, seeds, state, asked_by, asked_at, ended_at)
  SELECT gen_random_uuid(), id, CAST(CAST(:now AS timestamptz) AS date) - 1, CAST(:settings AS jsonb),
  CAST(:settings AS jsonb), 5, 'CANCELLED', :who, :now, :now FROM campaigns WHERE state <> 'PAUSED' LIMIT 1
"""
_PLANNED = """
INSERT INTO shifts (user_id, day, starts_at, ends_at, breaks)
  SELECT u.id, CAST(d AS date), d + interval '1 hour', d + interval '10 hours', jsonb_build_array(
    jsonb_build_array(d + interval '5 hours', d + interval '6 hours'))
  FROM users u, generate_series(CAST(CAST(:now AS timestamptz) AS date) - 3,
    CAST(CAST(:now AS timestamptz) AS date) + 3, interval '1 day') d
  WHERE u.roles = '{AGENT}' AND extract(isodow FROM d) < 7 AND u.username <> 'nguoi03'
"""
_SETTINGS = {
    "mode": "PREDICTIVE", "abandon_target_pct": 2.0, "abandon_limit_pct": 3.0, "ratio_ceiling": 3.0, "lines": 20,
}  # fmt: skip


_TESTED = """
INSERT INTO load_runs (id, asked, state, asked_by, asked_at, begun_at, ended_at, live, outcome, held, fault)
  SELECT gen_random_uuid(), CAST(:asked AS jsonb), :state, :who, CAST(:now AS timestamptz), :now, :now,
  CAST(:live AS jsonb), CAST(:outcome AS jsonb), :held, :fault
"""
_TIMES = {"50%": 8.0, "95%": 17.0, "99%": 930.0, "100%": 2100.0}
_LIVE = {
    "stage": "WORKING", "passed_s": 24.0, "of_s": 60.0, "redis_ops_s": 1830,
    "server": {"coalesced": 12, "held": 3, "cut_off": 1},
    "processes": [{"name": name, "cpu_pct": 31, "rss_mib": 118} for name in ("dialer", "web", "worker")],
    "clients": {
        "sockets": 2198, "wanted": 2200, "frames_s": 640, "histogram": [120, 44, 9, 3, 1, 0, 2, 1, 1, 0],
        "timed": {name: {"n": 181, **_TIMES} for name in ("assigned to received", "deed to card")},
    },
}  # fmt: skip
_OUTCOME = {
    "seconds": 60.1,
    "processes": {"web": {"cpu_s": 18.4, "rss_mib": 120, "pss_mib": None}},
    "by_locust": {
        name: {"n": 181, "failed": 0, **_TIMES}
        for name in ("/desk/ready", "assigned to received", "back", "computed to received", "Aggregated")
    },
    "verdicts": [
        {"code": code, "seen": seen, "held": held, "target": code, "most": most}
        for code, seen, held, most in (
            ("accounts", "2200 / 2200", True, "2200"),
            ("pops_lost", "0", True, "0"),
            ("pop_95", "17 ms", True, "1000 ms"),
            ("pop_max", "2100 ms", False, "2000 ms"),
            ("memory", "1.02", True, "web 1.2"),
        )
    ],
}  # fmt: skip


async def plant_load_tests(floor: Floor) -> None:
    """One load test that failed its limits, one that broke off, and one under way."""
    rows: tuple[tuple[str, Any, bool | None, str | None], ...] = (
        ("DONE", _OUTCOME, False, None),
        ("FAILED", None, None, "dialer ended by itself"),
        ("RUNNING", None, None, None),
    )
    for place, (state, outcome, held, fault) in enumerate(rows):
        await floor.run(
            _TESTED, state=state, held=held, fault=fault, who=floor.users[floor.supervisor],
            now=floor.clock.now() + timedelta(seconds=place), live=json.dumps(_LIVE),
            outcome=None if outcome is None else json.dumps(outcome),
            asked=json.dumps({"scenario": "floor", "agents": 2000, "storm_pct": 50}),
        )  # fmt: skip


async def furnish(floor: Floor) -> None:
    """Something to show on every page: people of every kind, customers, two campaigns, notes, a trail."""
    floor.load_people(60)
    await floor.open_campaign()
    await floor.open_campaign("Vay tiêu dùng 1–90 ngày", "dpd 1..90")
    floor.house.paceline("campaign", "pause", "Vay tiêu dùng 1–90 ngày")
    await treat(floor, 6)
    await write_a_trail(floor, await a_cif(floor))
    await floor.run(
        _TAKEN_BACK,
        now=floor.clock.now(),
        who=floor.users[floor.supervisor],
        settings=json.dumps(_SETTINGS),
    )
    await floor.hire(*(f"nguoi{number:02d}" for number in range(24)))
    await floor.run(_PLANNED, now=floor.clock.now())
    await plant_load_tests(floor)


async def treat(floor: Floor, most: int = 1000) -> None:
    """Note everything about `most` customers: status, hardship, dispute, wishes, special handling."""
    values = {"most": most, "now": floor.clock.now(), "lan": floor.users[floor.colleague]}
    for statement in _TREATED.split(";"):
        named = {name: each for name, each in values.items() if f":{name}" in statement}
        await floor.run(statement, **named)


async def write_a_trail(floor: Floor, cif: str) -> None:
    """Yesterday's: one call that nobody took, and one refusal in the evening."""
    tried = floor.clock.now() - timedelta(hours=20)
    rows: list[dict[str, Any]] = [
        {
            "at": tried, "allowed": True, "rule": None, "source": None, "until": None,
            "result": "NO_ANSWER",
        },
        {
            "at": tried + timedelta(hours=8), "allowed": False, "rule": "OUT_OF_WINDOW",
            "source": VN.source(Rule.OUT_OF_WINDOW), "until": tried + timedelta(hours=18),
            "result": None,
        },
    ]  # fmt: skip
    for row in rows:
        await floor.run(_ASKED, cif=cif, **row)


async def a_cif(floor: Floor) -> str:
    """The number of the first customer who is in a campaign."""
    row = await floor.one(
        "SELECT c.cif FROM customers c JOIN leads l ON l.customer_id = c.id ORDER BY c.cif LIMIT 1"
    )
    return str(row["cif"])
