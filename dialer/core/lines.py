"""Lines: whether and how many may be opened, and what the carrier tells of them until somebody answers."""

from collections.abc import Iterable
from math import ceil
from uuid import UUID

from dialer.core.agent import SPEAKING, Agent, AgentState
from dialer.core.call import IN_FLIGHT, UNANSWERED, Call, CallChange, CallState, Cause
from dialer.core.campaign import CampaignState
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
    LineOpened,
    MachineHeard,
    MessagePlayed,
    PersonHeard,
    PlaceFailed,
    Ringing,
)
from dialer.core.orders import Dial, HangUp, Place, Warm, Write
from dialer.core.pacing import Snapshot, decide
from dialer.core.records import DialingStopped, Moment
from dialer.core.room import Room, Unknown
from dialer.core.routing import begin_wait

WRAP_MS, TALK_MS, RING_MS = 15_000.0, 60_000.0, 8_000.0  # until something is known


def may_dial(room: Room, effort: Effort, now: int) -> bool:
    """Whether a number of this campaign may be rung at this very moment."""
    return (
        effort.campaign.state is CampaignState.RUNNING
        and effort.campaign.window(now) is not None
        and not (effort.stopped or room.stopped_all or room.draining)
        and room.carrier_up
        and room.state_up
    )


# --- how many -------------------------------------------------------------------------------------


def pace(room: Room, now: int) -> None:
    """Let every campaign decide, those of higher priority first."""
    places = _share(room, now)
    for effort in _in_turn(room):
        snapshot = _snapshot(room, effort, places.get(effort.campaign.id, 0), now)
        effort.pace = decide(snapshot, effort.campaign.limits)
        effort.ratio, effort.decided_at = effort.pace.ratio, now
        if effort.pace.lines > 0:
            effort.pending += effort.pace.lines
            room.order(Dial(effort.campaign.id, effort.pace.lines))


def _in_turn(room: Room) -> list[Effort]:
    return sorted(room.efforts.values(), key=lambda e: (-e.campaign.priority, e.campaign.id.int))


def in_flight(room: Room, effort: Effort) -> int:
    """Lines asked for or placed that no agent has yet."""
    return effort.pending + sum(1 for c in _flying(room, effort.campaign.id))


def _flying(room: Room, campaign: UUID) -> Iterable[Call]:
    return (
        c
        for c in room.calls.values()
        if c.line.campaign == campaign
        and c.state in IN_FLIGHT
        and c.state is not CallState.RESERVED
        and c.hanging_up is None
    )


def _share(room: Room, now: int) -> dict[UUID, int]:
    """How many free agents each campaign may dial for: an agent of several counts for one only.

    First those whom lines in flight already speak for, then the rest by priority.
    """
    free = sorted((room.agents[a] for a in room.free), key=lambda a: (a.free_since or 0, a.id.int))
    places = dict.fromkeys(room.efforts, 0)
    turn = _in_turn(room)
    for effort in turn:
        spoken_for = ceil(in_flight(room, effort) / max(1.0, effort.ratio))
        free = _claim(free, effort, spoken_for, places)
    for effort in turn:
        if may_dial(room, effort, now) and effort.dry_until <= now:
            free = _claim(free, effort, len(free), places)
    return places


def _claim(free: list[Agent], effort: Effort, most: int, places: dict[UUID, int]) -> list[Agent]:
    """Give up to `most` of its agents to a campaign; the others remain."""
    rest = []
    for agent in free:
        if most > 0 and effort.campaign.id in agent.campaigns:
            places[effort.campaign.id] += 1
            most -= 1
        else:
            rest.append(agent)
    return rest


def _snapshot(room: Room, effort: Effort, free: int, now: int) -> Snapshot:
    campaign = effort.campaign
    crew = [a for a in room.agents.values() if campaign.id in a.campaigns and a.counts]
    return Snapshot(
        mode=campaign.mode,
        running=campaign.state is CampaignState.RUNNING,
        stopped=effort.stopped or room.stopped_all or room.draining,
        window_open=campaign.window(now) is not None,
        stale=room.late or not room.state_up,
        carrier_up=room.carrier_up,
        dry=now < effort.dry_until,
        free=free,
        soon=_soon(effort, crew, now),
        agents=len(crew),
        in_flight=in_flight(room, effort),
        waiting=sum(1 for c in _flying(room, campaign.id) if c.state is CallState.WAITING),
        dialed=effort.day.dialed,
        answered=effort.day.answered,
        abandoned=effort.day.abandoned,
        answer_rate=effort.estimates.answer_rate.value,
        outcomes=effort.estimates.answer_rate.n,
        ratio=effort.ratio,
        elapsed_ms=max(0, now - effort.decided_at) if effort.decided_at else 0,
    )


