"""Who comes in: checks tickets and tokens with the book, in one round trip and without a database."""

from realtime.broker import CONTROL
from realtime.closing import Close
from realtime.frames import Hello, Resume
from realtime.protocol import permitted
from realtime.session import Clock
from realtime.ticket import (
    TOKEN_BYTES,
    Grant,
    Opening,
    TicketBook,
    TicketRefused,
    make_token,
    read_token,
    verify,
)


class Gate:
    """Turns a hello or a resume into a grant.

    `exclusive_prefix` names the channels that only one socket of their user may hold: that of
    user `7` is `exclusive_prefix + "7"`.
    """

    def __init__(
        self, book: TicketBook, secret: bytes, clock: Clock, exclusive_prefix: str
    ) -> None:
        self.book = book
        self._secret = secret
        self._clock = clock
        self._exclusive_prefix = exclusive_prefix

    async def admit(self, hello: Hello) -> Grant:
        """Use a ticket up; TicketRefused or BrokerLost."""
        now_ms = self._clock.now_ms()
        ticket = verify(hello.ticket, self._secret, now_ms)
        channels = permitted(ticket.channels, hello.want)
        if channels is None or CONTROL in channels:
            raise TicketRefused("a channel that the ticket does not name", Close.FORBIDDEN)
        own = self._exclusive_prefix + ticket.user
        opening = Opening(
            ticket=ticket,
            channels=channels,
            token=make_token(ticket.user, ticket.nonce, self._chance()),
            exclusive=own if own in channels else None,
        )
        return await self.book.admit(opening, now_ms)

    async def readmit(self, resume: Resume) -> Grant:
        """Exchange a token; TicketRefused or BrokerLost."""
        user, session, _ = read_token(resume.token)
        new_token = make_token(user, session, self._chance())
        grant = await self.book.resume(resume.token, new_token, self._clock.now_ms())
        if not set(resume.at) <= set(grant.channels):
            raise TicketRefused("a position in a channel of another session", Close.FORBIDDEN)
        return grant

    def _chance(self) -> bytes:
        return self._clock.token_bytes(TOKEN_BYTES)
