"""Buckets, State Bank groups and stages of domain section 3; invariant 9 of section 11."""

from datetime import date

import pytest

from app.accounts.rules import (
    BUCKETS,
    Arrears,
    Bucket,
    Stage,
    age,
    bucket_named,
    bucket_of,
    check_amounts,
    days_past_due,
    due_dates_of,
    has_worsened,
    product_label,
    sbv_group,
    stage_of,
    tail_of,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("due_on", "dpd"), [(None, 0), (TODAY, 0), (date(2026, 11, 24), 0), (date(2026, 10, 9), 45)]
)
def test_days_past_due_count_from_the_oldest_unpaid_due_date(due_on: date | None, dpd: int) -> None:
    assert days_past_due(due_on, TODAY) == dpd


@pytest.mark.parametrize(
    ("dpd", "bucket", "group", "stage"),
    [
        (0, "B0", 1, Stage.CURRENT),
        (1, "B1", 1, Stage.EARLY),
        (9, "B1", 1, Stage.EARLY),
        (10, "B2", 2, Stage.EARLY),
        (30, "B2", 2, Stage.EARLY),
        (31, "B3", 2, Stage.MID),
        (60, "B3", 2, Stage.MID),
        (61, "B4", 2, Stage.MID),
        (90, "B4", 2, Stage.MID),
        (91, "B5", 3, Stage.LATE),
        (180, "B5", 3, Stage.LATE),
        (181, "B6", 4, Stage.LATE),
        (360, "B6", 4, Stage.LATE),
        (361, "B7", 5, Stage.LEGAL),
        (4000, "B7", 5, Stage.LEGAL),
    ],
)
def test_each_edge_falls_on_its_own_side(dpd: int, bucket: str, group: int, stage: Stage) -> None:
    assert bucket_of(dpd).code == bucket
    assert sbv_group(dpd) == group
    assert stage_of(dpd) is stage


def test_days_past_due_are_never_negative() -> None:
    with pytest.raises(ValueError, match="never negative"):
        bucket_of(-1)


def test_a_referred_case_is_legal_whatever_its_age() -> None:
    assert stage_of(5, referred=True) is Stage.LEGAL


def test_a_loan_is_aged_in_one_go() -> None:
    assert age(date(2026, 10, 9), TODAY) == Arrears(45, "B3", 2, Stage.MID)


@pytest.mark.parametrize("bucket", BUCKETS, ids=lambda bucket: bucket.code)
def test_the_due_dates_of_a_bucket_age_into_it(bucket: Bucket) -> None:
    first, last = due_dates_of(bucket, TODAY)

    assert bucket_named(bucket.code) is bucket
    assert bucket_of(days_past_due(last, TODAY)) is bucket
    assert first is None or bucket_of(days_past_due(first, TODAY)) is bucket


def test_the_open_bucket_has_no_first_due_date() -> None:
    assert due_dates_of(BUCKETS[-1], TODAY)[0] is None


def test_a_later_bucket_is_worse() -> None:
    assert has_worsened("B2", "B3")
    assert not has_worsened("B3", "B2")
    assert not has_worsened("B3", "B3")


def test_an_unknown_bucket_is_not_compared() -> None:
    assert not has_worsened(None, "B3")
    assert not has_worsened("B1", "X")


def test_products_have_words() -> None:
    assert product_label("CREDIT_CARD", "vi") == "Thẻ tín dụng"
    assert product_label("CREDIT_CARD", "en") == "Credit card"
    assert product_label("SPACESHIP", "en") == "Loan"


def test_only_the_tail_of_an_account_is_told() -> None:
    assert tail_of("9704001234564417") == "4417"


@pytest.mark.parametrize(
    ("amounts", "wrong"),
    [
        ((10, 5, 5), None),
        ((10, 11, 0), "more is overdue than is owed"),
        ((10, -1, 0), "an amount is below zero"),
    ],
)
def test_amounts_agree(amounts: tuple[int, int, int], wrong: str | None) -> None:
    assert check_amounts(*amounts) == wrong
