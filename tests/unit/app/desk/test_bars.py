"""Outcomes that make no sense with a customer are out of the question, with the reason."""

import pytest

from app.desk.bars import PROMISES, REFUSALS, Standing, barred, in_the_way
from app.history.dispositions import leaf


@pytest.mark.parametrize(
    ("code", "standing", "bar"),
    [
        ("PTP_SCHEDULED", Standing(), None),
        ("PTP_SCHEDULED", Standing(disputed=True), "DISPUTED"),
        ("REFUSED", Standing(disputed=True), "DISPUTED"),
        ("DISPUTE_OPENED", Standing(disputed=True), "DISPUTE_OPEN"),
        ("DISPUTE_ESCALATED", Standing(disputed=True), None),
        ("PTP_PAID", Standing(disputed=True), None),
        ("REFUSED_LEGAL", Standing(hardship=True), "HARDSHIP"),
        ("REFUSED", Standing(hardship=True), None),
        ("PTP_SCHEDULED", Standing(hardship=True), None),
        ("REFUSED_LEGAL", Standing(special=("VIP", "VULNERABLE")), "VULNERABLE"),
        ("REFUSED_LEGAL", Standing(disputed=True, hardship=True), "DISPUTED"),
    ],
)
@pytest.mark.req("S0b-036", "S0b-037")
def test_how_a_customer_is_treated_decides_what_may_be_chosen(
    code: str, standing: Standing, bar: str | None
) -> None:
    found = barred(code, standing)

    assert (found and found.code) == bar
    assert found is None or all(found.why)


def test_every_barred_outcome_is_one_of_the_tree() -> None:
    everything = Standing(disputed=True, hardship=True, special=("VULNERABLE",))
    named = {code for bar in in_the_way(everything) for code in bar.leaves}

    assert named > PROMISES | REFUSALS
    assert all(leaf(code) for code in named)
