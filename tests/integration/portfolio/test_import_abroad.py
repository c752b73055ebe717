"""A portfolio of another country: its numbers are dialable there, and customers live where they are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.integration.portfolio.conftest import HEADER, a_row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.portfolio.conftest import Desk

pytestmark = pytest.mark.req("S0d-008")


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def at_home(desk: Desk) -> AsyncIterator[None]:
    """The house is Vietnamese again after each test."""
    yield
    await under(desk, "VN", "Asia/Ho_Chi_Minh")


async def under(desk: Desk, profile: str, zone: str) -> None:
    await desk.run(
        "UPDATE organisations SET legal_profile = :profile, timezone = :zone",
        profile=profile,
        zone=zone,
    )


async def told(desk: Desk) -> list[tuple[str, bool, str]]:
    rows = await desk.all(
        "SELECT p.number, p.dialable, c.timezone FROM phones p JOIN customers c ON c.id = p.customer_id"
        " ORDER BY c.cif, p.number"
    )
    return [(row["number"], row["dialable"], row["timezone"]) for row in rows]


async def test_american_numbers_are_dialable_under_us_and_tell_where_people_live(
    desk: Desk,
) -> None:
    await under(desk, "US", "America/New_York")
    rows = [
        a_row(cif="K1", account_no="A1", phone_1="(213) 555-0100"),
        a_row(cif="K2", account_no="A2", phone_1="+1 850 555 0100"),  # Florida's two zones
        a_row(cif="K3", account_no="A3", phone_1="+84 912 345 678"),
    ]
    await desk.load(rows)
    assert await told(desk) == [
        ("+12135550100", True, "America/Los_Angeles"),
        ("+18505550100", True, "America/New_York"),
        ("+84912345678", False, "America/New_York"),
    ]


async def test_a_zone_that_the_file_tells_counts_more_than_the_number(desk: Desk) -> None:
    await under(desk, "US", "America/New_York")
    header = (*HEADER, "Time zone")
    await desk.load([[*a_row(phone_1="2135550100"), "america/chicago"]], header)
    assert await told(desk) == [("+12135550100", True, "America/Chicago")]
    report = await desk.load([[*a_row(phone_1="2135550100"), "Chicago"]], header)
    (row,) = desk.rejected(report.rejected_path)
    assert row["rejected_field"] == "timezone"


async def test_british_numbers_are_dialable_under_uk(desk: Desk) -> None:
    await under(desk, "UK", "Europe/London")
    await desk.load([a_row(phone_1="07700 900123 / 020 7946 0958")])
    assert await told(desk) == [
        ("+442079460958", True, "Europe/London"),
        ("+447700900123", True, "Europe/London"),
    ]


async def test_under_vn_they_are_kept_and_not_dialled(desk: Desk) -> None:
    await desk.load([a_row(phone_1="+1 212 555 0100")])
    assert await told(desk) == [("+1 212 555 0100", False, "Asia/Ho_Chi_Minh")]
