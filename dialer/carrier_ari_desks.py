"""Agents' telephones at one Asterisk: a leg of each that stays up between calls, in a bridge of his own.

Pure: events and answers in, requests out; time is passed in. A leg alone in its bridge hears silence that
is really sent, else a telephone that waits for sound hangs up. A leg that was lost is raised again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dialer.carrier_ari_words import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from dialer.carrier_ari_words import Names, Plan

RING_S: Final = 30  # a telephone that is not picked up by then has nobody in front of it
AGAIN_MS: Final = (500, 1_000, 2_000, 5_000, 10_000)
"""Until a leg that was lost is raised again: the first time, the second time, and so on."""


@dataclass(slots=True)
class Desk:
    """One agent's telephone. `ready` means that he could be joined now."""

    agent: UUID
    leg: str = ""  # the channel's name; empty while none is being raised
    ready: bool = False
    quiet: bool = False  # silence is sent to him
    muted: bool = False
    with_call: UUID | None = None  # whose voice he has
    awaited_by: UUID | None = None  # the call that is joined as soon as he is ready
    falls: int = 0  # legs lost or refused in a row
    again_at: int | None = None  # ms; when his leg is raised again


@dataclass(slots=True)
class Desks:
    """All agents' telephones of one server."""

    names: Names
    plan: Plan
    of: dict[UUID, Desk] = field(default_factory=dict)

    def seat(self, agents: frozenset[UUID], now: int) -> Iterator[Ask]:
        """These have a leg of their own from now on, and nobody else."""
        for agent in agents:
            yield from self.raise_leg(self.desk(agent), now)
        for desk in list(self.of.values()):
            if desk.agent not in agents and desk.with_call is None and desk.awaited_by is None:
                yield from self.clear(desk)

    def desk(self, agent: UUID) -> Desk:
        """His desk, made if need be."""
        return self.of.setdefault(agent, Desk(agent))

    def raise_leg(self, desk: Desk, now: int) -> Iterator[Ask]:
        """Ring his telephone, unless that is under way or must wait."""
        if desk.leg or (desk.again_at is not None and now < desk.again_at):
            return
        desk.leg, desk.again_at = self.names.leg(desk.agent, f"{now:x}"), None
        yield self._ask(
            desk,
            "leg",
            "POST",
            f"/channels/{desk.leg}",
            {
                "endpoint": self.plan.desk(desk.agent),
                "app": self.names.app,
                "appArgs": "leg",
                "timeout": str(RING_S),
            },
        )

    def clear(self, desk: Desk) -> Iterator[Ask]:
        """He has left: hang up, take his bridge away."""
        del self.of[desk.agent]
        if desk.leg:
            yield self._ask(desk, "", "DELETE", f"/channels/{desk.leg}")
        yield self._ask(desk, "", "DELETE", f"/bridges/{self.names.desk(desk.agent)}")

    def due(self, now: int) -> Iterator[Ask]:
        """Legs to be raised again."""
        for desk in self.of.values():
            if desk.again_at is not None and now >= desk.again_at:
                yield from self.raise_leg(desk, now)

    # --- what Asterisk says ---

    def owner(self, channel: str, agent: UUID) -> Desk | None:
        """The desk whose present leg this channel is."""
        desk = self.of.get(agent)
        return desk if desk is not None and desk.leg == channel else None

    def picked_up(self, desk: Desk) -> Iterator[Ask]:
        """He answered: into his bridge with him, which may still be there."""
        bridge = self.names.desk(desk.agent)
        yield self._ask(desk, "", "POST", f"/bridges/{bridge}", {"type": "mixing"})
        yield self._ask(desk, "", "POST", f"/bridges/{bridge}/addChannel", {"channel": desk.leg})

    def seated(self, desk: Desk) -> Iterator[Ask]:
        """His leg is in his bridge: he can be joined."""
        desk.ready, desk.falls = True, 0
        yield from self.hush(desk)

    def lost(self, desk: Desk, now: int) -> None:
        """His leg is gone, or could not be raised: again after a while."""
        desk.again_at = now + AGAIN_MS[min(desk.falls, len(AGAIN_MS) - 1)]
        desk.leg, desk.falls = "", desk.falls + 1
        desk.ready = desk.quiet = desk.muted = False
        desk.with_call = desk.awaited_by = None

    def hush(self, desk: Desk) -> Iterator[Ask]:
        """Nobody is with him: send him silence."""
        if desk.ready and not desk.quiet:
            desk.quiet = True
            yield self._ask(desk, "", "POST", f"/channels/{desk.leg}/silence")

    def voice(self, desk: Desk) -> Iterator[Ask]:
        """Somebody comes to him: what is sent to him now is that voice, and his own is heard."""
        if desk.quiet:
            desk.quiet = False
            yield self._ask(desk, "", "DELETE", f"/channels/{desk.leg}/silence")
        yield from self.mute(desk, on=False)

    def mute(self, desk: Desk, *, on: bool) -> Iterator[Ask]:
        """Close his microphone, or open it."""
        if desk.muted is not on and desk.leg:
            desk.muted = on
            method = "POST" if on else "DELETE"
            path = f"/channels/{desk.leg}/mute"
            yield self._ask(desk, "", method, path, {"direction": "in"})

    def found(self, name: str, agent: UUID, bridge: str, *, up: bool) -> Iterator[Ask]:
        """A leg that the server has: his, taken over from an earlier dialer, or one too many."""
        desk = self.desk(agent)
        if desk.leg not in {"", name}:
            yield self._ask(desk, "", "DELETE", f"/channels/{name}")
            return
        desk.leg, desk.again_at = name, None
        desk.ready = bridge == self.names.desk(agent)
        if up and not desk.ready:
            yield from self.picked_up(desk)

    @staticmethod
    def _ask(
        desk: Desk, why: str, method: str, path: str, params: Mapping[str, str] | None = None
    ) -> Ask:
        return Ask(desk.agent, why, desk.agent, method, path, params or {})
