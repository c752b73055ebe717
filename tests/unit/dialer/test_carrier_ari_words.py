"""Asterisk's words and ours."""

from __future__ import annotations

from uuid import UUID

import pytest

from dialer.carrier_ari_words import Names, Plan, word_of
from dialer.core.call import Cause

AGENT = UUID(int=7)
NAMES = Names("paceline", "pbx")


@pytest.mark.parametrize(
    ("cause", "answered", "word"),
    [
        (1, False, Cause.INVALID_NUMBER),
        (17, False, Cause.BUSY),
        (19, False, Cause.NO_ANSWER),
        (20, False, Cause.UNREACHABLE),
        (21, False, Cause.REJECTED),
        (34, False, Cause.CARRIER_ERROR),
        (127, False, Cause.CARRIER_ERROR),
        (16, True, Cause.COMPLETED),
        (16, False, Cause.CANCELLED),
        (44, True, Cause.CARRIER_ERROR),
    ],
)
def test_every_end_of_a_call_has_a_word(cause: int, answered: bool, word: Cause) -> None:  # noqa: FBT001 - a column of the table
    assert word_of(cause, answered=answered) is word


def test_names_are_read_back_and_strangers_are_not() -> None:
    assert NAMES.read(NAMES.call(AGENT)) == ("call", AGENT)
    assert NAMES.read(NAMES.leg(AGENT, "1f")) == ("leg", AGENT)
    assert NAMES.read(NAMES.desk(AGENT)) == ("desk", AGENT)
    for stranger in ("1732320000.17", f"paceline.other.call.{AGENT}", "paceline.pbx.call.17", ""):
        assert NAMES.read(stranger) is None


@pytest.mark.parametrize(
    ("dial", "endpoint", "trunk"),
    [
        ("PJSIP/{number}@trunk", "PJSIP/+842471000000@trunk", "endpoint:PJSIP/trunk"),
        ("PJSIP/0{digits}@viettel", "PJSIP/0842471000000@viettel", "endpoint:PJSIP/viettel"),
        ("PJSIP/{national}@vnpt", "PJSIP/02471000000@vnpt", "endpoint:PJSIP/vnpt"),
    ],
)
def test_a_number_is_dialled_as_the_trunk_wants_it(dial: str, endpoint: str, trunk: str) -> None:
    plan = Plan(dial, "PJSIP/{agent}")
    assert plan.line("+842471000000") == endpoint
    assert plan.trunk == trunk
    assert plan.desk(AGENT) == "PJSIP/7"


def test_who_was_abandoned_hears_the_campaigns_recording_or_who_called_from_where() -> None:
    plan = Plan("PJSIP/{digits}@carrier", "PJSIP/{agent}", "sound:sorry", "bank")
    assert plan.media("sorry-2026", "+842471000000") == "sound:bank/sorry-2026"
    assert plan.media("", "+842471000000") == "sound:sorry,digits:842471000000"
    assert plan.media("", "") == "sound:sorry"
