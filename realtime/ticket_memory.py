"""The ticket book inside one process: for tests and for a desk that needs no second process."""

from collections.abc import Sequence
from dataclasses import dataclass

from realtime.broker import Standing
from realtime.closing import Close
from realtime.ticket import (
    RESUME_WITHIN_MS,
    Grant,
    Opening,
    TicketRefused,
    read_token,
    token_digest,
)


@dataclass(slots=True)
class _Session:
    """What is known of one session."""

    digest: str
    number: int
    heard_ms: int
    channels: tuple[str, ...]
    exclusive: str | None
    standing: int
    issue: str


class MemoryTicketBook:
    """The contract of ticket.py on dictionaries; `standings` are those of the MemoryBroker."""

    def __init__(self, standings: dict[str, Standing] | None = None) -> None:
        self._standings = standings if standings is not None else {}
        self._used: dict[str, int] = {}
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._holders: dict[str, str] = {}

    async def standing(self, user: str) -> int:
        """Look it up."""
        return self._standings.get(user, Standing()).number

    async def admit(self, opening: Opening, now_ms: int) -> Grant:
        """Use the ticket up."""
        ticket = opening.ticket
        self._used = {nonce: end for nonce, end in self._used.items() if end > now_ms}
        if ticket.nonce in self._used:
            raise TicketRefused("the ticket was used before")
        self._used[ticket.nonce] = ticket.expires_at_ms
        standing = self._standings.setdefault(ticket.user, Standing())
        _refuse(standing.refusal(ticket.standing, ticket.issue))
        former = None
        if opening.exclusive is not None:
            standing.number += 1
            former = self._holders.get(opening.exclusive)
            self._holders[opening.exclusive] = ticket.nonce
        session = _Session(
            digest=token_digest(opening.token),
            number=1,
            heard_ms=now_ms,
            channels=opening.channels,
            exclusive=opening.exclusive,
            standing=standing.number,
            issue=ticket.issue,
        )
        self._sessions[ticket.user, ticket.nonce] = session
        return _grant(ticket.user, ticket.nonce, session, opening.token, taken=former is not None)

    async def resume(self, token: str, new_token: str, now_ms: int) -> Grant:
        """Exchange the token."""
        user, name, digest = read_token(token)
        session = self._sessions.get((user, name))
        if session is None or session.digest != digest:
            raise TicketRefused("the token is unknown or was used before")
        if now_ms > session.heard_ms + RESUME_WITHIN_MS:
            del self._sessions[user, name]
            raise TicketRefused("the token has expired")
        standing = self._standings.get(user, Standing())
        _refuse(standing.refusal(session.standing, session.issue))
        if session.exclusive is not None and self._holders.get(session.exclusive) != name:
            raise TicketRefused("this desk was opened elsewhere", Close.TAKEN_OVER)
        session.digest = token_digest(new_token)
        session.number += 1
        session.heard_ms = now_ms
        return _grant(user, name, session, new_token)

    async def keep(self, links: Sequence[Grant], now_ms: int) -> None:
        """Note the instant for those still known."""
        for link in links:
            session = self._sessions.get((link.user, link.session))
            if session is not None:
                session.heard_ms = max(now_ms, session.heard_ms)


def _refuse(why: tuple[int, str] | None) -> None:
    if why is not None:
        raise TicketRefused(why[1], Close(why[0]))


def _grant(user: str, name: str, session: _Session, token: str, *, taken: bool = False) -> Grant:
    return Grant(
        user=user,
        session=name,
        number=session.number,
        channels=session.channels,
        token=token,
        exclusive=session.exclusive,
        standing=session.standing,
        taken_over=taken,
        issue=session.issue,
    )
