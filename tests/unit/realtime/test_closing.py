"""Close codes tell a browser what to do; the table of docs/protocol.md is this table."""

import pytest

from realtime.closing import ADVICE, LOST, Close, advise, again_ms

STAY_AWAY = {Close.SIGNED_OUT, Close.TAKEN_OVER, Close.FORBIDDEN, Close.PROTOCOL}


def test_every_code_has_its_advice() -> None:
    assert set(ADVICE) == set(Close)


@pytest.mark.parametrize("code", Close)
def test_only_a_person_brings_back_who_was_sent_away(code: Close) -> None:
    assert advise(code).returns is (code not in STAY_AWAY)
    assert (again_ms(code, 0.5) is None) is (code in STAY_AWAY)


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 1012, 4999])
def test_a_code_that_is_not_ours_is_a_lost_connection(code: int) -> None:
    assert advise(code) is LOST


def test_only_a_refused_ticket_asks_for_a_new_one() -> None:
    assert [code for code in Close if advise(code).fresh_ticket] == [Close.TICKET_REFUSED]


def test_a_crowd_is_spread_over_the_whole_wait() -> None:
    waits = [again_ms(Close.DRAIN, step / 100) for step in range(100)]
    assert waits == sorted(waits, key=lambda wait: wait or 0)
    assert (waits[0], waits[-1]) == (0, 2970)


def test_a_flooding_client_waits_half_a_minute() -> None:
    least = again_ms(Close.FLOOD, 0.0)
    assert least == 30_000


def test_sentences_fit_into_a_close_frame() -> None:
    assert all(len(advice.sentence.encode()) <= 123 for advice in ADVICE.values())
