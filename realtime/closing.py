"""Why a socket is closed and whether the browser should return: codes, words, advice.

Pure. The table is the whole truth; docs/protocol.md prints it and the browser obeys it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

__all__ = ["ADVICE", "LOST", "Advice", "Close", "advise", "again_ms"]


class Close(IntEnum):
    """Close codes of ours (RFC 6455 leaves 4000-4999 to applications)."""

    DRAIN = 4000
    TICKET_REFUSED = 4001
    SIGNED_OUT = 4002
    TAKEN_OVER = 4003
    FORBIDDEN = 4004
    FLOOD = 4008
    SLOW = 4009
    PROTOCOL = 4010
    INTERNAL = 4011
    SILENT = 4012


@dataclass(frozen=True, slots=True)
class Advice:
    """What a client does after a close.

    `returns` false: wait for a person. `fresh_ticket` true: the resume token is of no use.
    The client waits `least_ms` to `most_ms`, drawn evenly, before its first try.
    """

    sentence: str
    returns: bool
    fresh_ticket: bool = False
    least_ms: int = 0
    most_ms: int = 0


ADVICE: Mapping[Close, Advice] = MappingProxyType(
    {
        Close.DRAIN: Advice("the server is restarting", returns=True, most_ms=3_000),
        Close.TICKET_REFUSED: Advice(
            "the ticket or token is not valid", returns=True, fresh_ticket=True, most_ms=1_000
        ),
        Close.SIGNED_OUT: Advice("signed out", returns=False),
        Close.TAKEN_OVER: Advice("this desk was opened elsewhere", returns=False),
        Close.FORBIDDEN: Advice("not allowed on this channel", returns=False),
        # Half a minute: a client that floods by mistake would flood again at once.
        Close.FLOOD: Advice("too many frames", returns=True, least_ms=30_000, most_ms=33_000),
        Close.SLOW: Advice("this reader is too slow", returns=True, most_ms=3_000),
        Close.PROTOCOL: Advice("the page must be reloaded", returns=False),
        Close.INTERNAL: Advice("the server failed", returns=True, least_ms=500, most_ms=3_000),
        Close.SILENT: Advice("nothing was heard for too long", returns=True, most_ms=3_000),
    }
)

# A close without a code of ours (1001, 1006, 1011, 1012 ...): the network or a proxy did it.
LOST = Advice("the connection was lost", returns=True, most_ms=3_000)


def advise(code: int) -> Advice:
    """Return the advice for a close code; a code that is not ours means the connection was lost."""
    try:
        return ADVICE[Close(code)]
    except ValueError:
        return LOST


def again_ms(code: int, chance: float) -> int | None:
    """Return how long to wait before returning, or None when the client must not return.

    `chance` is drawn evenly from 0 up to 1 by the caller; it spreads a crowd.
    """
    advice = advise(code)
    if not advice.returns:
        return None
    return advice.least_ms + int((advice.most_ms - advice.least_ms) * chance)
