"""Whether and how many lines each campaign may open now: one look over the room, then `pacing` decides.

Other modes decide at every tick; PREDICTIVE, whose forecast costs more, once a second, each campaign at
an instant of its own so that hundreds of them never come at once. What calls per second have cut is decided
again as soon as they leave something: lines open a little after they were asked for, so that a second later
those of the last one still count.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import Call, CallState
from dialer.core.campaign import CampaignState, Mode
from dialer.core.effort import Effort
from dialer.core.ending import cancel
from dialer.core.orders import Dial
from dialer.core.pacing import HINDRANCES, Because, decide
from dialer.core.preview import propose
from dialer.core.room import Room
from dialer.core.roster import leaves_in_s
from dialer.core.sharing import Share, in_turn, look, share_out
from dialer.core.standing import AFTERWARDS, AT_REST
from dialer.core.view import Doing, Line, Seat, Stage, View

EVERY_MS = 1_000  # PREDICTIVE decides so often
FIRST_AT_ONCE = 20  # campaigns that decide for the first time in one tick: that costs most
STAGES = {
    CallState.CREATED: Stage.SETUP,
    CallState.DIALING: Stage.SETUP,
    CallState.RINGING: Stage.RINGING,
    CallState.ANSWERED: Stage.ANSWERED,
    CallState.AMD: Stage.ANSWERED,
    CallState.WAITING: Stage.QUEUED,
    CallState.MESSAGE: Stage.ANSWERED,  # AGENTLESS: the line is taken while the voice speaks
}


def pace(room: Room, now: int) -> None:
    """Let every campaign decide whose turn it is, those of higher priority first."""
    shares, turn = look(room), in_turn(room)
    share_out(room, shares, turn, now)
    first = 0
    for effort in turn:
        propose(room, effort, shares[effort.campaign.id], now)
        if not _is_due(room, effort, now):
            continue
        first += not effort.decided_at
        if effort.decided_at or first <= FIRST_AT_ONCE:
            _decide(room, effort, shares[effort.campaign.id], now)
    _explain(room, turn, now)


def _is_due(room: Room, effort: Effort, now: int) -> bool:
    campaign = effort.campaign
    if campaign.mode is not Mode.PREDICTIVE or campaign.state is not CampaignState.RUNNING:
        return True
    own = campaign.id.int % EVERY_MS
    if (now + own) // EVERY_MS > (effort.decided_at + own) // EVERY_MS:
        return True
    cut = effort.pace.because is Because.CALLS_PER_SECOND
    return cut and _calls_left(room, effort, now) != 0


def _decide(room: Room, effort: Effort, share: Share, now: int) -> None:
    view = view_of(room, effort, share, now)
    effort.view, effort.pace = view, decide(view, effort.limits, effort.brain)
    effort.starved = effort.pace.because is Because.CALLS_PER_SECOND and (
        view.calls_left != _own_calls_left(effort, now)
    )
    effort.ratio, effort.decided_at = effort.pace.ratio, now
    if effort.pace.lines > 0:
        effort.pending += effort.pace.lines
        room.order(Dial(effort.campaign.id, effort.pace.lines))
    for call in share.calls:
        if call.line.call in effort.pace.cancel:
            cancel(room, call, now)


def _explain(room: Room, turn: Sequence[Effort], now: int) -> None:
    """Tell those who wait why nobody is dialled for them, and when somebody is again."""
    reasons = {e.campaign.id: (at, _against(e)) for at, e in enumerate(turn)}
    for agent in room.agents.values():
        hindrance = _hindrance(reasons, agent) if agent.routable else None
        if hindrance != agent.hindrance:
            agent.hindrance = hindrance
            room.settle(agent, now)


def _against(effort: Effort) -> Because | None:
    """What stands against every agent of a campaign; None: he need only wait."""
    why = effort.pace.because
    empty = why is Because.LIST_DRY and effort.campaign.mode is Mode.PREVIEW
    return why if empty or why in HINDRANCES else None


def _hindrance(reasons: Mapping[UUID, tuple[int, Because | None]], agent: Agent) -> str | None:
    """What stands against every campaign of a free agent; of those that run, the one served first."""
    his = sorted((reasons[i] for i in agent.campaigns if i in reasons), key=_turn_of)
    if not all(because for _, because in his):
        return None
    running = (because for _, because in his if because is not Because.NOT_RUNNING)
    why = next(running, Because.NOT_RUNNING if his else None)
    return None if why is None else why.value


def _turn_of(reason: tuple[int, Because | None]) -> int:
    return reason[0]


def view_of(room: Room, effort: Effort, share: Share, now: int) -> View:
    """What pacing sees of one campaign. Takes the news since the last view with it."""
    campaign, news = effort.campaign, effort.take_news()
    window = campaign.window(now)
    return View(
        mode=campaign.mode,
        now_s=now / 1000,
        running=campaign.state is CampaignState.RUNNING,
        stopped=effort.stopped or room.stopped_all or room.draining,
        window_open=window is not None,
        stale=room.late or not room.state_up,
        carrier_up=room.carrier_up,
        dry=now < effort.dry_until,
        seats=[_seat(room, share, agent, now) for agent in share.crew],
        lines=[_line(call, now) for call in share.calls] + [_ASKED] * share.pending,
        lives=news.lives,
        ended=news.ended,
        handled=news.handled,
        lost=news.lost,
        walked=news.walked,
        dialed=effort.day.dialed,
        answered=effort.day.answered,
        abandoned=effort.day.abandoned,
        hung_up=effort.hung_up,
        left_s=0.0 if window is None else (window.closes_at_ms - now) / 1000,
        ring_timeout_s=campaign.ring_timeout_s,
        coming=tuple(effort.tried),
        calls_left=_calls_left(room, effort, now),
        answer_rate=effort.estimates.answer_rate.value,
        ratio=effort.ratio,
        since_ms=max(0, now - effort.decided_at) if effort.decided_at else 0,
    )


def _calls_left(room: Room, effort: Effort, now: int) -> int | None:
    """What calls per second leave just now: of the campaign's cap or the carrier's, the less.

    Of the carrier's nothing, while a campaign of higher priority wants more than it got: PREDICTIVE decides
    more seldom than others and would find that they have taken all.
    """
    own, efforts = _own_calls_left(effort, now), room.efforts.values()
    if room.carrier_cap is None:
        return own
    first = effort.campaign.priority
    if any(each.starved and each.campaign.priority > first for each in efforts):
        return 0
    shared = room.flow.left(room.carrier_cap, sum(each.pending for each in efforts), now)
    return min((left for left in (own, shared) if left is not None), default=None)


def _own_calls_left(effort: Effort, now: int) -> int | None:
    return effort.flow.left(effort.campaign.limits.calls_per_second, effort.pending, now)


_ASKED = Line(None, Stage.SETUP, 0.0, 0.0)  # a line that was asked for and is not opened yet


def _line(call: Call, now: int) -> Line:
    """A call in flight; what is not known of it counts as having just begun."""
    stage = STAGES[call.state]
    since = (call.dialed_at, call.ringing_at, call.answered_at, call.waiting_at)[stage]
    return Line(
        call.line.call, stage, _spent(call.dialed_at, now), _spent(since, now), call.segment
    )


def _seat(room: Room, share: Share, agent: Agent, now: int) -> Seat:
    """An agent of the crew. Who leaves after this call will not be free; who serves another does in part."""
    leaves = leaves_in_s(room.roster.get(agent.id, ()), now)
    if agent.state in AT_REST:
        mine = 1.0 if agent.id in share.places else 0.0
        return Seat(Doing.IDLE, _spent(agent.since, now), share=mine, leaves_in_s=leaves)
    call = room.call_of(agent)
    part = share.part(agent.id)
    leaves = leaves if agent.pending is None else 0.0
    joined = None if call is None else call.connected_at
    if agent.state not in AFTERWARDS:
        return Seat(Doing.TALK, _spent(joined, now), share=part, leaves_in_s=leaves)
    talked = 0.0 if call is None else _spent(joined, call.ended_at or now)
    return Seat(Doing.WRAP, _spent(agent.since, now), talked, part, leaves)


def _spent(since: int | None, now: int) -> float:
    """Seconds from an instant (ms) that may not be known."""
    return 0.0 if since is None else max(0, now - since) / 1000
