"""What one client was told, message by message, and what must be true of it at the end. Pure.

The client library passes over what it knows already; a load test wants to know that it had to. So the ledger
reads each frame beside the client: numbers of a channel never go back, no card comes twice, and at the end the
cards are the server's own.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCREEN: Final = "screen:"
WATCHED: Final = (
    20  # viewers whose every card is looked at; to read a wall costs us more than to send it
)
_HOLD_CARDS: Final = tuple(msgpack.packb({"t": kind})[1:] for kind in ("cards", "snapshot"))


def holds_cards(message: bytes) -> bool:
    """Whether a message brings cards, by the name that it begins with."""
    return message[1:].startswith(_HOLD_CARDS)


@dataclass(slots=True)
class Ledger:
    """Of one client, over all its sockets."""

    user: str
    kind: str
    frames: int = 0
    repeats: int = 0  # cards whose number was delivered before
    disorder: int = 0  # cards whose number is below one delivered before it in the same frame
    breaches: int = 0  # frames that follow on nothing
    opened: int = 0
    resumed: int = 0
    screens: dict[str, int] = field(
        default_factory=dict
    )  # how often each version-free call was told
    _at: dict[str, tuple[str, int]] = field(default_factory=dict)

    def note(self, frame: Mapping[str, Any]) -> None:
        """Take one decoded message, before the client does."""
        self.frames += 1
        if frame.get("t") == "cards":
            self._note_cards(frame)
        elif frame.get("t") == "snapshot":
            self._note_screens((key, value) for _, key, value in frame["cards"])
            if frame["last"]:
                self._at[frame["ch"]] = (frame["ep"], frame["o"])

    def _note_cards(self, frame: Mapping[str, Any]) -> None:
        channel = frame["ch"]
        epoch, known = self._at.get(channel, ("", 0))
        if epoch != frame["ep"]:
            self.breaches += 1
            return
        last = known
        for offset, key, value in frame["cards"]:
            if offset <= known:
                self.repeats += 1
            elif offset <= last:
                self.disorder += 1
            else:
                self._note_screens([(key, value)])
            last = max(last, offset)
        self._at[channel] = (epoch, last)

    def _note_screens(self, cards: Iterable[tuple[str, Any]]) -> None:
        for key, value in cards:
            if key.startswith(SCREEN) and value is not None:
                call = key.removeprefix(SCREEN)
                self.screens[call] = self.screens.get(call, 0) + 1

    def close(self, store: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The account at the end, for a line of JSON: `store` is what the client holds."""
        return {
            "user": self.user,
            "kind": self.kind,
            "frames": self.frames,
            "repeats": self.repeats,
            "disorder": self.disorder,
            "breaches": self.breaches,
            "opened": self.opened,
            "resumed": self.resumed,
            "screens": sorted(self.screens),
            "holds": {name: digest(cards) for name, cards in store.items()},
        }


def digest(cards: Mapping[str, Any]) -> str:
    """A short name of what cards say, the same for the same cards."""
    told = json.dumps(cards, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Popped:
    """A pop of the books: which call was shown to whom. `returned`: it went back unreceived."""

    call: str
    agent: str
    returned: bool
    overtaken: bool  # over before it could be received


def settle(
    accounts: Iterable[Mapping[str, Any]],
    truth: Mapping[str, str],
    pops: Iterable[Popped],
) -> dict[str, Any]:
    """Hold every client's account against the server's: what is lost, double, wrong. All zero is right.

    `truth`: channel to digest of its cards, taken when nothing moved any more.
    """
    seen: dict[str, set[str]] = defaultdict(set)
    found = {"clients": 0, "wrong_state": 0, "repeats": 0, "disorder": 0, "breaches": 0}
    wrong: list[str] = []
    for account in accounts:
        found["clients"] += 1
        seen[account["user"]].update(account["screens"])
        for name in ("repeats", "disorder", "breaches"):
            found[name] += account[name]
        off = [name for name, held in account["holds"].items() if truth.get(name) != held]
        found["wrong_state"] += bool(off)
        wrong += [f"{account['user']} {name}" for name in off]
    expected = [pop for pop in pops if pop.agent in seen and not pop.returned and not pop.overtaken]
    lost = [pop.call for pop in expected if pop.call not in seen[pop.agent]]
    shown_to: dict[str, int] = {}
    for pop in expected:
        shown_to[pop.call] = sum(pop.call in calls for calls in seen.values())
    return {
        **found,
        "pops": len(expected),
        "pops_lost": len(lost),
        "pops_at_two_desks": sum(count > 1 for count in shown_to.values()),
        "examples": [*wrong[:3], *lost[:3]],
    }
