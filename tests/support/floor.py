"""A small floor to work on: an organisation at ten in the morning, people who sign in, a file to load.

What an operator does by command is done by command; the people are made by the front door of `people`.
"""

from __future__ import annotations

import csv
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.clock import Clock
from app.db import Database
from app.people import service as people
from tests.support.people import PASSWORD, a_team, a_user, an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from playwright.async_api import Page

    from tests.support.house import House

ZONE = "Asia/Ho_Chi_Minh"
TEAM = "Đội Một"
CAMPAIGN = "Thẻ B3"
NAMES = (
    "Nguyễn Thị Thu Hà", "Trần Văn Đức", "Lê Minh Châu", "Phạm Quốc Bảo", "Hoàng Thị Lan",
    "Vũ Đình Khôi", "Đặng Ngọc Ánh", "Bùi Thanh Tùng", "Đỗ Thị Mai", "Ngô Gia Huy",
)  # fmt: skip
DPD = 45


@dataclass
class Floor:
    """The house and who is in it. `agent` and `supervisor` are names to sign in with."""

    house: House
    database: Database
    clock: Clock
    agent: str = "minh"
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

    def load_ten_people(self) -> None:
        """Import a CSV of ten people by command."""
        path = write_portfolio(self.house.folder / "ten.csv", self.clock)
        self.house.paceline("import", str(path))

    def start_campaign(self, name: str = CAMPAIGN, where: str = "dpd 10..60") -> None:
        """Create and start a campaign for the team by command."""
        self.house.paceline("campaign", "create", name, "--where", where, "--team", TEAM)
        self.house.paceline("campaign", "start", name)

    async def sign_in(self, page: Page, username: str) -> None:
        """Sign in as a person does."""
        await page.goto(f"{self.address}/login")
        await page.get_by_test_id("login-username").fill(username)
        await page.get_by_test_id("login-password").fill(PASSWORD)
        await page.get_by_test_id("login-submit").click()
        await page.wait_for_url("**/desk" if username == self.agent else "**/wall")

    async def all(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of the house's own database."""
        async with self.database.reading() as session:
            rows = await session.execute(text(sql), values)
            return [dict(row) for row in rows.mappings()]

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


def write_portfolio(path: Path, clock: Clock, names: tuple[str, ...] = NAMES) -> Path:
    """A portfolio file as a bank's system would write it: ten credit cards, 45 days overdue."""
    today = clock.today(ZONE)
    unpaid = (today - timedelta(days=DPD)).strftime("%d/%m/%Y")
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["cif", "customer_name", "phone", "account_no", "product", "currency", "outstanding",
             "overdue", "due_amount", "oldest_unpaid_on"]
        )  # fmt: skip
        for position, name in enumerate(names):
            rows.writerow(
                [f"00488{position:02d}", name, f"09123456{position:02d}", f"4417-{position:04d}",
                 "CREDIT_CARD", "VND", "38.900.000", "5.420.000", "5.420.000", unpaid]
            )  # fmt: skip
    return path


@asynccontextmanager
async def open_floor(house: House, offset_ms: int | None = None) -> AsyncIterator[Floor]:
    """Make the people, start the processes, and give the floor to work on."""
    clock = Clock(at_ten() if offset_ms is None else offset_ms)
    database = Database(house.database_url)
    floor = Floor(house, database, clock)
    await an_organisation(database, clock)
    async with database.writing() as session:
        (await people.organisation(session)).clock_offset_ms = clock.offset_ms
    team = await a_team(database, clock, TEAM)
    floor.users = {
        floor.agent: await a_user(database, clock, floor.agent, "AGENT", team_id=team),
        floor.supervisor: await a_user(database, clock, floor.supervisor, "SUPERVISOR"),
    }
    house.start("web", "dialer", "worker")
    try:
        yield floor
    finally:
        await database.close()
