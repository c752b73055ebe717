"""One customer's channel, and the seconds in which his agent's page may come back to him. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dialer.carrier_ari_words import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from dialer.carrier_ari_desks import Desk
    from dialer.carrier_ari_words import Names

BACK_MS: Final = 8_000  # a page that went away in a call comes back to it within this


@dataclass(slots=True)
class Line:
    """One customer's channel, as far as we know."""

    call: UUID
    caller_id: str = ""
    detection: str | None = None  # AMD()'s arguments, "" for the server's own; None: nobody listens
    rang: bool = False
    up_at: int | None = None  # ms; when it was picked up
    answered: bool = False  # and we have said so
    here: bool = False  # in our hands: it can be joined and played to
    decided: bool = False  # detection has said its word
    agent: UUID | None = None  # who is, or is being, joined to it
    joined: bool = False  # and we have said so
    held: bool = False
    quiet: bool = False  # silence is sent to it
    muted: bool = False  # his agent's microphone, also of a page that comes back
    playing: bool = False  # the message
    back_by: int | None = None  # ms; until then his agent's page may come back to him
    soothed: bool = False  # music is sent to it meanwhile
    ours: str = ""  # the cause with which we asked to end it


def wait_for_page(line: Line, desk: Desk, names: Names, now: int) -> Iterator[Ask]:
    """Music for him whose agent's page went away, until it is back or the time is over."""
    desk.awaited_by = line.call
    if line.back_by is not None:
        return
    line.back_by = now + BACK_MS
    if line.held:
        return
    line.soothed = True
    name, bridge = names.call(line.call), f"/bridges/{names.desk(desk.agent)}"
    yield Ask(line.call, "", line.call, "POST", f"{bridge}/removeChannel", {"channel": name})
    yield Ask(line.call, "", line.call, "POST", f"/channels/{name}/moh")
