"""Lines: from a lawful call to an answer, and what people who stop dialling do to them."""

from uuid import UUID

from dialer.core.call import UNANSWERED, Call, CallChange, CallState, Cause
from dialer.core.campaign import Mode
from dialer.core.effort import DRY_FOR_MS, Effort
from dialer.core.ending import cancel, end_call, hang_up
from dialer.core.events import (
    Answered,
    CampaignLoaded,
    CarrierBack,
    CarrierLost,
    DialDone,
    DialingResumeAsked,
    DialingStopAsked,
    HungUp,
    MachineHeard,
    MessagePlayed,
    PersonHeard,
    PlaceFailed,
    Ringing,
)
from dialer.core.live import LineOpened
from dialer.core.orders import DropScreen, HangUp, Place, Warm, Write
from dialer.core.preview import own_call
from dialer.core.records import DialingStopped, Moment
from dialer.core.reminding import take
from dialer.core.room import Room, Unknown
from dialer.core.sharing import may_dial

# --- from lead to ring ------------------------------------------------------------------------------


def line_opened(room: Room, event: LineOpened, now: int) -> None:
    """The call is lawful: ring it now, unless dialling ended in the meantime."""
    effort = room.effort(event.campaign)
    own = event.agent is not None
    effort.pending = max(0, effort.pending - (not own))
    effort.leads_left = max(0, effort.leads_left - 1)
    call = Call(event, agentless=not own and effort.campaign.mode is Mode.AGENTLESS)
    effort.tried.append(call.segment)
    room.calls[event.call] = call
    wanted = not own or own_call(room, call)
    if not wanted or not may_dial(room, effort, now):
        room.counts["opened_too_late"] += 1
        end_call(room, call, Cause.CANCELLED, "SYSTEM", now, now)
        return
    call.move(CallChange.PLACE)
    call.dialed_at = now
    effort.count(dialed=1)
    effort.flow.place(now)
    room.flow.place(now)
    c = effort.campaign
    ring_ms = c.ring_timeout_s * 1000
    room.order(Place(event.call, event.number, event.caller_id, ring_ms, c.amd, c.detection))
    room.moment(call, Moment.DIALED, now)
    if own:  # what he looked at may have grown old, and counts this call not yet
        room.order(DropScreen(event.call), Warm(event.call))
    _show_who_waits(room, call, now)


def _show_who_waits(room: Room, call: Call, now: int) -> None:
    """An agent who had it dialled follows it from the first ring on."""
    if call.agent is not None:
        room.settle(room.agents[call.agent], now)


def dial_done(room: Room, event: DialDone, now: int) -> None:
    """What was asked for and not opened is not in flight."""
    effort = room.effort(event.campaign)
    effort.pending = max(0, effort.pending - (event.asked - event.opened))
    effort.refused.update(event.refused)
    if event.dry:
        effort.dry_until, effort.leads_left = now + DRY_FOR_MS, 0


def place_failed(room: Room, event: PlaceFailed, now: int) -> None:
    """Nobody was rung."""
    end_call(room, _known(room, event.call), event.cause, "CARRIER", now, now)


def ringing(room: Room, event: Ringing, now: int) -> None:
    """It rings: time to assemble the screen, if an agent is to see one."""
    call = _ours(room, event.call)
    call.move(CallChange.RING)
    call.ringing_at = event.at_ms
    if not call.agentless:
        room.order(Warm(event.call))
    room.moment(call, Moment.RINGING, event.at_ms)
    _show_who_waits(room, call, now)


def answered(room: Room, event: Answered, now: int) -> None:
    """Picked up: detection listens, or a person is there."""
    call = _ours(room, event.call)
    early = call.state is CallState.DIALING
    call.move(CallChange.ANSWER)
    call.answered_at = event.at_ms
    room.moment(call, Moment.ANSWERED, event.at_ms)
    _show_who_waits(room, call, now)
    if early and not call.agentless:
        room.order(Warm(event.call))
    if call.hanging_up is not None:
        return
    if room.books(call.line.campaign).campaign.amd:
        call.move(CallChange.LISTEN)
    else:
        take(room, call, event.at_ms)


