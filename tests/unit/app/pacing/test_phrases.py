"""A second in words and numbers, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.errors import Invalid
from app.pacing.phrases import Teller, Told
from app.pacing.rules import Second, read_instant
from app.render import load_sentences
from tests.support.paces import a_page

AT = datetime(2026, 11, 23, 3, 5, 17, tzinfo=UTC)
ZONE = "Asia/Ho_Chi_Minh"
FORECAST = {
    "freed": 2.25, "arrivals": 1.8, "chance": 0.061, "price": 0.052, "target": 0.018,
    "answering": 1.1, "live": 0.23,
}  # fmt: skip


def told(language: str = "en", **page: Any) -> Told:
    teller = Teller(load_sentences().speaker(language), language, ZONE)
    return teller.explain(Second(AT, a_page(**page)))


def rows(told: Told) -> dict[str, str]:
    return {row.code: row.value for row in (*told.seen, *told.foreseen, *told.limits)}


def test_a_decision_is_told_with_what_it_rests_on() -> None:
    found = told(
        idle=6, busy=44, lines=3, asked=2, dialed=4_120, answered=1_200, abandoned=21,
        pace={"lines": 1, "because": "CHANCE", "cancelled": 1, **FORECAST}, later=1,
        closes_at=6_900_000,
    )  # fmt: skip
    assert found.decision == "2 lines were opened: one more might find no agent. 1 were taken back."
    values = rows(found)
    assert values["seen_agents"] == "50 (6 free, 44 in calls)"
    assert values["seen_lines"] == "5 (2 being set up, 3 ringing)"
    assert "4,120 dialled" in values["seen_today"]
    assert "21 abandoned (1.75 %)" in values["seen_today"]
    assert values["seen_closes"] == "12:00"
    assert values["foreseen_chance"] == "6.10 %"
    assert values["foreseen_price"] == "5.20 %"
    assert values["limit_hard"] == "3.0 %"


def test_a_reader_of_vietnamese_reads_vietnamese() -> None:
    found = told("vi", idle=1, pace={"lines": 0, "because": "LIST_DRY", "cancelled": 0}, dry=True)
    assert found.decision == "Không mở dòng nào: hết khách đến lượt."
    assert rows(found)["limit_target"] == "2,0 %"
    assert rows(found)["seen_state"] == "không còn ai đến hạn gọi"
    assert found.foreseen == ()
    for text in (found.why, *(row.label for row in found.seen)):
        assert "." not in text[:-1].replace("…", "") or " " in text
        assert not text.startswith(("pacing.", "because"))


@pytest.mark.parametrize(
    ("typed", "wall"),
    [
        ("10:05:17", "2026-11-23T10:05:17+07:00"),
        (" 10:05 ", "2026-11-23T10:05:00+07:00"),
        ("2026-11-20T09:00:01", "2026-11-20T09:00:01+07:00"),
        ("2026-11-20 09:00", "2026-11-20T09:00:00+07:00"),
        ("2026-11-20T02:00:00+00:00", "2026-11-20T09:00:00+07:00"),
    ],
)
def test_an_instant_is_read_on_the_organisations_wall(typed: str, wall: str) -> None:
    assert read_instant(typed, AT, ZONE) == datetime.fromisoformat(wall)


@pytest.mark.parametrize("typed", ["9999-12-31T23:59:59", "0001-01-01T00:00:00"])
def test_an_instant_of_no_year_of_ours_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="no year"):
        read_instant(typed, AT, ZONE)


@pytest.mark.parametrize("typed", ["", "noon", "25:00", "2026-13-01T10:00"])
def test_what_is_no_instant_is_refused_with_the_form(typed: str) -> None:
    with pytest.raises(Invalid, match="write 10:05:17 for today") as refused:
        read_instant(typed, AT, ZONE)
    assert refused.value.field == "at"
