"""Tells presence what this hub knows of its sockets: each of them once per beat, news at the next round.

Nothing here decides anything; it is what a team lead reads when somebody's page is slow. While the stores
are away the news wait.
"""

import asyncio
from collections.abc import Mapping

from realtime.broker import BrokerLost
from realtime.hub import Hub
from realtime.presence import Link, Parting, Presence
from realtime.session import BEAT_MS, Clock, Session

ROUND_S = 0.5
ROUNDS = int(BEAT_MS / 1000 / ROUND_S)  # a socket's turn comes once in so many


class RollCall:
    """The sockets of one process, by user. `name` is this hub's among the others."""

    def __init__(
        self,
        name: str,
        present: Mapping[str, Mapping[Session, None]],
        hub: Hub,
        clock: Clock,
        presence: Presence,
    ) -> None:
        self._name = name
        self._present = present
        self._hub = hub
        self._clock = clock
        self._presence = presence
        self._round = 0
        self._due: dict[str, None] = {}
        self._partings: dict[str, Parting] = {}

    def came(self, user: str) -> None:
        """Note that a socket of this user was welcomed."""
        self._due[user] = None

    def left(self, session: Session, code: int) -> None:
        """Note that a welcomed socket is gone."""
        grant = session.grant
        if grant is not None:
            self._due[grant.user] = None
            self._partings[grant.user] = Parting(
                grant.link, grant.issue, code, self._clock.now_ms()
            )

    async def call_for_ever(self) -> None:
        """Go round; when the stores are away, a later round has it all."""
        while True:
            await asyncio.sleep(ROUND_S)
            try:
                await self.call()
            except BrokerLost:
                await asyncio.sleep(1.0)

    async def call(self) -> None:
        """Tell of whoever came or went, and of those whose turn it is. BrokerLost."""
        self._round += 1
        turn = self._round % ROUNDS
        for user, sessions in self._present.items():
            if any(session.slot % ROUNDS == turn for session in sessions):
                self._due[user] = None
        # Taken out before the waiting: what happens meanwhile is the next round's news.
        due, self._due = self._due, {}
        partings, self._partings = self._partings, {}
        links = {user: self._links_of(user) for user in due}
        try:
            await self._presence.note(self._name, links, partings, self._clock.now_ms())
        except BrokerLost:
            self._due = {**due, **self._due}
            self._partings = {**partings, **self._partings}
            raise

    def _links_of(self, user: str) -> list[Link]:
        now_ms, now_s = self._clock.now_ms(), self._clock.monotonic()
        return [self._describe(session, now_ms, now_s) for session in self._present.get(user, ())]

    def _describe(self, session: Session, now_ms: int, now_s: float) -> Link:
        grant, talk = session.grant, session.conversation
        if grant is None:  # only welcomed sockets are present
            raise RuntimeError("no grant")
        round_trip_s = talk.round_trip_s
        return Link(
            link=grant.link,
            issue=grant.issue,
            hub=self._name,
            noted_ms=now_ms,
            opened_ms=session.opened_ms,
            heard_ms=now_ms - round((now_s - talk.heard_s) * 1000),
            round_trip_ms=None if round_trip_s is None else round(round_trip_s * 1000),
            missed=talk.missed,
            waiting_bytes=session.mailbox.size_bytes,
            backlog_bytes=session.wire.backlog(),
            held=session.held,
            is_stale=session.is_stale,
            client=session.client,
            version=session.version,
            positions=self._hub.positions(session, grant.channels),
        )
