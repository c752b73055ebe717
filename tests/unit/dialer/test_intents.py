"""The table from people's words to the room's events."""

from typing import get_args
from uuid import uuid4

import pytest

from app.desk import intents as asked
from app.desk.intents import Intent
from dialer.core import events as e
from dialer.core.monitor import MonitorAsked, MonitorKept, MonitorLeft
from dialer.core.offers import DialAsked, LeadPicked, SkipAsked
from dialer.intents import as_event

USER, CALL, TEAM, BY, CAMPAIGN = (uuid4() for _ in range(5))

WORDS: list[tuple[Intent, e.Event | None]] = [
    (
        asked.SignedIn(
            user=USER, name="An", team=TEAM, campaigns=(CAMPAIGN,), wrapup_multiplier=2.0, at_ms=1
        ),
        e.AgentSignedIn(USER, "An", TEAM, frozenset({CAMPAIGN}), 2.0),
    ),
    (asked.SignedOut(user=USER, why="LOGOUT", at_ms=1), e.AgentSignedOut(USER, "LOGOUT")),
    (
        asked.SignedOut(user=USER, why="FORCED", by="Linh", at_ms=1),
        e.AgentSignedOut(USER, "FORCED", forced=True, by="Linh"),
    ),
    (asked.SignedOut(user=USER, why="TAKEN_OVER", at_ms=1), None),
    (asked.Ready(user=USER, at_ms=1), e.AgentReady(USER)),
    (asked.Pause(user=USER, reason="LUNCH", at_ms=1), e.AgentAway(USER, "LUNCH")),
    (
        asked.Pause(user=USER, reason="LUNCH", limit_ms=9, at_ms=1),
        e.AgentAway(USER, "LUNCH", 9),
    ),
    (
        asked.ForceBreak(user=USER, reason="MEETING", by="Linh", limit_ms=9, at_ms=1),
        e.BreakForced(USER, "MEETING", "Linh", 9),
    ),
    (asked.ChooseMode(user=USER, mode="MANUAL", at_ms=1), e.ModeChosen(USER, "MANUAL")),
    (asked.ChooseMode(user=USER, mode="TELEPATHY", at_ms=1), None),
    (asked.CancelPending(user=USER, at_ms=1), e.PendingCancelled(USER)),
    (
        asked.Pick(user=USER, campaign=CAMPAIGN, lead=BY, at_ms=1),
        LeadPicked(USER, CAMPAIGN, BY),
    ),
    (asked.Dial(user=USER, call=CALL, phone=BY, at_ms=1), DialAsked(USER, CALL, BY)),
    (asked.Skip(user=USER, call=CALL, reason="LATER", at_ms=1), SkipAsked(USER, CALL, "LATER")),
    (asked.HangUp(user=USER, call=CALL, at_ms=1), e.HangUpAsked(USER, CALL)),
    (asked.Hold(user=USER, call=CALL, on=True, at_ms=1), e.HoldAsked(USER, CALL, on=True)),
    (asked.Mute(user=USER, on=False, at_ms=1), e.MuteAsked(USER, on=False)),
    (
        asked.Disposed(user=USER, call=CALL, leaf="REFUSED", at_ms=1),
        e.OutcomeSaved(USER, CALL, "REFUSED"),
    ),
    (asked.Finish(user=USER, call=CALL, at_ms=1), e.FinishAsked(USER, CALL)),
    (asked.Extend(user=USER, call=CALL, at_ms=1), e.ExtendAsked(USER, CALL)),
    (asked.Linked(user=USER, session="s", at_ms=1), e.LinkUp(USER, "s")),
    (asked.LinkLost(user=USER, session="s", at_ms=1), e.LinkDown(USER, "s")),
    (asked.Received(user=USER, call=CALL, at_ms=7), e.ScreenReceived(USER, CALL, 7)),
    (
        asked.Painted(user=USER, call=CALL, painted_at_ms=5, error_ms=2, at_ms=7),
        e.ScreenPainted(USER, CALL, 5, 2),
    ),
    (asked.CampaignChanged(campaign=CAMPAIGN, at_ms=1), None),
    (
        asked.StopDialing(campaign=None, by=BY, reason="complaint", at_ms=1),
        e.DialingStopAsked(None, BY, "complaint"),
    ),
    (asked.ResumeDialing(campaign=CAMPAIGN, by=BY, at_ms=1), e.DialingResumeAsked(CAMPAIGN, BY)),
    (
        asked.Complete(user=USER, by=BY, by_name="Linh", limit_ms=9, at_ms=1),
        e.WrapUpCompleted(USER, BY, "Linh", 9),
    ),
    (asked.ScreenStale(call=CALL, at_ms=1), None),
    (
        asked.Monitor(
            user=USER, call=CALL, mode="WHISPER", by=BY, name="Linh", visible=True, at_ms=1
        ),
        MonitorAsked(BY, "Linh", USER, CALL, "WHISPER", visible=True),
    ),
    (
        asked.Monitor(user=USER, call=CALL, mode="HUM", by=BY, name="Linh", visible=True, at_ms=1),
        None,
    ),
    (asked.MonitorKept(user=BY, at_ms=1), MonitorKept(BY)),
    (asked.MonitorLeft(user=BY, at_ms=1), MonitorLeft(BY)),
]


@pytest.mark.parametrize(("intent", "event"), WORDS, ids=lambda word: type(word).__name__)
def test_each_word_has_its_event(intent: Intent, event: e.Event | None) -> None:
    assert as_event(intent) == event


def test_every_intent_is_in_the_table() -> None:
    assert {type(intent) for intent, _ in WORDS} == set(get_args(Intent))
