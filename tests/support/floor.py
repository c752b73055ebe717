"""A small floor to work on: an organisation at ten in the morning, people who sign in, a file to load.

What an operator does by command is done by command; the people are made by the front door of `people`.
"""

from __future__ import annotations

import asyncio
import csv
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.audit.service import SYSTEM
from app.campaigns import service as campaigns
from app.clock import Clock
from app.db import Database
from app.people import service as people
from tests.support.people import PASSWORD, a_team, a_user, an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from playwright.async_api import Page

    from tests.support.house import House

ZONE = "Asia/Ho_Chi_Minh"
TEAM = "Đội Một"
LEAD = "phuc"  # who leads the team, where he is hired
CAMPAIGN = "Thẻ B3"
NAMES = (
    "Nguyễn Thị Thu Hà", "Trần Văn Đức", "Lê Minh Châu", "Phạm Quốc Bảo", "Hoàng Thị Lan",
    "Vũ Đình Khôi", "Đặng Ngọc Ánh", "Bùi Thanh Tùng", "Đỗ Thị Mai", "Ngô Gia Huy",
)  # fmt: skip
DPD = 45
LEFT_BEHIND = {
    "calls without an end": (
        "SELECT id, state FROM calls WHERE ended_at IS NULL"
        " AND created_at < CAST(:now AS timestamptz) - interval '1 minute'"
    ),
    "customers locked for nothing": (
        "SELECT l.customer_id, l.call_id FROM customer_locks l"
        " WHERE CAST(:now AS timestamptz) IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM calls c WHERE c.id = l.call_id AND c.ended_at IS NULL)"
    ),
    "leads in flight for nothing": (
        "SELECT l.id FROM leads l WHERE l.state = 'IN_FLIGHT'"
        " AND CAST(:now AS timestamptz) IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM calls c WHERE c.lead_id = l.id AND c.ended_at IS NULL)"
    ),
    "agents with two calls": (
        "SELECT agent_id FROM calls WHERE ended_at IS NULL AND agent_id IS NOT NULL"
        " AND CAST(:now AS timestamptz) IS NOT NULL GROUP BY agent_id HAVING count(*) > 1"
    ),
}
GOING_ON = {
    "campaigns": "SELECT name, state FROM campaigns",
    "calls": "SELECT state, agent_id, created_at, cause FROM calls ORDER BY created_at DESC LIMIT 5",
    "agents": (
        "SELECT DISTINCT ON (agent_id) agent_id, status, state, link, at FROM agent_state_changes"
        " ORDER BY agent_id, at DESC"
    ),
}


