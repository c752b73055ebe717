"""What bots say of calls: forms that the site takes, in a plausible spread."""

from __future__ import annotations

from typing import Any

import pytest

from app.floor.outcomes import OUTCOMES, PLAIN, outcome_form
from app.history import dispositions
from app.history.effects import Need
from app.scripts.defaults import BOOK, STATEMENTS
from app.scripts.pieces import unticked

SCREEN: dict[str, Any] = {
    "presets": {
        "promise": {"amount_minor": 5_000_000, "currency": "VND", "due_on": "2026-11-26"},
        "callback": [{"at": 1, "refused": "Ngoài giờ"}, {"at": 2, "refused": None}],
    },
    "compliance": [{"code": statement.code} for statement in STATEMENTS],
    "script": {"code": "OVERDUE", "version": 3, "steps": ["a", "b"]},
}


def test_shares_are_of_a_hundred() -> None:
    assert sum(share for share, _, _ in OUTCOMES) == 100


@pytest.mark.parametrize(("leaf", "fields"), [(leaf, fields) for _, leaf, fields in OUTCOMES])
def test_every_outcome_is_a_leaf_that_agents_may_set_and_lacks_nothing(
    leaf: str, fields: dict[str, str]
) -> None:
    known = dispositions.leaf(leaf)
    assert known in dispositions.selectable()
    form = outcome_form("7", leaf, fields, SCREEN)
    given = set(form["fields"])
    given |= {Need.PROMISE} if form["promise"] else set()
    given |= {Need.CALLBACK} if form["callback"] else set()
    assert known is not None
    assert dispositions.missing(known, given) == ()
    assert form["leaf"] == leaf
    assert unticked(BOOK, leaf, form["ticked"]) == ()


def test_promise_and_callback_are_the_ones_that_the_screen_offers() -> None:
    promise = outcome_form("7", "PTP_SCHEDULED", {}, SCREEN)
    assert promise["promise"] == SCREEN["presets"]["promise"]
    assert outcome_form("7", "CALLBACK_SCHEDULED", {}, SCREEN)["callback"] == {"at": 2}


def test_the_script_on_the_screen_is_named_with_every_step() -> None:
    form = outcome_form("7", "HUNG_UP_BEFORE_ID", {}, SCREEN)
    assert form["script"] == {"version": 3, "code": "OVERDUE", "steps": [1, 2]}
    assert outcome_form("7", "HUNG_UP_BEFORE_ID", {}, {})["script"] is None


@pytest.mark.parametrize("leaf", ["PTP_SCHEDULED", "CALLBACK_SCHEDULED"])
@pytest.mark.parametrize(
    "screen", [{}, {"presets": {"promise": None, "callback": [{"at": 1, "refused": "Ngoài giờ"}]}}]
)
def test_terms_that_are_not_offered_become_an_outcome_that_needs_nothing(
    leaf: str, screen: dict[str, Any]
) -> None:
    form = outcome_form("7", leaf, {}, screen)
    assert form["leaf"] == PLAIN[0]
    known = dispositions.leaf(PLAIN[0])
    assert known is not None
    assert known.needs == ()
