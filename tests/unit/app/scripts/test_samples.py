"""Sample customers: which script each gets (AM13), and what is missing in it (AM12)."""

import pytest

from app.scripts.defaults import BOOK
from app.scripts.fields import Party
from app.scripts.pieces import Sort, a_book, with_changes
from app.scripts.rules import EVERYBODY, Condition
from app.scripts.samples import SAMPLES, said_to, sample, try_on, would_be_taken
from tests.support.scripts import a_script, a_statement

EXPECTED = {
    "OVERDUE": ("OVERDUE", "EVERYBODY"),
    "BROKEN": ("BROKEN", "EVERYBODY"),
    "HARDSHIP": ("HARDSHIP", "EVERYBODY"),
    "DISPUTE": ("DISPUTE", "EVERYBODY"),
    "CURRENT": ("CURRENT", "COMPANY"),
    "UNKNOWN": ("UNKNOWN", "STRANGER"),
    "THIRD_PARTY": ("THIRD_PARTY", None),
}


@pytest.mark.req("S0b-027")
def test_am13_each_sample_gets_the_script_that_is_expected() -> None:
    got = {}
    for each in SAMPLES:
        trial = try_on(BOOK, each)
        assert trial.script is not None
        got[each.code] = (trial.script.code, trial.greeting.code if trial.greeting else None)
    assert got == EXPECTED


@pytest.mark.parametrize("each", SAMPLES, ids=lambda each: each.code)
def test_nothing_is_missing_in_the_products_own_words(each: object) -> None:
    on = sample(getattr(each, "code", ""))
    trial = try_on(BOOK, on)
    assert trial.script is not None
    said = [text for line in said_to(trial.script, BOOK, on) for text in line]
    assert not [text for text in said if "⟨" in text or "{" in text]


def test_am12_a_field_that_the_sample_lacks_is_marked_in_both_languages() -> None:
    piece = a_script(lines=(("{name}: {promised}", "{name}: {promised}"),))
    assert said_to(piece, BOOK, sample("OVERDUE")) == (
        ("chị Hà: ⟨số tiền đã hứa⟩", "Ms. Nguyễn: ⟨amount promised⟩"),
    )


def test_others_hear_no_amount_in_the_preview_either() -> None:
    piece = a_script(lines=(("{due}", "{due}"),))
    assert said_to(piece, BOOK, sample("THIRD_PARTY")) == (("⟨số tiền đến hạn⟩", "⟨amount due⟩"),)


def test_without_a_greeting_its_slot_is_marked() -> None:
    piece = a_script(lines=(("{greeting}", "{greeting}"),))
    assert said_to(piece, a_book(1, []), sample("OVERDUE"))[0][0] == "⟨lời chào⟩"


def test_a_trial_tells_statements_and_answers() -> None:
    trial = try_on(BOOK, sample("HARDSHIP"))
    assert "HARDSHIP_RIGHTS" in [piece.code for piece in trial.required]
    assert trial.objections == 10
    assert try_on(BOOK, sample("THIRD_PARTY")).objections == 3
    assert try_on(a_book(1, []), sample("OVERDUE")).script is None


def test_a_piece_is_said_to_be_taken_when_it_would_be_the_first() -> None:
    on = sample("OVERDUE")
    assert would_be_taken(a_script(priority=1, when=EVERYBODY), BOOK, on)
    assert not would_be_taken(a_script(code="LAST", priority=999, when=EVERYBODY), BOOK, on)
    assert not would_be_taken(a_script(priority=1, when=Condition("dpd", ">", 50)), BOOK, on)
    assert would_be_taken(a_statement(), BOOK, on)
    assert not would_be_taken(a_statement(when=Condition("dpd", ">", 50)), BOOK, on)


def test_an_unknown_sample_is_the_first() -> None:
    assert sample("nobody") is SAMPLES[0]
    assert {each.situation.party for each in SAMPLES} == set(Party)
    assert with_changes(BOOK, [], (), 2).of(Sort.SCRIPT) == BOOK.of(Sort.SCRIPT)
