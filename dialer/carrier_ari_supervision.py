"""Those who lead in the calls of one Asterisk: what a mode of theirs is in channels and bridges. Pure.

Whoever listens sits in a bridge of his own, as an agent does; what he hears and who hears him is a snoop on the
agent's leg that sits there with him. A snoop's whisper cannot be changed, so another mode is another snoop: the
new one comes before the old one goes. Taking over moves the customer into his bridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dialer.carrier_ari_desks import Desk
from dialer.carrier_ari_words import Ask, asked
from dialer.core.events import BridgeFailed
from dialer.core.monitor import MonitorMode, SupervisorJoined, SupervisorLost

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from uuid import UUID

    from dialer.carrier_ari_board import Board, Word

THERE_MS: Final = 15_000  # a telephone that is not in the call by then is not there
WHISPERS: Final = {
    MonitorMode.LISTEN: "none",
    MonitorMode.WHISPER: "out",  # towards the agent
    MonitorMode.BARGE: "both",
}


@dataclass(slots=True)
class Session:
    """Somebody's telephone in a call. `snoop` is the one he hears by, `coming` the next one."""

    by: UUID
    call: UUID
    mode: MonitorMode
    since: int  # ms; when the mode was asked for
    snoop: str = ""
    coming: str = ""
    there: bool = False  # told that he is in the call in this mode


