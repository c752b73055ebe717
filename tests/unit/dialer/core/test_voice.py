"""An agent whose leg is away: out of routing and of the figures, back with the leg, and his calls go on."""

from __future__ import annotations

from dialer.core import events as e
from dialer.core.figures import agent_counts
from dialer.core.standing import Link
from tests.support.dialer import Desk, uid


def test_nobody_without_a_voice_is_routed_and_he_is_with_it_again() -> None:
    desk = Desk()
    agent = desk.seat()
    assert agent.routable
    desk.tell(e.VoiceLost(agent.id, desk.now))
    assert not agent.routable
    assert not agent.counts
    assert agent_counts([agent])["lost"] == 1
    desk.tell(e.VoiceUp(agent.id, desk.now))
    assert agent.routable
    assert agent_counts([agent])["ready"] == 1


def test_a_lost_voice_is_not_remembered_over_the_end_of_a_shift() -> None:
    desk = Desk()
    agent = desk.seat()
    desk.tell(e.VoiceLost(agent.id, desk.now))
    desk.tell(e.AgentSignedOut(agent.id, "LOGOUT"))
    desk.seat()
    assert agent.voice is Link.UP


def test_the_voice_of_somebody_who_is_not_here_is_nothing() -> None:
    desk = Desk()
    desk.tell(e.VoiceLost(uid(0xEE), desk.now))
    assert not any(name.startswith("refused") for name in desk.floor.room.counts)
