"""Listening and the rest as channels and bridges, event by event, told by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from dialer.carrier_ari_supervision import THERE_MS, Supervision
from dialer.core.monitor import MonitorMode
from tests.support.ari import AGENT, CALL, NAMES, OTHER, PAGES, Desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialer.carrier_ari_board import Word

LEADER = UUID(int=0x1E)
LISTEN, WHISPER, BARGE, TAKE_OVER = MonitorMode


class Led(Desk):
    """A board behind those who lead; the customer is with the agent."""

    def __init__(self) -> None:
        super().__init__()
        self.above = Supervision(self.board)
        self.joined()
        self.asks.clear()
        self.told.clear()

    def hear(self, kind: str, channel: str, **more: Any) -> list[Word]:
        self.now += 1
        if not hasattr(self, "above"):
            return super().hear(kind, channel, **more)
        state = more.pop("state", "Up")
        event = {"type": kind, "channel": {"id": channel, "state": state}, **more}
        return self.take(self.above.hear(event, self.now))

    def ask(self, mode: MonitorMode, call: UUID = CALL) -> None:
        self.take(self.above.supervise(call, LEADER, mode, self.now))

    def leg(self) -> str:
        """His leg is picked up and comes into his bridge."""
        leg = self.board.desks.of[LEADER].leg
        self.hear("StasisStart", leg, args=["leg"])
        self.entered(leg, LEADER)
        return leg

    @property
    def snoop(self) -> str:
        """The newest snoop that was asked for."""
        return next(
            ask.path.rpartition("/")[2] for ask in reversed(self.asks) if ask.why == "snoop"
        )

    def comes(self, name: str) -> None:
        """A snoop is there, and goes to whom it is for."""
        self.hear("StasisStart", name, args=["snoop"])
        self.entered(name, LEADER)

    def how(self) -> Mapping[str, str]:
        return next(ask.params for ask in reversed(self.asks) if ask.why == "snoop")

    def there(self, mode: MonitorMode = LISTEN) -> str:
        self.ask(mode)
        if not self.board.desks.of[LEADER].ready:
            self.leg()
        name = self.snoop
        self.comes(name)
        return name


@pytest.fixture
def led() -> Led:
    return Led()


@pytest.mark.parametrize(("mode", "whisper"), [(LISTEN, "none"), (WHISPER, "out"), (BARGE, "both")])
def test_a_mode_is_a_snoop_on_the_agents_leg(led: Led, mode: MonitorMode, whisper: str) -> None:
    led.there(mode)
    assert led.how() == {"spy": "both", "whisper": whisper, "app": "paceline", "appArgs": "snoop"}
    (snoop,) = (ask for ask in led.asks if ask.why == "snoop")
    assert snoop.path.startswith(f"/channels/{led.board.desks.of[AGENT].leg}/snoop/")
    assert led.kinds() == ["SupervisorJoined"]


def test_his_telephone_is_rung_first_and_silence_ends_when_there_is_something_to_hear(
    led: Led,
) -> None:
    led.ask(LISTEN)
    assert [ask.why for ask in led.asks] == ["leg"]
    led.leg()
    led.asks = [ask for ask in led.asks if ask.why == "snoop"]
    led.comes(led.snoop)
    assert [(ask.method, ask.path.rpartition("/")[2]) for ask in led.asks[1:]] == [
        ("POST", "addChannel"),
        ("DELETE", "silence"),
    ]


def test_another_mode_comes_before_the_one_before_goes(led: Led) -> None:
    first = led.there(LISTEN)
    led.asks.clear()
    second = led.there(WHISPER)
    assert first != second
    assert [ask.path for ask in led.asks if ask.method == "DELETE"] == [f"/channels/{first}"]
    led.hear("StasisEnd", first)  # nobody's any more
    assert led.kinds() == ["SupervisorJoined", "SupervisorJoined"]


def test_a_mode_that_was_changed_while_it_came_is_taken_down(led: Led) -> None:
    led.there(LISTEN)
    led.ask(WHISPER)
    late = led.snoop
    led.ask(BARGE)
    led.asks = [ask for ask in led.asks if ask.why == "snoop"]
    led.hear("StasisStart", late, args=["snoop"])
    assert led.asks[-1].method == "DELETE"
    assert led.asks[-1].path == f"/channels/{late}"


def test_withdrawing_takes_the_snoop_down_and_is_told_to_nobody(led: Led) -> None:
    name = led.there()
    led.kinds()
    led.asks.clear()
    led.take(led.above.withdraw(CALL, LEADER))
    led.take(led.above.withdraw(CALL, LEADER))
    assert [ask.path.rpartition("/")[2] for ask in led.asks] == [name, "silence"]
    led.hear("StasisEnd", name)
    assert led.told == []


def test_another_call_leaves_the_first(led: Led) -> None:
    name = led.there()
    led.answered(OTHER)
    led.asks.clear()
    led.ask(LISTEN, OTHER)
    assert f"/channels/{name}" in [ask.path for ask in led.asks]
    assert led.kinds()[-1] == "SupervisorLost"  # nobody speaks in it


def test_taking_over_moves_the_customer_and_frees_the_agent(led: Led) -> None:
    name = led.there(BARGE)
    led.kinds()
    led.asks.clear()
    led.ask(TAKE_OVER)
    (move,) = (ask for ask in led.asks if ask.path.endswith("/addChannel"))
    assert move.path == f"/bridges/{NAMES.desk(LEADER)}/addChannel"
    assert move.params == {"channel": NAMES.call(CALL)}
    led.hear("ChannelLeftBridge", NAMES.call(CALL), bridge={"id": NAMES.desk(AGENT)})
    led.entered(NAMES.call(CALL), LEADER)
    assert led.kinds() == ["SupervisorJoined"]
    assert f"/channels/{name}" in [ask.path for ask in led.asks if ask.method == "DELETE"]
    assert led.board.desks.of[AGENT].quiet, "the agent's line is kept alive by silence"
    led.hear("ChannelDestroyed", NAMES.call(CALL), cause=16)
    assert led.kinds() == ["HungUp"]


def test_who_took_over_and_falls_is_lost_and_no_agent(led: Led) -> None:
    led.there(BARGE)
    led.ask(TAKE_OVER)
    led.entered(NAMES.call(CALL), LEADER)
    led.kinds()
    led.hear("ChannelDestroyed", led.board.desks.of[LEADER].leg, cause=16)
    assert led.kinds() == ["SupervisorLost"]


@pytest.mark.parametrize("mode", [LISTEN, TAKE_OVER])
def test_a_telephone_that_nobody_picks_up_is_not_waited_for(led: Led, mode: MonitorMode) -> None:
    led.ask(mode)
    led.take(led.above.due(led.now + THERE_MS - 1))
    assert led.kinds() == []
    led.take(led.above.due(led.now + THERE_MS))
    assert led.kinds() == ["SupervisorLost"]


def test_a_telephone_that_falls_takes_its_snoop_with_it(led: Led) -> None:
    name = led.there()
    led.kinds()
    led.asks.clear()
    led.hear("ChannelDestroyed", led.board.desks.of[LEADER].leg, cause=16)
    assert led.kinds() == ["SupervisorLost"]
    assert [ask.path for ask in led.asks] == [f"/channels/{name}"]


def test_a_snoop_that_is_refused_or_ends_by_itself_is_told_once(led: Led) -> None:
    led.ask(LISTEN)
    led.leg()
    (refused,) = (ask for ask in led.asks if ask.why == "snoop")
    led.take(led.above.answer(refused, 404, led.now))
    led.take(led.above.answer(refused, 404, led.now))
    assert led.kinds() == ["SupervisorLost"]
    name = led.there()
    led.hear("StasisEnd", name)
    led.hear("StasisEnd", name)
    assert led.kinds() == ["SupervisorJoined", "SupervisorLost"]


def test_a_call_that_nobody_speaks_in_cannot_be_listened_to(led: Led) -> None:
    led.ask(LISTEN, OTHER)
    assert led.kinds() == ["SupervisorLost"]


def test_after_a_gap_what_is_nobodys_is_taken_down_and_who_lost_his_is_told(led: Led) -> None:
    name = led.there()
    led.kinds()
    led.asks.clear()
    stranger = NAMES.snoop(AGENT, "1")
    led.take(led.above.compare({name, stranger}, led.now))
    assert [ask.path for ask in led.asks if ask.method == "DELETE"] == [f"/channels/{stranger}"]
    assert led.told == []
    led.take(led.above.compare(set(), led.now))
    assert led.kinds() == ["SupervisorLost"]


def test_the_page_of_who_leads_stays_known_when_his_leg_goes() -> None:
    led = Led()
    led.board.plan = PAGES
    led.board.desks.plan = PAGES
    led.board.desks.pages[LEADER] = "sip:here"
    led.there()
    assert led.board.desks.of[LEADER].page
    led.take(led.above.withdraw(CALL, LEADER))
    led.asks.clear()
    led.take(led.board.desks.seat(frozenset({AGENT}), frozenset({AGENT}), led.now))
    assert [(ask.method, ask.path.split("/")[1]) for ask in led.asks if ask.lane == LEADER] == [
        ("DELETE", "channels"),
        ("DELETE", "bridges"),
    ]
    assert LEADER in led.board.desks.pages