class Supervision:
    """Stands between the carrier and the board: reads the board's words, and adds its own."""

    def __init__(self, board: Board) -> None:
        self.of: dict[UUID, Session] = {}
        self._board = board
        self._serial = 0

    # --- what the room wants ---

    def supervise(self, call: UUID, by: UUID, mode: MonitorMode, now: int) -> Iterator[Word]:
        """Be in this call in this mode; a telephone that is not up is rung first."""
        line, session = self._board.lines.get(call), self.of.get(by)
        if session is not None and session.call != call:
            yield from self.withdraw(session.call, by)
        if line is None or line.agent is None or line.ours:
            yield SupervisorLost(call, by, now)
            return
        session = self.of.setdefault(by, Session(by, call, mode, now))
        session.mode, session.since, session.there = mode, now, False
        desk = self._desk(by, now)
        if desk.ready:
            yield from self._enter(session, now)
        else:
            yield from self._board.desks.raise_leg(desk, now)

    def withdraw(self, call: UUID, by: UUID) -> Iterator[Word]:
        """Take his telephone out of this call."""
        session = self.of.get(by)
        if session is None or session.call != call:
            return
        del self.of[by]
        for name in (session.snoop, session.coming):
            yield from self._remove(by, name)
        desk = self._board.desks.of.get(by)
        if desk is not None and desk.with_call is None:
            yield from self._board.desks.hush(desk)

    # --- what became of it ---

    def hear(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        """One event, to the board first."""
        yield from self._read(self._board.hear(event, now), now)
        name = asked(event)
        read = self._board.names.read(name)
        if read is not None and read[0] == "snoop":
            yield from self._of_snoop(event, name, read[1], now)
        elif read is not None and read[0] == "call" and event["type"] == "ChannelEnteredBridge":
            yield from self._moved(read[1], str(event["bridge"]["id"]), now)
        yield from self._look(now)

    def answer(self, ask: Ask, status: int, now: int) -> Iterator[Word]:
        """What a refused request means."""
        if ask.why != "snoop":
            yield from self._read(self._board.answer(ask, status, now), now)
            return
        session = self.of.get(ask.about)
        if status >= 300 and session is not None and ask.path.endswith(f"/{session.coming}"):  # noqa: PLR2004 - HTTP's own border
            yield from self._lose(session, now)

    def due(self, now: int) -> Iterator[Word]:
        """What time does; nobody is waited for longer than `THERE_MS`."""
        yield from self._read(self._board.due(now), now)
        for session in list(self.of.values()):
            if not session.there and now - session.since >= THERE_MS:
                yield from self._lose(session, now)

    def compare(self, channels: Collection[str], now: int) -> Iterator[Word]:
        """After a gap: snoops of nobody are taken down, who lost his is told, the others hear again."""
        held = {session.snoop for session in self.of.values()}
        for name in channels:
            read = self._board.names.read(name)
            if read is not None and read[0] == "snoop" and name not in held:
                yield from self._remove(read[1], name)
        for session in list(self.of.values()):
            desk = self._board.desks.of.get(session.by)
            if session.snoop in channels and desk is not None and desk.ready:
                session.coming = ""
                yield from self._board.desks.voice(desk)
            elif session.mode is not MonitorMode.TAKE_OVER or session.call not in self._board.lines:
                yield from self._lose(session, now)

    # --- how ---

    def _desk(self, by: UUID, now: int) -> Desk:
        desks = self._board.desks
        if by not in desks.of:
            desks.of[by] = Desk(
                by, page=self._board.plan.pages, patience_until=now + 2 * THERE_MS, leads=True
            )
        return desks.of[by]

    def _enter(self, session: Session, now: int) -> Iterator[Word]:
        line = self._board.lines.get(session.call)
        agent = None if line is None or line.agent is None else self._board.desks.of.get(line.agent)
        if line is None or agent is None or not agent.ready:
            yield from self._lose(session, now)
        elif session.mode is MonitorMode.TAKE_OVER:
            if agent.awaited_by == line.call:
                agent.awaited_by = None
            line.agent, line.back_by = session.by, None
            yield from self._board.join(line, self._board.desks.desk(session.by))
        else:
            self._serial += 1
            serial = f"{now:x}-{self._serial}"
            session.coming = self._board.names.snoop(session.by, serial)
            path = f"/channels/{agent.leg}/snoop/{session.coming}"
            how = {"spy": "both", "whisper": WHISPERS[session.mode]}
            where = {"app": self._board.names.app, "appArgs": "snoop"}
            yield Ask(session.by, "snoop", session.by, "POST", path, how | where)

    def _of_snoop(self, event: Mapping[str, Any], name: str, by: UUID, now: int) -> Iterator[Word]:
        session = self.of.get(by)
        if event["type"] == "StasisStart":
            if session is None or name != session.coming:
                yield from self._remove(by, name)
                return
            bridge = f"/bridges/{self._board.names.desk(by)}/addChannel"
            yield Ask(by, "", by, "POST", bridge, {"channel": name})
        elif session is None:
            return
        elif event["type"] == "ChannelEnteredBridge" and name == session.coming:
            old, session.snoop, session.coming = session.snoop, name, ""
            yield from self._board.desks.voice(self._board.desks.desk(by))
            yield from self._remove(by, old)
            yield self._arrived(session, now)
        elif event["type"] == "StasisEnd" and name in {session.snoop, session.coming}:
            yield from self._lose(session, now)

    def _moved(self, call: UUID, bridge: str, now: int) -> Iterator[Word]:
        """A customer has come into a bridge: perhaps into that of somebody who took him over."""
        for session in self.of.values():
            taken = session.call == call and session.mode is MonitorMode.TAKE_OVER
            if taken and not session.there and bridge == self._board.names.desk(session.by):
                snoop, session.snoop = session.snoop, ""
                yield from self._remove(session.by, snoop)
                yield self._arrived(session, now)

    def _arrived(self, session: Session, now: int) -> SupervisorJoined:
        session.there = True
        return SupervisorJoined(session.call, session.by, session.mode.value, now)

    def _look(self, now: int) -> Iterator[Word]:
        """Who waited for his telephone may have it now; who had it may have lost it."""
        for session in list(self.of.values()):
            desk = self._board.desks.of.get(session.by)
            if desk is None or (session.snoop and not desk.ready):
                yield from self._lose(session, now)
            elif desk.ready and not (session.there or session.coming or self._on_its_way(session)):
                yield from self._enter(session, now)

    def _on_its_way(self, session: Session) -> bool:
        line = self._board.lines.get(session.call)
        return (
            session.mode is MonitorMode.TAKE_OVER and line is not None and line.agent == session.by
        )

    def _lose(self, session: Session, now: int) -> Iterator[Word]:
        yield from self.withdraw(session.call, session.by)
        yield SupervisorLost(session.call, session.by, now)

    def _read(self, words: Iterable[Word], now: int) -> Iterator[Word]:
        """The board's words. A customer who lost the voice of whoever took him over lost no agent."""
        for word in words:
            session = self.of.get(word.agent) if isinstance(word, BridgeFailed) else None
            if isinstance(word, BridgeFailed) and session is not None and session.call == word.call:
                yield from self._lose(session, now)
            else:
                yield word

    def _remove(self, by: UUID, name: str) -> Iterator[Ask]:
        if name:
            yield Ask(by, "", by, "DELETE", f"/channels/{name}")
