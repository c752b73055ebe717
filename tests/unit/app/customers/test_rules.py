"""Names, reliability (6.2 with its vectors), best time (6.3) and risk (6.7) of the domain."""

from fractions import Fraction

import pytest

from app.customers.rules import (
    Behaviour,
    PersonName,
    Reliability,
    Risk,
    RiskClass,
    RiskFacts,
    assess_risk,
    band_hour,
    band_of,
    best_band,
    best_band_text,
    parse_name,
    read_avoided,
    reliability,
    spoken_address,
    success_text,
)

HA = parse_name("Nguyễn Thị Thu Hà")


def test_a_vietnamese_name_has_its_given_name_last() -> None:
    assert parse_name("  Nguyễn Thị  Thu Hà ") == PersonName(
        "Nguyễn", "Thị Thu", "Hà", "Nguyễn Thị Thu Hà"
    )
    assert parse_name("Trần Đức") == PersonName("Trần", "", "Đức", "Trần Đức")
    assert parse_name("Hà") == PersonName("", "", "Hà", "Hà")


@pytest.mark.parametrize(
    ("salutation", "language", "spoken"),
    [
        ("CHI", "vi", "Chị Hà"),
        ("BA", "vi", "Bà Hà"),
        ("NONE", "vi", "Anh/chị Hà"),
        ("CHI", "en", "Ms. Nguyễn"),
        ("ANH", "en", "Mr. Nguyễn"),
        ("NONE", "en", "Nguyễn Thị Thu Hà"),
    ],
)
@pytest.mark.req("S0b-004")
def test_customers_are_addressed_as_is_polite(salutation: str, language: str, spoken: str) -> None:
    assert spoken_address(salutation, HA, language) == spoken


def test_somebody_with_one_name_is_addressed_by_it() -> None:
    assert spoken_address("CHI", parse_name("Hà"), "en") == "Ms. Hà"


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (
            Behaviour(3, 1, 1, 10, 7, Fraction(9, 10), 35),
            Reliability(75, "B", 15, limited=False),
        ),
        (Behaviour(), Reliability(43, "C", 0, limited=True)),
        (
            Behaviour(0, 0, 4, 6, 0, Fraction(1, 10), None),
            Reliability(12, "E", 10, limited=False),
        ),
    ],
    ids=["mixed", "no data", "never paid"],
)
@pytest.mark.req("S0b-034")
def test_the_vectors_of_the_score(seen: Behaviour, expected: Reliability) -> None:
    assert reliability(seen) == expected


@pytest.mark.parametrize(("days", "score"), [(0, 58), (30, 58), (105, 50), (180, 43), (400, 43)])
def test_recency_fades_from_thirty_days_to_half_a_year(days: int, score: int) -> None:
    assert reliability(Behaviour(days_since_payment=days)).score == score


def test_paying_more_than_was_due_counts_as_all() -> None:
    assert reliability(Behaviour(paid_share=Fraction(3))) == reliability(
        Behaviour(paid_share=Fraction(1))
    )


@pytest.mark.parametrize(
    ("score", "band"),
    [(100, "A"), (80, "A"), (79, "B"), (59, "C"), (39, "D"), (20, "D"), (19, "E"), (0, "E")],
)
def test_bands_have_edges(score: int, band: str) -> None:
    assert band_of(score) == band


@pytest.mark.parametrize(
    ("hour", "band"), [(6, None), (7, 7), (8, 7), (9, 9), (20, 19), (21, None)]
)
def test_bands_of_two_hours_run_from_seven_to_twenty_one(hour: int, band: int | None) -> None:
    assert band_hour(hour) == band


def test_the_success_of_a_number_is_shown_with_its_count() -> None:
    assert success_text(13, 21, "vi") == "62 % (13/21)"
    assert success_text(0, 0, "vi") == "chưa gọi"
    assert success_text(0, 0, "en") == "no attempts"


def test_the_best_band_is_the_likeliest_one_with_a_contact() -> None:
    bands = {7: (0, 0), 9: (1, 10), 17: (2, 3), 19: (1, 2)}

    assert best_band(bands) == 17
    assert best_band_text(bands, "vi") == "17–19h"
    assert best_band_text(bands, "en") == "17–19 h"


def test_two_contacts_are_not_enough_to_name_a_time() -> None:
    assert best_band({17: (2, 3)}) is None
    assert best_band_text({}, "vi") == "chưa đủ dữ liệu"
    assert best_band_text({}, "en") == "not enough data"


def test_the_earlier_of_two_equal_bands_wins() -> None:
    assert best_band({19: (2, 2), 9: (2, 2)}) == 9


@pytest.mark.parametrize(
    ("facts", "risk"),
    [
        (RiskFacts(), Risk(RiskClass.LOW, ())),
        (RiskFacts(dpd=31), Risk(RiskClass.MEDIUM, ("DPD_31_60",))),
        (RiskFacts(broken_ever=1), Risk(RiskClass.MEDIUM, ("BROKEN_ONCE",))),
        (RiskFacts(dpd=61), Risk(RiskClass.HIGH, ("DPD_61_90",))),
        (
            RiskFacts(dpd=45, broken_60d=2, broken_ever=2, hostile=True),
            Risk(RiskClass.HIGH, ("BROKEN_TWICE", "HOSTILE")),
        ),
        (RiskFacts(dpd=90), Risk(RiskClass.HIGH, ("DPD_61_90",))),
        (RiskFacts(dpd=91, fraud=True), Risk(RiskClass.CRITICAL, ("DPD_OVER_90", "FRAUD"))),
        (RiskFacts(top_exposure=True), Risk(RiskClass.MEDIUM, ("TOP_EXPOSURE",))),
        (
            RiskFacts(fraud=True, top_exposure=True),
            Risk(RiskClass.CRITICAL, ("FRAUD", "TOP_EXPOSURE")),
        ),
    ],
)
def test_risk_is_the_worst_of_its_reasons(facts: RiskFacts, risk: Risk) -> None:
    assert assess_risk(facts) == risk


@pytest.mark.req("S0b-035")
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("8-12", "8-12"),
        ("8h – 12h", "8-12"),
        ("18:00-20:00", "18-20"),
        ("Buổi sáng", "7-12"),
        ("tối", "18-21"),
        ("evenings", "18-21"),
        ("Nơi làm việc", "WORK"),
        ("work", "WORK"),
        ("12-8", None),
        ("8-25", None),
        ("khi trời mưa", None),
    ],
)
def test_what_is_to_be_avoided_is_kept_in_words_that_compliance_knows(
    told: str, kept: str | None
) -> None:
    assert read_avoided(told) == kept
