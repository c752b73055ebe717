"""Who may open a socket: a short-lived signed ticket, then a resume token that changes each time.

The app issues tickets, this root checks them; there is no database here. `TicketBook` remembers
which tickets were used and which sessions may resume: ticket_memory.py, ticket_redis.py.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec

from realtime.closing import Close
from realtime.frames import CHANNEL_LIMIT, Name

RESUME_WITHIN_MS = 120_000  # after the socket was last heard
TOKEN_BYTES = 18
_MARK_BYTES = 32


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """The right to open one socket once, before `expires_at_ms`.

    `nonce` makes it single-use and names the socket's session. `issue` is the issuer's own name
    for the sign-in: an order may concern the sockets of one issue alone. `standing` is the user's
    at the issuing (`TicketBook.standing`): an order of later that bars makes the ticket worthless.
    """

    user: Name
    channels: Annotated[tuple[Name, ...], msgspec.Meta(max_length=CHANNEL_LIMIT)]
    expires_at_ms: int
    nonce: Name
    issue: str
    standing: int = 0


class TicketRefused(Exception):
    """The bearer may not come in; `code` is the close code that says so."""

    def __init__(self, reason: str, code: Close = Close.TICKET_REFUSED) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


def sign(ticket: Ticket, secret: bytes) -> str:
    """Return the ticket as text for a URL-safe place, sealed by the secret."""
    body = msgspec.msgpack.encode(ticket)
    return base64.urlsafe_b64encode(_mark(body, secret) + body).rstrip(b"=").decode()


def verify(text: str, secret: bytes, now_ms: int) -> Ticket:
    """Return the ticket in a text; TicketRefused when forged, damaged or too late."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise TicketRefused("not a ticket") from error
    mark, body = raw[:_MARK_BYTES], raw[_MARK_BYTES:]
    if not hmac.compare_digest(mark, _mark(body, secret)):
        raise TicketRefused("not sealed by this house")
    try:
        ticket = msgspec.msgpack.decode(body, type=Ticket)
    except msgspec.DecodeError as error:
        raise TicketRefused("sealed by another version of this house") from error
    if ticket.expires_at_ms <= now_ms:
        raise TicketRefused("the ticket has expired")
    return ticket


@dataclass(frozen=True, slots=True)
class Grant:
    """A socket that may live: whose, under what name, on which channels.

    `link` is `session/number`, another number at each resume: it names this very socket.
    `taken_over` tells that another session held the exclusive channel until now. `standing` is
    the user's at the admission: orders that came before do not concern this socket. `issue` is the
    ticket's.
    """

    user: str
    session: str
    number: int
    channels: tuple[str, ...]
    token: str
    exclusive: str | None
    standing: int = 0
    taken_over: bool = False
    issue: str = ""

    @property
    def link(self) -> str:
        """The name of this socket, never used twice."""
        return f"{self.session}/{self.number}"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a verified ticket asks to have written down."""

    ticket: Ticket
    channels: tuple[str, ...]
    token: str
    exclusive: str | None  # the channel that only the newest session of the user may hold


class TicketBook(Protocol):
    """Remembers used tickets and resumable sessions. Raises BrokerLost when it cannot."""

    async def standing(self, user: str) -> int:
        """Return where the user stands now: what a ticket issued from here on bears."""
        ...

    async def admit(self, opening: Opening, now_ms: int) -> Grant:
        """Use the ticket up and open its session; TicketRefused when it was used before.

        With the order's own code when the user was sent away since the ticket was issued.
        """
        ...

    async def resume(self, token: str, new_token: str, now_ms: int) -> Grant:
        """Exchange a token; TicketRefused: unknown, used, too late (RESUME_WITHIN_MS).

        With Close.TAKEN_OVER when another session holds the exclusive channel by now, and with
        the order's own code when the user was sent away meanwhile.
        """
        ...

    async def keep(self, links: Sequence[Grant], now_ms: int) -> None:
        """Note that these sessions were heard: their tokens stay good from here on."""
        ...


def make_token(user: str, session: str, chance: bytes) -> str:
    """Return a resume token that names its session; `chance` is TOKEN_BYTES of randomness."""
    return ".".join(_text(part) for part in (user.encode(), session.encode(), chance))


def read_token(token: str) -> tuple[str, str, str]:
    """Return user, session and the digest under which the book knows the token."""
    try:
        user, session, chance = (_bytes(part) for part in token.split("."))
        return user.decode(), session.decode(), hashlib.sha256(chance).hexdigest()
    except (ValueError, binascii.Error) as error:
        raise TicketRefused("not a token") from error


def token_digest(token: str) -> str:
    """Return the digest under which the book keeps a token; the token itself is not kept."""
    return read_token(token)[2]


def _mark(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"paceline ticket 1\0" + body, "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
