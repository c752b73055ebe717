"""The whole room: folds an event into its state and returns orders. Start reading here.

Refusals (a late word of the carrier, a click that came too late) change nothing and are counted.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from dialer.core import (
    dialing,
    figures,
    lines,
    monitoring,
    preview,
    remembering,
    reminding,
    restoring,
    routing,
    seating,
    sharing,
)
from dialer.core import events as e
from dialer.core.call import Call, CallState, IllegalMove
from dialer.core.live import LineOpened
from dialer.core.monitor import (
    MonitorAsked,
    MonitorKept,
    MonitorLeft,
    SupervisorJoined,
    SupervisorLost,
)
from dialer.core.offers import (
    DialAsked,
    DialRefused,
    LeadPicked,
    NothingToOffer,
    Offer,
    Offered,
    SkipAsked,
)
from dialer.core.orders import Order
from dialer.core.room import Room, Unknown
from dialer.core.standing import ENGAGED, AgentState, IllegalStep

STALE_MS = 3_000  # the oldest waiting event is older: our picture is not the truth any more
Rule = Callable[[Room, Any, int], None]

RULES: Mapping[type, Rule] = MappingProxyType(
    {
        e.Ringing: lines.ringing,
        e.Answered: lines.answered,
        e.PersonHeard: lines.person_heard,
        e.MachineHeard: lines.machine_heard,
        e.BridgedUp: routing.bridged_up,
        e.BridgeFailed: routing.bridge_failed,
        e.MessagePlayed: lines.message_played,
        e.HungUp: lines.hung_up,
        e.VoiceUp: seating.voice_up,
        e.VoiceLost: seating.voice_lost,
        e.CarrierLost: lines.carrier_lost,
        e.CarrierBack: lines.carrier_back,
        e.AgentSignedIn: seating.signed_in,
        e.AgentSignedOut: monitoring.signed_out,
        e.AgentReady: seating.ready,
        e.AgentAway: seating.away,
        e.BreakForced: seating.break_forced,
        e.ModeChosen: seating.mode_chosen,
        e.PendingCancelled: seating.pending_cancelled,
        LeadPicked: preview.picked,
        DialAsked: preview.dial_asked,
        SkipAsked: preview.skip_asked,
        Offered: preview.offered,
        NothingToOffer: preview.nothing,
        DialRefused: preview.dial_refused,
        e.HangUpAsked: seating.hang_up_asked,
        e.HoldAsked: seating.hold_asked,
        e.MuteAsked: seating.mute_asked,
        e.OutcomeSaved: seating.outcome_saved,
        e.FinishAsked: seating.finish_asked,
        e.ExtendAsked: seating.extend_asked,
        e.WrapUpCompleted: seating.completed,
        e.LinkUp: seating.link_up,
        e.LinkDown: seating.link_down,
        e.ScreenReceived: routing.received,
        e.ScreenPainted: routing.painted,
        e.DialingStopAsked: lines.stop_dialing,
        e.DialingResumeAsked: lines.resume_dialing,
        MonitorAsked: monitoring.asked,
        MonitorKept: monitoring.kept,
        MonitorLeft: monitoring.left,
        SupervisorJoined: monitoring.joined,
        SupervisorLost: monitoring.lost,
        e.CampaignLoaded: lines.campaign_loaded,
        LineOpened: lines.line_opened,
        e.DialDone: lines.dial_done,
        e.PlaceFailed: lines.place_failed,
        e.Reserved: routing.reserved,
        e.ReserveRefused: routing.reserve_refused,
        e.StateLost: restoring.state_lost,
        e.StateBack: restoring.state_back,
        e.Draining: restoring.draining,
        e.Recalled: remembering.recalled,
        e.Taught: remembering.taught,
        e.RosterRead: seating.roster_read,
        e.Restored: restoring.restored,
    }
)

# Who is behind a change, for the record; what is not here is the server's own doing.
_ORIGINS: Mapping[type, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                e.AgentSignedIn,
                e.AgentSignedOut,
                e.AgentReady,
                e.AgentAway,
                e.ModeChosen,
                e.PendingCancelled,
                LeadPicked,
                DialAsked,
                SkipAsked,
                e.HangUpAsked,
                e.HoldAsked,
                e.MuteAsked,
                e.OutcomeSaved,
                e.FinishAsked,
                e.ExtendAsked,
            ),
            "AGENT",
        ),
        **dict.fromkeys(
            (
                e.BreakForced,
                e.WrapUpCompleted,
                e.DialingStopAsked,
                e.DialingResumeAsked,
                MonitorAsked,
            ),
            "SUPERVISOR",
        ),
        **dict.fromkeys((e.LinkUp, e.LinkDown, e.VoiceUp, e.VoiceLost), "NETWORK"),
    }
)


def _origin(event: e.Event) -> str:
    if isinstance(event, e.AgentSignedOut) and event.forced:
        return "SUPERVISOR"
    return _ORIGINS.get(type(event), "SERVER")


class Floor:
    """One floor. Time is given with each event and never runs backwards here."""

    def __init__(self) -> None:
        self.room = Room()
        self._now = 0

    def receive(self, event: e.Event, now: int) -> list[Order]:
        """Fold one event at `now` (ms of business time) into the room; what is to be done, in order."""
        now = self._now = max(now, self._now)
        room = self.room
        room.begin(_origin(event))
        try:
            if isinstance(event, e.Tick):
                self._tick(event, now)
            else:
                RULES[type(event)](room, event, now)
        except (IllegalMove, IllegalStep, Unknown) as refusal:
            room.counts[f"refused_{type(event).__name__}"] += 1
            room.last_refusal = str(refusal)
        preview.tidy(room, now)
        routing.route(room, now)
        monitoring.watch(room, now)
        return room.take_orders(now)

    def _tick(self, event: e.Tick, now: int) -> None:
        room = self.room
        room.late = event.late_ms > STALE_MS
        for effort in room.efforts.values():
            effort.turn_day(now)
        seating.watch(room, now)
        routing.watch(room, now)
        reminding.watch(room, now)
        preview.watch(room, now)
        dialing.pace(room, now)

    def may_dial(self, campaign: UUID, now: int) -> bool:
        """Whether a number of this campaign may be rung at this moment, for whoever opens lines."""
        return sharing.may_dial(self.room, self.room.effort(campaign), now)

    # --- questions; none of them changes anything ---

    def due_at(self) -> int | None:
        """The next instant (ms) at which time itself will change something for a call; None: nothing."""
        dues = [d for c in self.room.calls.values() for d in self._dues(c)]
        return min(dues, default=None)

    def _dues(self, call: Call) -> list[int]:
        if call.state is CallState.WAITING and call.give_up_at is not None:
            return [call.give_up_at]
        if call.shown_at is not None and routing.awaits_receipt(call):
            return [call.shown_at + routing.limits_of(self.room, call).receipt_ms]
        return []

    def call(self, call: UUID) -> Call | None:
        """A call that is live, or still wrapped up."""
        return self.room.calls.get(call)

    def offer(self, call: UUID) -> Offer | None:
        """An offer that somebody looks at, or is having dialled."""
        return next((each for each in self.room.offers.values() if each.call == call), None)

    def held(self) -> dict[UUID, UUID]:
        """Agents and the calls for which they are held: what reservations must say."""
        return {
            a.id: a.call
            for a in self.room.agents.values()
            if a.call is not None and (a.state in ENGAGED or a.state is AgentState.WRAP_UP)
        }

    def lost(self) -> dict[UUID, int]:
        """Agents whose link is lost, and since when (ms)."""
        return {a.id: a.lost_at for a in self.room.agents.values() if a.lost_at is not None}

    def linked(self) -> list[UUID]:
        """Agents whose link is up."""
        return [a.id for a in self.room.agents.values() if a.link.value == "UP"]

    def in_flight(self) -> dict[UUID, int]:
        """Lines asked for or placed that no agent has yet, by campaign."""
        return {campaign: share.flying for campaign, share in sharing.look(self.room).items()}

    def memories(self) -> Iterator[tuple[UUID, remembering.Memory]]:
        """What pacing remembers of each campaign that runs, taken one by one."""
        for campaign in remembering.remembered(self.room):
            yield campaign, remembering.memory_of(self.room.effort(campaign))

    def unschooled(self) -> list[UUID]:
        """Campaigns that run and of which pacing knows nothing yet."""
        return remembering.unschooled(self.room)

    def live_calls(self) -> int:
        """Calls that are not over."""
        return sum(1 for c in self.room.calls.values() if c.state is not CallState.ENDED)

    def campaign_cards(self, now: int) -> dict[UUID, dict[str, Any]]:
        """The figures of every campaign."""
        return figures.campaign_cards(self.room, sharing.look(self.room), now)

    def floor_card(self, now: int) -> dict[str, Any]:
        """The figures of the floor."""
        return figures.floor_card(self.room, now)