def _soon(effort: Effort, crew: list[Agent], now: int) -> int:
    """Agents who will probably be free before a line opened now is answered, rounded down.

    Wrap-up is bounded and informative, talk has a long tail; so talk counts by its mean rate only.
    """
    estimates = effort.estimates
    ring = estimates.ring_ms.value or RING_MS
    wrap = max(1.0, estimates.wrap_ms.value or WRAP_MS)
    talk = max(1.0, estimates.talk_ms.value or TALK_MS)
    expected = 0.0
    for agent in crew:
        if agent.pending is not None or agent.campaign != effort.campaign.id:
            continue
        if agent.state is AgentState.WRAP_UP:
            spent = now - agent.since
            expected += 0.9 if spent + ring >= wrap else ring / wrap
        elif agent.state in SPEAKING:
            expected += min(0.5, ring / talk) * min(1.0, ring / wrap)
    return int(expected * 0.8)


# --- from lead to ring ------------------------------------------------------------------------------


def line_opened(room: Room, event: LineOpened, now: int) -> None:
    """The call is lawful: ring it now, unless dialling ended in the meantime."""
    effort = room.effort(event.campaign)
    effort.pending = max(0, effort.pending - 1)
    effort.leads_left = max(0, effort.leads_left - 1)
    call = Call(event)
    room.calls[event.call] = call
    if not may_dial(room, effort, now):
        room.counts["opened_too_late"] += 1
        end_call(room, call, Cause.CANCELLED, "SYSTEM", now, now)
        return
    call.move(CallChange.PLACE)
    call.dialed_at = now
    effort.count(dialed=1)
    c = effort.campaign
    room.order(Place(event.call, event.number, event.caller_id, c.ring_timeout_s * 1000, c.amd))
    room.moment(call, Moment.DIALED, now)


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


def ringing(room: Room, event: Ringing, _now: int) -> None:
    """It rings: time to assemble the screen."""
    call = _ours(room, event.call)
    call.move(CallChange.RING)
    call.ringing_at = event.at_ms
    room.order(Warm(event.call))
    room.moment(call, Moment.RINGING, event.at_ms)


def answered(room: Room, event: Answered, _now: int) -> None:
    """Picked up: detection listens, or a person waits."""
    call = _ours(room, event.call)
    early = call.state is CallState.DIALING
    call.move(CallChange.ANSWER)
    call.answered_at = event.at_ms
    room.moment(call, Moment.ANSWERED, event.at_ms)
    if early:
        room.order(Warm(event.call))
    if call.hanging_up is not None:
        return
    if room.books(call.line.campaign).campaign.amd:
        call.move(CallChange.LISTEN)
    else:
        begin_wait(room, call, event.at_ms)


def person_heard(room: Room, event: PersonHeard, _now: int) -> None:
    """Detection says: a person."""
    call = _known(room, event.call)
    if call.state is not CallState.AMD or call.hanging_up is not None:
        return
    room.moment(call, Moment.PERSON, event.at_ms)
    begin_wait(room, call, event.at_ms)


def machine_heard(room: Room, event: MachineHeard, _now: int) -> None:
    """Detection says: a machine. No message is left on it."""
    call = _known(room, event.call)
    if call.state is CallState.AMD:
        room.moment(call, Moment.MACHINE, event.at_ms)
        hang_up(room, call, Cause.MACHINE)


def message_played(room: Room, event: MessagePlayed, _now: int) -> None:
    """He was told; now it may end."""
    call = _known(room, event.call)
    if call.state is CallState.MESSAGE:
        hang_up(room, call, Cause.AGENT_LOST if call.agent_lost else Cause.ABANDONED)


def hung_up(room: Room, event: HungUp, now: int) -> None:
    """The carrier's last word on a call."""
    end_call(room, _known(room, event.call), event.cause, event.by, event.at_ms, now)


def carrier_lost(room: Room, _event: CarrierLost, _now: int) -> None:
    """No word from the carrier: nothing new is dialled; what is up may still be up."""
    room.carrier_up = False


def carrier_back(room: Room, event: CarrierBack, now: int) -> None:
    """Calls that ended while nobody could tell us are ended now."""
    room.carrier_up = True
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
    """New or changed settings. Ringing calls ring on: pausing and stopping a campaign drain it."""
    effort = room.efforts.get(event.campaign.id)
    if effort is None:
        room.efforts[event.campaign.id] = Effort.of(event.campaign)
    else:
        effort.reload(event.campaign)


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
