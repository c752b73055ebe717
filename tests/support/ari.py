"""Asterisk's events as it sends them, by hand, and a board to read them to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dialer.carrier import Placement
from dialer.carrier_ari_board import Board
from dialer.carrier_ari_words import Ask, Names, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialer.carrier_ari_board import Word

CALL, OTHER = UUID(int=0xC1), UUID(int=0xC2)
AGENT = UUID(int=0xA1)
NAMES = Names("paceline", "pbx")
PLAN = Plan("PJSIP/{digits}@carrier", "PJSIP/{agent}@phones")


PAGES = replace(PLAN, pages=True)


@dataclass
class Desk:
    """A board, what it has told, and what it has asked of the server, in order."""

    board: Board = field(default_factory=lambda: Board(NAMES, PLAN))
    told: list[Any] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    now: int = 1_000

    def take(self, words: Iterable[Word]) -> list[Word]:
        """Sort words into what was told and what was asked; gives them all."""
        taken = list(words)
        self.told += [word for word in taken if not isinstance(word, Ask)]
        self.asks += [word for word in taken if isinstance(word, Ask)]
        return taken

    def hear(self, kind: str, channel: str, **more: Any) -> list[Word]:
        """One event about a channel, a millisecond after the last one."""
        self.now += 1
        state = more.pop("state", "Up")
        event = {"type": kind, "channel": {"id": channel, "state": state}, **more}
        return self.take(self.board.hear(event, self.now))

    def place(self, call: UUID = CALL, *, detection: str | None = None) -> None:
        """Place a call; `detection` other than None asks for it."""
        listens = detection is not None
        placement = Placement(
            call, "+84501234567", "+842471000000", 24_500, listens, detection or ""
        )
        self.take(self.board.place(placement))

    def answered(self, call: UUID = CALL) -> None:
        """Place a call that somebody picks up."""
        self.place(call)
        name = NAMES.call(call)
        self.hear("ChannelStateChange", name, state="Ringing")
        self.hear("ChannelStateChange", name)
        self.hear("StasisStart", name, args=["customer"])

    def seated(self, agent: UUID = AGENT) -> str:
        """An agent whose leg is up and in his bridge; the leg's name."""
        self.take(self.board.desks.seat(frozenset({agent}), frozenset(), self.now))
        leg = self.board.desks.of[agent].leg
        self.hear("StasisStart", leg, args=["leg"])
        self.entered(leg, agent)
        return leg

    def entered(self, channel: str, agent: UUID = AGENT) -> None:
        """A channel has come into an agent's bridge."""
        self.hear("ChannelEnteredBridge", channel, bridge={"id": NAMES.desk(agent)})

    def joined(self, call: UUID = CALL, agent: UUID = AGENT) -> str:
        """A customer in an agent's bridge; the agent's leg."""
        leg = self.seated(agent)
        self.answered(call)
        self.take(self.board.bridge(call, agent, self.now))
        self.entered(NAMES.call(call), agent)
        return leg

    def asked(self) -> list[str]:
        """Method and path of every request so far, the names cut short; then they are forgotten."""
        done = [f"{ask.method} {_short(ask.path)}" for ask in self.asks]
        self.asks.clear()
        return done

    def kinds(self) -> list[str]:
        """What was told so far, in order; then it is forgotten."""
        done = [type(event).__name__ for event in self.told]
        self.told.clear()
        return done


def _short(path: str) -> str:
    for name in (NAMES.call(CALL), NAMES.call(OTHER), NAMES.message(CALL), NAMES.desk(AGENT)):
        path = path.replace(name, name.split(".")[2])
    if ".leg." in path:
        head, _, tail = path.partition(".leg.")
        path = f"{head.removesuffix('paceline.pbx')}leg" + (
            "/" + tail.split("/", 1)[1] if "/" in tail else ""
        )
    return path
