"""After a gap: what an Asterisk really has is compared with what we believe. Pure.

A lost socket replays nothing, while calls and bridges stay up. What is missing is forgotten (the room is told
who is alive), what nobody knows is hung up, what went on meanwhile is told now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.phone.rules import endpoint_of
from dialer.carrier_ari_line import Line
from dialer.carrier_ari_words import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from dialer.carrier_ari_board import Board, Word

Told = dict[str, Any]


@dataclass(slots=True)
class Gap:
    """What a comparison found: words to carry out, calls that ended unheard, channels nobody knew."""

    words: list[Word] = field(default_factory=list)
    lost: int = 0
    orphans: int = 0


def compare(
    board: Board,
    channels: Mapping[str, Told],
    bridges: Mapping[str, Told],
    now: int,
    *,
    first: bool,
) -> Gap:
    """Channels and bridges by name, as the server lists them.

    `first`: this process has just begun, and takes over what an earlier one left.
    """
    gap = Gap()
    inside = {channel: bridge for bridge, told in bridges.items() for channel in told["channels"]}
    calls, legs = _ours(board, channels, "call"), _ours(board, channels, "leg")
    gap.lost = _drop_ended(board, calls)
    for name, agent in legs.items():
        up = channels[name]["state"] == "Up"
        page = endpoint_of(agent) in channels[name].get("name", "")
        gap.words += board.desks.found(name, agent, inside.get(name, ""), up=up, page=page)
    for desk in list(board.desks.of.values()):
        if desk.leg and desk.leg not in channels:
            gap.words += board.leg_lost(desk, now)
    for name, call in calls.items():
        if call in board.lines or (first and call not in board.ended):
            gap.words += _catch_up(board, call, channels[name], inside.get(name, ""), now)
        else:
            gap.orphans += 1
            gap.words += board.hang_up_orphan(call)
    for desk in board.desks.of.values():
        if desk.with_call is None:
            gap.words += board.desks.hush(desk)
    gap.words += _empty_bridges(board, bridges)
    return gap


def _ours(board: Board, channels: Mapping[str, Told], kind: str) -> dict[str, UUID]:
    read = {name: board.names.read(name) for name in channels}
    return {name: of[1] for name, of in read.items() if of is not None and of[0] == kind}


def _drop_ended(board: Board, calls: Mapping[str, UUID]) -> int:
    ended = board.lines.keys() - set(calls.values())
    for call in ended:
        board.forget(call)
    for desk in board.desks.of.values():
        if desk.with_call in ended:
            desk.with_call = None
        if desk.awaited_by in ended:
            desk.awaited_by = None
    return len(ended)


def _catch_up(board: Board, call: UUID, told: Told, bridge: str, now: int) -> Iterator[Word]:
    """Tell what this call went through meanwhile, and mend what should be joined and is not."""
    dialplan = told.get("dialplan") or {}
    listening = dialplan.get("context") == "paceline-amd"
    line = board.lines.setdefault(call, Line(call, detection="" if listening else None))
    if told["state"] == "Ringing":
        yield from board.rings(line, now)
    if told["state"] != "Up":
        return
    if dialplan.get("app_name") == "Stasis":
        arguments = str(dialplan.get("app_data", "")).split(",")[1:]
        yield from board.in_hand(line, arguments, now)
    else:
        yield from board.picked_up(line, now)
    owner = board.names.read(bridge)
    if owner is not None and owner[0] == "desk":
        line.agent = owner[1]
        yield from board.joined_up(line, owner[1], now)
    elif line.joined and not line.held and line.agent is not None:
        yield from board.join(line, board.desks.desk(line.agent))


def _empty_bridges(board: Board, bridges: Mapping[str, Told]) -> Iterator[Ask]:
    for name in bridges:
        owner = board.names.read(name)
        if owner is not None and owner[0] == "desk" and owner[1] not in board.desks.of:
            yield Ask(owner[1], "", owner[1], "DELETE", f"/bridges/{name}")