def person_heard(room: Room, event: PersonHeard, _now: int) -> None:
    """Detection says: a person."""
    call = _known(room, event.call)
    if call.state is not CallState.AMD or call.hanging_up is not None:
        return
    room.moment(call, Moment.PERSON, event.at_ms, said=event.verdict)
    take(room, call, event.at_ms)


def machine_heard(room: Room, event: MachineHeard, _now: int) -> None:
    """Detection says: a machine. No message is left on it."""
    call = _known(room, event.call)
    if call.state is CallState.AMD:
        room.moment(call, Moment.MACHINE, event.at_ms, said=event.verdict)
        hang_up(room, call, Cause.MACHINE)


def message_played(room: Room, event: MessagePlayed, _now: int) -> None:
    """He was told; now it may end."""
    call = _known(room, event.call)
    if call.state is CallState.MESSAGE:
        told = Cause.REMINDED if call.agentless else Cause.ABANDONED
        hang_up(room, call, Cause.AGENT_LOST if call.agent_lost else told)


def hung_up(room: Room, event: HungUp, now: int) -> None:
    """The carrier's last word on a call."""
    end_call(room, _known(room, event.call), event.cause, event.by, event.at_ms, now)


def carrier_lost(room: Room, _event: CarrierLost, _now: int) -> None:
    """No word from the carrier: nothing new is dialled; what is up may still be up."""
    room.carrier_up = False


def carrier_back(room: Room, event: CarrierBack, now: int) -> None:
    """Calls that ended while nobody could tell us are ended now; those we know nothing of are hung up."""
    room.carrier_up = True
    for orphan in event.alive - room.calls.keys():
        room.order(HangUp(orphan, Cause.CANCELLED))
    for call in list(room.calls.values()):
        if call.state in {CallState.ENDED, CallState.CREATED}:
            continue
        if call.hanging_up is not None and call.line.call in event.alive:
            room.order(HangUp(call.line.call, call.hanging_up))  # may not have been heard
        elif call.line.call not in event.alive:
            end_call(room, call, Cause.CARRIER_ERROR, "CARRIER", now, now)


def _ours(room: Room, call_id: UUID) -> Call:
    """As `_known`; a line that rings somewhere without us is taken down."""
    if call_id not in room.calls:
        room.order(HangUp(call_id, Cause.CANCELLED))
    return _known(room, call_id)


def _known(room: Room, call_id: UUID) -> Call:
    call = room.calls.get(call_id)
    if call is None:
        raise Unknown("call", call_id)
    return call


# --- campaigns --------------------------------------------------------------------------------------


def campaign_loaded(room: Room, event: CampaignLoaded, _now: int) -> None:
    """New or changed settings. Ringing calls ring on: pausing and stopping a campaign drain it.

    Each campaign comes with what the carrier takes from all of them; what was read last holds.
    """
    campaign = event.campaign
    effort = room.efforts.get(campaign.id)
    if effort is None:
        room.efforts[campaign.id] = Effort.of(campaign)
    else:
        effort.reload(campaign)
    if campaign.loaded_at_ms >= room.carrier_told_at:
        room.carrier_cap = campaign.carrier_calls_per_second
        room.carrier_told_at = campaign.loaded_at_ms


def stop_dialing(room: Room, event: DialingStopAsked, now: int) -> None:
    """A person stops dialling: no new line, what rings is taken back, who speaks speaks on."""
    if event.campaign is None:
        room.stopped_all = True
    else:
        room.effort(event.campaign).stopped = True
    room.order(Write(DialingStopped(event.campaign, now, event.by, event.reason, stopped=True)))
    for call in list(room.calls.values()):
        if event.campaign in {None, call.line.campaign} and call.state in UNANSWERED:
            cancel(room, call, now)


def resume_dialing(room: Room, event: DialingResumeAsked, now: int) -> None:
    """A person takes that back; of all campaigns means of each."""
    if event.campaign is None:
        room.stopped_all = False
        for effort in room.efforts.values():
            effort.stopped = False
    else:
        room.effort(event.campaign).stopped = False
    room.order(Write(DialingStopped(event.campaign, now, event.by, "", stopped=False)))