@dataclass
class Floor:
    """The house and who is in it. `agent` and `supervisor` are names to sign in with."""

    house: House
    database: Database
    clock: Clock
    agent: str = "minh"
    colleague: str = "lan"
    supervisor: str = "linh"
    users: dict[str, UUID] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """The customers' names in lower case."""
        return {name.lower() for name in NAMES}

    @property
    def address(self) -> str:
        """Where the browser goes."""
        return self.house.address

    def load_people(self, count: int = len(NAMES), names: Sequence[str] = NAMES) -> None:
        """Import a CSV of so many people by command, who bear these names in turn."""
        path = write_portfolio(self.house.folder / f"{count}.csv", self.clock, count, names)
        self.house.paceline("import", str(path))

    async def hire(self, *names: str, role: str = "AGENT", team: str | None = TEAM) -> None:
        """Let these people work here too, in a team that is made when there is none of its name."""
        make = self.database, self.clock
        team_id = None if team is None else await a_team(*make, team)
        for name in names:
            self.users[name] = await a_user(*make, name, role, team_id=team_id)

    async def open_crowd(self, count: int) -> None:
        """Let so many bots sign in, who work as agents of the team do."""
        names = [f"bot{number:02d}" for number in range(count)]
        await self.hire(*names)
        credentials = self.house.folder / "bots.json"
        people_in = [{"username": name, "password": PASSWORD} for name in names]
        credentials.write_text(json.dumps(people_in), encoding="utf-8")
        arguments = ("--url", self.address, "--credentials", str(credentials), "--bots", str(count))
        patient = self.house.environ["PACELINE_CARRIER_PROFILE"] == "patient"
        manner = "patient" if patient else "brisk"
        self.house.start("floor", arguments=(*arguments, "--profile", manner))

    async def until(
        self, sql: str, *, seconds: float = 60.0, **values: Any
    ) -> list[dict[str, Any]]:
        """Rows of a query as soon as there are any. Raises `TimeoutError` naming the query."""
        for _ in range(int(seconds * 10)):
            if found := await self.all(sql, **values):
                return found
            await asyncio.sleep(0.1)
        raise TimeoutError(f"no row within {seconds:g} s: {sql}")

    def start_campaign(self, name: str = CAMPAIGN, where: str = "dpd 10..60") -> None:
        """Create and start a campaign for the team by command."""
        self.house.paceline("campaign", "create", name, "--where", where, "--team", TEAM)
        self.house.paceline("campaign", "start", name)

    async def open_campaign(
        self, name: str = CAMPAIGN, where: str = "dpd 10..60", team: str = TEAM, **settings: object
    ) -> None:
        """Create a campaign by command, set what is named, and start it."""
        self.house.paceline("campaign", "create", name, "--where", where, "--team", team)
        await self.change_settings(name, **settings)
        self.house.paceline("campaign", "start", name)

    async def limit_lines(self, lines: int, name: str = CAMPAIGN) -> None:
        """Let a campaign have so many lines at once. The dialer reads it at its next start or pause."""
        await self.change_settings(name, lines=lines)

    async def change_settings(self, name: str, **settings: object) -> None:
        """Change a campaign's settings. The dialer reads them at its next start or pause."""
        async with self.database.writing() as session:
            campaign = await campaigns.find_by_name(session, name)
            await campaigns.change_settings(
                session, campaign.id, settings, SYSTEM, self.clock.now()
            )

    async def sign_in(self, page: Page, username: str) -> None:
        """Sign in as a person does."""
        await page.goto(f"{self.address}/login")
        await page.get_by_test_id("login-username").fill(username)
        await page.get_by_test_id("login-password").fill(PASSWORD)
        await page.get_by_test_id("login-submit").click()
        await page.wait_for_url(re.compile("/(desk|wall)$"))

    async def all(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of the house's own database."""
        async with self.database.reading() as session:
            rows = await session.execute(text(sql), values)
            return [dict(row) for row in rows.mappings()]

    async def run(self, sql: str, **values: Any) -> None:
        """Change the house's own database, where a test stands in for time or for an operator."""
        async with self.database.writing() as session:
            await session.execute(text(sql), values)

    async def nothing_left(self, *, seconds: float = 90.0) -> None:
        """Wait until a fault has left nothing behind. Raises `AssertionError` naming what stays.

        Calls may still be going on, and end; what counts is what no call stands behind.
        """
        left: dict[str, list[dict[str, Any]]] = {}
        for _ in range(int(seconds * 2)):
            now = self.clock.now()
            found = {name: await self.all(sql, now=now) for name, sql in LEFT_BEHIND.items()}
            left = {name: rows for name, rows in found.items() if rows}
            if not left:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"left behind after {seconds:g} s: {left}")

    async def nobody_called(self, name: str = CAMPAIGN) -> None:
        """Pause a campaign, and wait until what was on its way has ended."""
        self.house.paceline("campaign", "pause", name, check=False)  # or it is already
        await self.until("SELECT 1 WHERE NOT EXISTS (SELECT FROM calls WHERE ended_at IS NULL)")

    async def account(self) -> str:
        """What goes on in the house, for a test that waited in vain."""
        told = {name: await self.all(sql) for name, sql in GOING_ON.items()}
        logs = {name: self.house.log(name).read_text()[-600:] for name in self.house.running}
        return f"at {self.clock.now()}: {told}, logs {logs}"

    async def one(self, sql: str, **values: Any) -> dict[str, Any]:
        """The only row of an answer."""
        (row,) = await self.all(sql, **values)
        return row


def at_ten() -> int:
    """The offset in ms that makes the business clock say ten o'clock of the next working morning."""
    now = datetime.now(UTC)
    morning = datetime.combine(now.astimezone(ZoneInfo(ZONE)).date(), time(10), ZoneInfo(ZONE))
    while morning.weekday() > 4:  # the weekend is no working day
        morning += timedelta(days=1)
    return int((morning - now).total_seconds() * 1000)


def write_portfolio(
    path: Path, clock: Clock, count: int = len(NAMES), names: Sequence[str] = NAMES
) -> Path:
    """A portfolio file as a bank's system would write it: credit cards, 45 days overdue."""
    today = clock.today(ZONE)
    unpaid = (today - timedelta(days=DPD)).strftime("%d/%m/%Y")
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["cif", "customer_name", "phone", "account_no", "product", "currency", "outstanding",
             "overdue", "due_amount", "oldest_unpaid_on"]
        )  # fmt: skip
        for position in range(count):
            name = names[position % len(names)]
            rows.writerow(
                [f"0048{position:05d}", name, f"0912{position:06d}", f"4417-{position:06d}",
                 "CREDIT_CARD", "VND", "38.900.000", "5.420.000", "5.420.000", unpaid]
            )  # fmt: skip
    return path


@asynccontextmanager
async def open_floor(
    house: House,
    offset_ms: int | None = None,
    *,
    start: tuple[str, ...] = ("web", "dialer", "worker"),
) -> AsyncIterator[Floor]:
    """Make the people, start the processes, and give the floor to work on."""
    clock = Clock(at_ten() if offset_ms is None else offset_ms)
    database = Database(house.database_url)
    floor = Floor(house, database, clock)
    await an_organisation(database, clock)
    async with database.writing() as session:
        (await people.organisation(session)).clock_offset_ms = clock.offset_ms
    await floor.hire(floor.agent, floor.colleague)
    await floor.hire(floor.supervisor, role="SUPERVISOR", team=None)
    house.start(*start)
    try:
        yield floor
    finally:
        await database.close()
