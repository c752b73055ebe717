"""The contract for who was heard from last, and what each hub knows of its sockets.

Instants are passed in, never read here. A hub tells of its sockets now and then (`note`), so that what
is asked here (`seen`) is a few seconds old; a hub that fell silent is not believed any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

BELIEVED_MS = 15_000  # three times as long as a hub takes to tell of every socket again


class Link(msgspec.Struct, frozen=True, array_like=True):
    """One open socket, as its hub saw it at `noted_ms`.

    `link` names the socket (`session/number`: number - 1 resumes before it), `issue` the sign-in of
    its ticket, `hub` the process. `client` is the browser's User-Agent, `version` the page's own.
    """

    link: str
    issue: str
    hub: str
    noted_ms: int
    opened_ms: int
    heard_ms: int
    round_trip_ms: int | None  # of the newest beat that was answered; None before the first
    missed: int  # beats that no pong had answered when the next was due
    waiting_bytes: int  # held back in the mailbox
    backlog_bytes: int  # written, and not taken by the reader yet
    held: int  # times that cards had to wait
    is_stale: bool  # it was told that changes may be missing
    client: str
    version: str
    positions: tuple[tuple[str, int], ...]  # channel, offset of the newest card; -1: not begun

    @property
    def resumes(self) -> int:
        """How often this session came back."""
        return int(self.link.rpartition("/")[2]) - 1


class Parting(msgspec.Struct, frozen=True, array_like=True):
    """How a user's last socket ended: which, of which sign-in, with which close code, and when."""

    link: str
    issue: str
    code: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one user's sockets, newest first, and of the last that closed."""

    links: tuple[Link, ...] = ()
    parting: Parting | None = None


def newest_first(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return a user's sockets, the one opened last in front."""
    return tuple(sorted(links, key=lambda link: (-link.opened_ms, link.link)))


class Presence(Protocol):
    """When each user was last heard from, in ms of the caller's clock. Raises BrokerLost."""

    async def touch(self, users: Iterable[str], now_ms: int) -> None:
        """Note that these were heard; an older instant never replaces a newer one."""
        ...

    async def silent(self, since_ms: int) -> list[str]:
        """Return the users last heard before that instant, longest silent first."""
        ...

    async def last_heard(self, user: str) -> int | None:
        """Return when the user was last heard, None when never or forgotten."""
        ...

    async def heard(self, users: Sequence[str]) -> Mapping[str, int]:
        """Return when each of these was last heard; who was never heard is absent."""
        ...

    async def forget(self, users: Iterable[str]) -> None:
        """Drop users who left in good order, so that they do not count as silent."""
        ...

    async def note(
        self,
        hub: str,
        links: Mapping[str, Sequence[Link]],
        partings: Mapping[str, Parting],
        now_ms: int,
    ) -> None:
        """Take what a hub says of these users' sockets; no sockets: it has none of him any more."""
        ...

    async def seen(self, users: Sequence[str], now_ms: int) -> Mapping[str, Seen]:
        """Return what hubs say of these users; of whom nothing is known, an empty `Seen`.

        A hub that has told nothing for BELIEVED_MS is left out.
        """
        ...
