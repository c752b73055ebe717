"""An answer in words, a table and three charts, in both languages."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.render import load_sentences
from app.whatif.drawing import Drawer
from app.whatif.rules import Answer, Band, Course, Step
from tests.support.made_day import SETTINGS

NOTHING = Band(None, None, None)


def band(value: float, spread: float = 0.0) -> Band:
    return Band(value, value - spread, value + spread)


def a_course(occupancy: float, abandoned: float, spread: float = 0.0) -> Course:
    def step(share: float) -> Step:
        return Step(
            occupancy=band(share, spread),
            wait_s=band(20.0),
            abandoned=band(abandoned),
            lines=band(30.0),
            so_far=band(abandoned),
        )

    quiet = Step(NOTHING, NOTHING, NOTHING, band(0.0), band(abandoned))
    steps = (step(occupancy), quiet, step(occupancy), step(occupancy))
    whole = band(occupancy, spread)
    return Course(whole, band(20.0), band(abandoned), band(30.0), band(1234.0), steps)


ANSWER = Answer(
    happened=a_course(0.845, 0.029),
    again=a_course(0.84, 0.03, 0.01),
    asked=a_course(0.79, 0.0098, 0.012),
    persons=2_100,
    seeds=20,
    begins_ms=1_763_865_000_000,  # 09:30 in Ho Chi Minh City
)
TIGHTER = replace(SETTINGS, abandon_target_pct=1.0)


def drawer(language: str) -> Drawer:
    return Drawer(load_sentences().speaker(language), language, "Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "Target 1 % instead of 2 %: occupancy 84.0 % → 79.0 % (77.8–80.2), abandoned 0.98 %.",
        ),
        (
            "vi",
            "Mục tiêu 1 % thay vì 2 %: bận máy 84,0 % → 79,0 % (77,8–80,2), bỏ rơi 0,98 %.",
        ),
    ],
)
def test_the_headline_tells_what_the_change_costs(language: str, words: str) -> None:
    assert drawer(language).draw(ANSWER, SETTINGS, TIGHTER).headline == words


def test_the_error_of_the_own_settings_is_told_with_its_sign() -> None:
    error = drawer("en").draw(ANSWER, SETTINGS, TIGHTER).error
    assert "−0.5 points of occupancy and +0.10 of abandonment" in error
    assert "2,100 people" in error


def test_every_figure_has_its_three_columns() -> None:
    rows = {row.code: row for row in drawer("en").draw(ANSWER, SETTINGS, TIGHTER).rows}
    occupancy = rows["occupancy"]
    assert (occupancy.happened, occupancy.again) == ("84.5 %", "84.0 %")
    assert (occupancy.asked, occupancy.band) == ("79.0 %", "77.8–80.2")
    assert rows["connected"].asked == "1,234"


def test_charts_break_where_nothing_was_seen_and_hold_the_limit() -> None:
    charts = {chart.code: chart for chart in drawer("en").draw(ANSWER, SETTINGS, TIGHTER).charts}
    assert charts["occupancy"].happened.count("M") == 2
    assert charts["occupancy"].top == "100 %"
    assert charts["so_far"].top == "5.0 %"
    assert charts["so_far"].limit_y == pytest.approx(40.0)
    assert charts["wait_s"].limit_y is None
    assert charts["occupancy"].band.endswith("Z")


def test_hours_and_minutes_are_those_of_the_place() -> None:
    drawing = drawer("vi").draw(ANSWER, SETTINGS, TIGHTER)
    assert [row.at for row in drawing.minutes] == ["09:30", "09:35", "09:40", "09:45"]
    assert drawing.minutes[1].figures[0] == ("–", "–")
    assert drawing.hours == ()


def test_a_long_day_is_told_by_full_hours() -> None:
    steps = ANSWER.happened.steps * 27
    long = replace(ANSWER.happened, steps=steps)
    answer = replace(ANSWER, happened=long, again=long, asked=long)
    hours = drawer("en").draw(answer, SETTINGS, TIGHTER).hours
    assert [hour for _, hour in hours][:2] == ["11:00", "13:00"]
    assert hours[0][0] == pytest.approx(100 * 1.5 / 9)


def test_a_day_that_cannot_be_explained_shows_itself_again_and_says_so() -> None:
    lost = replace(ANSWER, again=a_course(0.7, 0.03, 0.01), asked=None)
    drawing = drawer("en").draw(lost, SETTINGS, TIGHTER)
    assert not drawing.reliable
    assert drawing.headline.startswith("Not reliable for this day")
    assert drawing.rows[0].asked == "–"
    assert drawing.charts[0].asked


def test_settings_as_they_were_are_called_so() -> None:
    assert drawer("en").changed(SETTINGS, SETTINGS) == "settings as they were"
    bold = replace(SETTINGS, mode="PREDICTIVE", lines=80)
    assert (
        drawer("en").changed(SETTINGS, bold)
        == "Predictive instead of Ratio, 80 lines instead of 200"
    )
