"""Asterisk's words and ours: causes, names of channels and bridges, numbers to dial. Pure.

Every channel and bridge that we make carries a name of ours, `app.server.kind.id[.serial]`: who reads the
list of channels knows at once what belongs to whom, and a name is never used twice for a channel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from app.phone.rules import endpoint_of
from dialer.core.call import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping

NORMAL: Final = frozenset({0, 16, 31, 32})
"""Ended without a fault: by a person, or by us (32 is what Asterisk itself says of a hang-up by ARI)."""

CAUSES: Final[Mapping[int, Cause]] = MappingProxyType(
    {
        1: Cause.INVALID_NUMBER,  # unallocated (404)
        2: Cause.UNREACHABLE,  # no route to the transit network
        3: Cause.UNREACHABLE,  # no route to the destination
        17: Cause.BUSY,  # (486, 600)
        18: Cause.UNREACHABLE,  # the far end did not say a word (408)
        19: Cause.NO_ANSWER,  # our ring timeout, or the network's (480)
        20: Cause.UNREACHABLE,  # absent: switched off or out of reach
        21: Cause.REJECTED,  # (603)
        22: Cause.INVALID_NUMBER,  # the number has changed (410)
        27: Cause.UNREACHABLE,  # destination out of order (502)
        28: Cause.INVALID_NUMBER,  # incomplete (484)
    }
)
"""Q.850 causes of `ChannelDestroyed`, with the SIP answers that chan_pjsip makes them of.

Whatever is not here is the carrier's fault: 34 congestion (503), 38, 41, 42, 44 (no sound), 127.
"""


def word_of(cause: int, *, answered: bool) -> Cause:
    """What the end of a call is called that we did not end ourselves."""
    if cause in NORMAL:
        return Cause.COMPLETED if answered else Cause.CANCELLED
    return CAUSES.get(cause, Cause.CARRIER_ERROR)


@dataclass(frozen=True, slots=True)
class Names:
    """How things of ours are called on one server. `app` and `server` hold no dot."""

    app: str
    server: str

    def call(self, call: UUID) -> str:
        """The customer's channel."""
        return f"{self.app}.{self.server}.call.{call}"

    def leg(self, agent: UUID, serial: str) -> str:
        """One channel to an agent's telephone; a new one has a new serial."""
        return f"{self.app}.{self.server}.leg.{agent}.{serial}"

    def desk(self, agent: UUID) -> str:
        """The bridge that an agent sits in."""
        return f"{self.app}.{self.server}.desk.{agent}"

    def snoop(self, by: UUID, serial: str) -> str:
        """What somebody who leads hears a call by; another mode has another serial."""
        return f"{self.app}.{self.server}.snoop.{by}.{serial}"

    def message(self, call: UUID) -> str:
        """The playback of a call's message."""
        return f"{self.app}.{self.server}.message.{call}"

    def read(self, name: str) -> tuple[str, UUID] | None:
        """Kind and id of what is ours; None for anybody else's."""
        parts = name.split(".")
        if parts[:2] != [self.app, self.server] or len(parts) not in {4, 5}:
            return None
        try:
            return parts[2], UUID(parts[3])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a number is dialled and where an agent's telephone is: Asterisk's endpoints with slots.

    `dial`: `PJSIP/{digits}@trunk`; {number} is E.164, {digits} the same without its plus, {national} with
    0 instead of +84. `phone`: {agent} is the agent's id in digits. `message` is played where a campaign has
    no recording of its own, `sounds` is the folder of those. `pages`: agents speak by their pages.
    """

    dial: str
    phone: str
    message: str = "sound:paceline-sorry"
    sounds: str = "paceline"
    pages: bool = False

    @property
    def trunk(self) -> str:
        """Whose events we subscribe to, as ARI names it: the trunk, with pages everybody of PJSIP."""
        technology, _, rest = self.dial.partition("/")
        if self.pages:
            return f"endpoint:{technology}"
        return f"endpoint:{technology}/{rest.rpartition('@')[2]}"

    def line(self, number: str) -> str:
        """The endpoint of a customer's number (E.164)."""
        digits = number.removeprefix("+")
        national = re.sub(r"^84", "0", digits)
        slots = {"{number}": number, "{digits}": digits, "{national}": national}
        return _filled(self.dial, slots)

    def desk(self, agent: UUID) -> str:
        """The endpoint of an agent's telephone."""
        return _filled(self.phone, {"{agent}": str(agent.int)})

    def page(self, agent: UUID) -> str:
        """The endpoint of an agent's page."""
        return f"PJSIP/{endpoint_of(agent)}"

    def media(self, sound: str, caller_id: str) -> str:
        """What is played: the campaign's recording, or ours and then the number that called."""
        if sound:
            return f"sound:{self.sounds}/{sound}"
        digits = re.sub(r"\D", "", caller_id)
        return f"{self.message},digits:{digits}" if digits else self.message


def _filled(template: str, slots: Mapping[str, str]) -> str:
    for slot, value in slots.items():
        template = template.replace(slot, value)
    return template


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to Asterisk. Those of one `lane` are sent in order, those of others beside them.

    `why` says what to make of its answer; `about` whom it concerns.
    """

    lane: UUID
    why: str
    about: UUID
    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


def asked(event: Mapping[str, Any]) -> str:
    """The name of the channel that an event is about; empty for none."""
    about = event.get("channel") or event.get("peer") or {}
    return str(about.get("id", ""))
