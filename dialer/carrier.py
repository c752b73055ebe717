"""The contract with whoever rings the phones. `carrier_simulator` and `carrier_ari` fulfil it.

Agent legs: with the simulator an agent has no voice of his own, and `bridge` joins the customer to
a model of him. A real PBX needs a leg of his own that stays up between calls ("nailed up": his
telephone answers once, at sign-in), which is what `seat` asks for. A `bridge` to an agent whose leg
is being raised waits for it; without a leg it is a `BridgeFailed`, never a silent call.

What the real PBX says (Asterisk 22 over ARI, asked by `tests/probes/asterisk_carrier.py`):

- The end is `ChannelDestroyed` and nothing else; its cause is the word: 17 BUSY, 1 INVALID_NUMBER, 34
  CARRIER_ERROR, 21 REJECTED, 19 NO_ANSWER (our ring timeout), 16 everything that was answered, and also
  our own hang-up while it rang (CANCELLED). `Dial.dialstatus` is coarse: 1 and 21 both say NOANSWER.
- Cause 16 does not say who hung up: `HungUp.by` is SYSTEM only where we remember our own DELETE. A DELETE
  answers 204, once more 404; its end still comes as an event, and an answer may come before it.
- `Ringing` and the first `Dial` come in either order, and some failures (1, 34 after 3-5 ms, 17 after
  60 ms) come without `Ringing`. Answered and gone at once still gives `Answered`, then `HungUp`, 1 ms apart.
- Bridging a call that is gone is refused (400): do nothing, its `HungUp` is on the way. Joined 2 ms after
  the answer; the agent's own leg outlives every customer.
- Placing again under the id of a living call is refused (409) and rings once; under the id of an ended
  call it dials again. So ids are never used twice, and a repeated `place` is checked against ended calls.
- A lost websocket replays nothing: calls stay up, hence `CarrierLost` and `CarrierBack.alive`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from dialer.core.events import CarrierEvent
from dialer.core.monitor import MonitorMode


@dataclass(frozen=True, slots=True)
class Placement:
    """One number to ring, under our own call id; the carrier must know the call by that id."""

    call: UUID
    number: str  # E.164
    caller_id: str
    ring_timeout_ms: int  # then HungUp(NO_ANSWER)
    detect_machine: bool  # ask for PersonHeard or MachineHeard after Answered
    detection: str = (
        ""  # how to tell one from the other, in the carrier's words; empty: its own way
    )


class CarrierRefused(Exception):
    """The carrier refuses this one order; `cause` is a word of `core.call.Cause`. Others may pass."""

    def __init__(self, cause: str, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


class Carrier(Protocol):
    """Rings, joins, ends.

    All verbs return when the carrier has taken the order, not when it has happened; what happens
    comes through `events`. A verb about a call that is over does nothing (the race with `HungUp`
    is normal). Every verb raises `app.errors.Unavailable` when the carrier cannot be reached; the
    order may then have been carried out or not, and `CarrierBack.alive` tells which.
    """

    async def seat(
        self, agents: frozenset[UUID], desk_phones: frozenset[UUID] = frozenset()
    ) -> None:
        """Keep a leg of each of these agents up from now on, and nobody else's. Repeating changes nothing.

        Where agents speak by their pages, those of `desk_phones` have a telephone of their own all the
        same. `VoiceLost` and `VoiceUp` tell when a leg is missing and when it is there.
        """
        ...

    async def place(self, placement: Placement) -> None:
        """Ring. The same call id twice rings once.

        Raises `CarrierRefused` when nobody was rung, or tells it as `HungUp` with CARRIER_ERROR.
        """
        ...

    async def bridge(self, call: UUID, agent: UUID) -> None:
        """Join voices: `BridgedUp`, or `BridgeFailed` when the agent's leg is not there.

        An agent whose page goes away while he speaks has a few seconds to come back to the same
        customer, who hears music meanwhile; only then it is a `BridgeFailed`.
        """
        ...

    async def unbridge(self, call: UUID, agent: UUID) -> None:
        """Take the agent off; the customer hears silence or comfort noise and stays."""
        ...

    async def play_message(self, call: UUID, text: str, sound: str = "") -> None:
        """Say a text once, or play the recording `sound`: `MessagePlayed`, or `HungUp` before its end."""
        ...

    async def hold(self, call: UUID, *, on: bool) -> None:
        """Hold music for the customer, or back. No event follows."""
        ...

    async def mute(self, call: UUID, *, on: bool) -> None:
        """Close the agent's microphone, or open it. No event follows."""
        ...

    async def supervise(self, call: UUID, by: UUID, mode: MonitorMode) -> None:
        """Let the telephone of `by` be in a joined call in this mode, in the place of the one before.

        `SupervisorJoined`, or `SupervisorLost` when it cannot be reached. TAKE_OVER moves the customer
        from the agent to him; the call then ends with him, as any other.
        """
        ...

    async def withdraw(self, call: UUID, by: UUID) -> None:
        """Take it out again. No event follows."""
        ...

    async def hang_up(self, call: UUID, cause: str) -> None:
        """End it: `HungUp` with this cause and by SYSTEM follows, unless it was over already."""
        ...

    async def alive(self) -> frozenset[UUID]:
        """The calls that the carrier has at this moment."""
        ...

    def events(self) -> AsyncIterator[CarrierEvent]:
        """What happens, in order per call; ends when the carrier is closed. One consumer only.

        Per call: (Ringing)? (Answered (PersonHeard|MachineHeard)? (BridgedUp|BridgeFailed)*
        (MessagePlayed)?)? HungUp, with any `SupervisorJoined` and `SupervisorLost` between.
        `CarrierLost` and `CarrierBack` alternate; between them nothing else comes, and a HungUp
        that fell into the gap is never sent: its call is missing from `CarrierBack.alive`.
        """
        ...

    async def aclose(self) -> None:
        """End the stream. Live calls are left as they are."""
        ...
