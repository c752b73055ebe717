"""The room under every order of events: what must never be, is not (house.md 4.9).

The machine plays carrier, store, browsers and people at once, badly: it repeats itself, comes late,
contradicts itself. After each step the laws are checked against what was ordered, not what was meant.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import JOINED, CallState, Cause
from dialer.core.campaign import CampaignState, Limits, Mode, Window
from dialer.core.floor import Floor
from dialer.core.live import LiveAgent, LiveCall
from dialer.core.monitor import MonitorAsked, MonitorLeft, MonitorMode
from dialer.core.offers import (
    DialAsked,
    DialRefused,
    LeadPicked,
    NothingToOffer,
    Offer,
    Offered,
    SkipAsked,
)
from dialer.core.records import CallEnded
from dialer.core.standing import ENGAGED, AgentState
from tests.support.dialer import HOUR, START, Desk, a_campaign, a_line, uid

if TYPE_CHECKING:
    from uuid import UUID

    from dialer.core.agent import Agent
    from dialer.core.call import Call

AGENTS = [uid(n) for n in range(0xA1, 0xA5)]
LEADS = [uid(0x1E), uid(0x2E)]
CAMPAIGNS = [uid(0xC1), uid(0xC2)]
MODES = st.sampled_from([Mode.PROGRESSIVE, Mode.RATIO, Mode.PREDICTIVE, Mode.PREVIEW, Mode.MANUAL])
LINES = 6

agents = st.sampled_from(AGENTS)
campaigns = st.sampled_from(CAMPAIGNS)
any_number = st.integers(0, 10_000)


class FloorMachine(RuleBasedStateMachine):
    """Random events against one floor."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.next_call = 1
        self.owed: Counter[UUID] = Counter()  # lines asked for and not answered for
        self.placed: set[UUID] = set()
        self.over: set[UUID] = set()
        self.asked: list[o.Reserve] = []
        self.bridged: dict[UUID, UUID] = {}
        self.shown: set[tuple[UUID, UUID]] = set()
        self.ended: dict[UUID, CallEnded] = {}
        self.answered: set[UUID] = set()
        self.joined: set[UUID] = set()
        self.proposals: list[o.Propose] = []
        self.dials: list[Offer] = []
        self.kept: dict[UUID, Offer] = {}  # leads kept for agents, by call

    # --- the world ---

    def tell(self, event: e.Event, after: int = 0) -> None:
        for order in self.desk.tell(event, after):
            self._carry_out(order)

    def _carry_out(self, order: o.Order) -> None:
        room, now = self.desk.floor.room, self.desk.now
        match order:
            case o.Dial(campaign, lines):
                assert lines > 0
                assert self.lawful(campaign), "dialled outside its window, stopped or blind"
                self.owed[campaign] += lines
            case o.Propose():
                self.proposals.append(order)
            case o.DialOffer(offer):
                assert offer.call in self.kept, "dialled twice, or after it was given back"
                assert self.lawful(offer.campaign)
                self.dials.append(self.kept.pop(offer.call))
            case o.GiveBack(offer):
                assert self.kept.pop(offer.call, None), "given back twice, or after it was dialled"
            case o.Place(call):
                assert call not in self.placed, "rang twice"
                assert self.lawful(room.calls[call].line.campaign)
                self.placed.add(call)
            case o.Reserve(agent, call, until):
                assert until > now
                assert room.agents[agent].call == call
                self.asked.append(order)
            case o.ShowScreen(agent, call):
                self.shown.add((agent, call))
            case o.Bridge(call, agent):
                assert (agent, call) in self.shown, "the voice came before the screen"
                self.bridged[call] = agent
            case o.Write(CallEnded() as record):
                assert record.call not in self.ended, "ended twice"
                self.ended[record.call] = record
            case _:
                pass

    def lawful(self, campaign: UUID) -> bool:
        room, now = self.desk.floor.room, self.desk.now
        effort = room.efforts[campaign]
        return (
            effort.campaign.window(now) is not None
            and effort.campaign.state is CampaignState.RUNNING
            and not effort.stopped
            and not room.stopped_all
            and room.carrier_up
            and room.state_up
            and not room.draining
        )

    def pick(self, number: int, *states: CallState) -> UUID | None:
        calls = sorted(
            c.line.call.int for c in self.desk.floor.room.calls.values() if c.state in states
        )
        return uid(calls[number % len(calls)]) if calls else None

    @initialize(mode=MODES, amd=st.booleans())
    def open_campaigns(self, *, mode: Mode, amd: bool) -> None:
        limits = Limits(lines=LINES, min_agents=1, warmup_calls=3, ratio_ceiling=3.0)
        self.tell(e.CampaignLoaded(a_campaign(0xC1, mode=mode, limits=limits, amd=amd)))
        self.tell(e.CampaignLoaded(a_campaign(0xC2, limits=limits, priority=1)))

        for agent in AGENTS[:3]:
            self.sign_in(agent=agent, both=True)

    @rule(number=any_number, depth=st.integers(0, 4))
    def bring_a_call(self, number: int, depth: int) -> None:
        """A call comes as far as `depth` without anything going wrong; the rare things need this."""
        self.tell(e.Tick(), 250)
        for campaign in [c for c in CAMPAIGNS if self.owed[c]]:
            self.open_lines(campaign=campaign, opened=1, dry=False)
        for step in (self.ring, self.pick_up, self.grant_all, self.join_all)[:depth]:
            step(number)

    def grant_all(self, _number: int) -> None:
        while self.asked:
            self.answer_reserve(granted=True)

    def join_all(self, number: int) -> None:
        for call, agent in list(self.bridged.items()):
            del self.bridged[call]
            self.tell(e.BridgedUp(call, agent, self.desk.now))
            if number % 5:
                self.tell(e.ScreenPainted(agent, call, self.desk.now, number % 80))

    @rule()
    def all_well(self) -> None:
        """Whatever was lost, stopped or paused comes back."""
        self.tell(e.StateBack())
        self.tell(e.DialingResumeAsked(None, uid(1)))
        live = frozenset(self.desk.floor.room.calls)
        self.tell(e.CarrierBack(self.desk.now, live))
        for agent in AGENTS:
            self.sign_in(agent=agent, both=True)

    # --- people ---

    @rule(agent=agents, both=st.booleans())
    def sign_in(self, *, agent: UUID, both: bool) -> None:
        of = frozenset(CAMPAIGNS if both else CAMPAIGNS[:1])
        self.tell(e.AgentSignedIn(agent, "A", None, of))
        self.tell(e.LinkUp(agent, "s"))
        self.tell(e.AgentReady(agent))

    @rule(
        agent=agents,
        what=st.sampled_from([e.AgentReady, e.PendingCancelled, e.LinkUp, e.LinkDown]),
    )
    def say(self, agent: UUID, what: type[e.AgentReady]) -> None:
        self.tell(what(agent))

    @rule(agent=agents, forced=st.booleans())
    def sign_out(self, *, agent: UUID, forced: bool) -> None:
        self.tell(e.AgentSignedOut(agent, "LOGOUT", forced=forced))

    @rule(agent=agents)
    def pause(self, agent: UUID) -> None:
        self.tell(e.AgentAway(agent, "SHORT"))

    @rule(agent=agents, number=any_number, what=st.integers(0, 6))
    def handle(self, agent: UUID, number: int, what: int) -> None:
        mine = self.desk.floor.room.agents.get(agent)
        call = mine.call if mine is not None and mine.call is not None else uid(number)
        words: list[e.Event] = [
            e.HangUpAsked(agent, call),
            e.HoldAsked(agent, call, on=True),
            e.HoldAsked(agent, call, on=False),
            e.MuteAsked(agent, on=True),
            e.OutcomeSaved(agent, call, "PTP_SCHEDULED"),
            e.FinishAsked(agent, call),
            e.ExtendAsked(agent, call),
        ]
        self.tell(words[what])

    @rule(agent=agents)
    def complete(self, agent: UUID) -> None:
        self.tell(e.WrapUpCompleted(agent, uid(1)))

    @rule(agent=agents, lead=st.sampled_from(LEADS), mode=st.sampled_from(list(MonitorMode)))
    def supervise(self, agent: UUID, lead: UUID, mode: MonitorMode) -> None:
        mine = self.desk.floor.room.agents.get(agent)
        call = mine.call if mine is not None and mine.call is not None else uid(self.next_call)
        self.tell(MonitorAsked(lead, "L", agent, call, mode.value, visible=True))

    @rule(lead=st.sampled_from(LEADS))
    def withdraw(self, lead: UUID) -> None:
        self.tell(MonitorLeft(lead))

    @rule(number=any_number, paint=st.booleans(), agent=agents)
    def receive(self, *, number: int, paint: bool, agent: UUID) -> None:
        call = self.pick(number, CallState.RESERVED, *JOINED)
        if call is None:
            return
        who = self.desk.floor.room.calls[call].agent if number % 4 else agent
        assert who is not None
        self.tell(e.ScreenReceived(who, call, self.desk.now))
        if paint:
            self.tell(e.ScreenPainted(who, call, self.desk.now, number % 80))

    # --- the store ---

    @rule(campaign=campaigns, opened=st.integers(0, 3), dry=st.booleans())
    def open_lines(self, *, campaign: UUID, opened: int, dry: bool) -> None:
        asked = self.owed.pop(campaign, 0)
        if not asked:
            return
        opened = min(opened, asked)
        for _ in range(opened):
            self.tell(a_line(self.next_call, campaign))
            self.next_call += 1
        self.tell(e.DialDone(campaign, asked, opened, {"DAILY_CAP": asked - opened}, dry))

    @precondition(lambda self: self.proposals)
    @rule(found=st.integers(0, 3), barred=st.booleans())
    def answer_proposal(self, *, found: int, barred: bool) -> None:
        order = self.proposals.pop(0)
        if not found:
            self.tell(NothingToOffer(order.agent, order.campaign, "DRY"))
            return
        line = a_line(self.next_call, order.campaign)
        self.next_call += 1
        offer = Offer(
            call=line.call, agent=order.agent, campaign=order.campaign, lead=line.lead,
            customer=line.customer, loan=None, phone=line.lead, number=line.number, attempt_no=1,
            attempts_today=0, cap=3, picked=order.lead is not None, rule="DNC" if barred else "",
        )  # fmt: skip
        self.kept[offer.call] = offer
        self.tell(Offered(offer))

    @precondition(lambda self: self.dials)
    @rule(refused=st.integers(0, 3))
    def answer_dial(self, refused: int) -> None:
        offer = self.dials.pop(0)
        if not refused:
            self.tell(DialRefused(offer.agent, offer.call, offer.campaign, "DAILY_CAP"))
            return
        line = a_line(offer.call.int, offer.campaign, agent=offer.agent)
        self.tell(line)

    @rule(agent=agents, number=any_number, campaign=campaigns)
    def decide(self, agent: UUID, number: int, campaign: UUID) -> None:
        offer = self.desk.floor.room.offers.get(agent)
        call = uid(number) if offer is None else offer.call
        words: list[e.Event] = [
            DialAsked(agent, call),
            SkipAsked(agent, call, "LATER"),
            LeadPicked(agent, campaign, uid(number)),
            e.ModeChosen(agent, "MANUAL"),
            e.ModeChosen(agent, "AUTO"),
        ]
        self.tell(words[number % len(words)])

    @precondition(lambda self: self.asked)
    @rule(granted=st.booleans())
    def answer_reserve(self, *, granted: bool) -> None:
        order = self.asked.pop(0)
        kind = e.Reserved if granted else e.ReserveRefused
        self.tell(kind(order.agent, order.call))

    @rule(what=st.sampled_from([e.StateLost("REDIS"), e.StateBack()]))
    def lose_state(self, what: e.Event) -> None:
        self.tell(what)

    # --- the carrier ---

    @rule(number=any_number)
    def ring(self, number: int) -> None:
        call = self.pick(number, CallState.DIALING)
        if call is not None:
            self.tell(e.Ringing(call, self.desk.now))

    @rule(number=any_number)
    def pick_up(self, number: int) -> None:
        call = self.pick(number, CallState.DIALING, CallState.RINGING)
        if call is not None:
            self.tell(e.Answered(call, self.desk.now))

    @rule(number=any_number, person=st.booleans())
    def detect(self, *, number: int, person: bool) -> None:
        call = self.pick(number, CallState.AMD)
        if call is not None:
            kind = e.PersonHeard if person else e.MachineHeard
            self.tell(kind(call, self.desk.now))

    @precondition(lambda self: self.bridged)
    @rule(number=any_number, fails=st.booleans())
    def join(self, *, number: int, fails: bool) -> None:
        call = sorted(self.bridged, key=lambda c: c.int)[number % len(self.bridged)]
        agent = self.bridged.pop(call)
        kind = e.BridgeFailed if fails and number % 3 == 0 else e.BridgedUp
        self.tell(kind(call, agent, self.desk.now))

    @rule(number=any_number, cause=st.sampled_from(list(Cause)))
    def hang_up(self, number: int, cause: Cause) -> None:
        call = self.pick(number, *(s for s in CallState if s not in {"CREATED", "ENDED"}))
        if call is not None:
            self.tell(e.HungUp(call, cause, "CUSTOMER", self.desk.now))

    @rule(number=any_number)
    def message_ends(self, number: int) -> None:
        call = self.pick(number, CallState.MESSAGE)
        if call is not None:
            self.tell(e.MessagePlayed(call, self.desk.now))

    @rule(number=any_number, kind=st.sampled_from([e.Ringing, e.Answered, e.MessagePlayed]))
    def babble(self, number: int, kind: type[e.Ringing]) -> None:
        """A word about any call, also one that is over."""
        self.tell(kind(uid(number % (self.next_call + 1)), self.desk.now))

    @rule(keep=st.integers(0, 3))
    def lose_carrier(self, keep: int) -> None:
        self.tell(e.CarrierLost(self.desk.now))
        live = sorted((c.int for c in self.desk.floor.room.calls), reverse=True)
        self.tell(e.CarrierBack(self.desk.now, frozenset(uid(c) for c in live[: keep * 2])), 50)

    # --- time, and those who stop it ---

    @rule(ms=st.sampled_from([1, 100, 250, 700, 2_100, 21_000]), late=st.booleans())
    def pass_time(self, *, ms: int, late: bool) -> None:
        self.tell(e.Tick(5_000 if late else 0), ms)

    @rule(campaign=st.one_of(st.none(), campaigns), stop=st.booleans())
    def stop(self, *, campaign: UUID | None, stop: bool) -> None:
        if stop:
            self.tell(e.DialingStopAsked(campaign, uid(1), "drill"))
        else:
            self.tell(e.DialingResumeAsked(campaign, uid(1)))

    @rule(
        number=st.sampled_from([0xC1, 0xC2]),
        state=st.sampled_from([CampaignState.RUNNING] * 3 + [CampaignState.PAUSED]),
        closes_in=st.sampled_from([HOUR, HOUR, 0, 300]),
        mode=MODES,
    )
    def change_campaign(
        self, number: int, state: CampaignState, closes_in: int, mode: Mode
    ) -> None:
        window = Window(START - HOUR, self.desk.now + closes_in)
        limits = Limits(lines=LINES, min_agents=1, warmup_calls=3)
        self.tell(
            e.CampaignLoaded(
                a_campaign(number, state=state, windows=(window,), mode=mode, limits=limits)
            )
        )

    # --- the dialer dies and another begins ---

    @rule(keep=st.integers(0, 3))
    def restart(self, keep: int) -> None:
        """All that is left is what was written; the carrier has lost some calls meanwhile."""
        room = self.desk.floor.room
        agents = tuple(live_agent(a) for a in room.agents.values() if a.status != "OFFLINE")
        calls = [c for c in room.calls.values() if c.state is not CallState.ENDED]
        alive = sorted(c.line.call.int for c in calls)[: keep * 2]
        self.desk.floor = Floor()
        self.owed.clear()
        self.asked.clear()
        self.bridged.clear()
        self.proposals.clear()
        self.dials.clear()
        self.kept.clear()  # what was kept lapses
        for effort in room.efforts.values():
            ends = [r for r in self.ended.values() if r.campaign == effort.campaign.id]
            today = replace(effort.day, abandoned=sum(r.abandoned for r in ends))
            self.tell(e.CampaignLoaded(replace(effort.campaign, today=today)))
        restored = e.Restored(agents, tuple(map(live_call, calls)), frozenset(map(uid, alive)))
        self.tell(restored)

    # --- the laws ---

    @invariant()
    def never_two_calls_to_one_agent(self) -> None:
        room = self.desk.floor.room
        holders = Counter(
            c.agent
            for c in room.calls.values()
            if c.agent is not None and c.state in {CallState.RESERVED, *JOINED}
            if c.taken_by is None
        )
        assert not holders or max(holders.values()) == 1
        for call in room.calls.values():
            if call.state in {CallState.RESERVED, *JOINED} and call.taken_by is None:
                assert call.agent is not None
                assert room.agents[call.agent].call == call.line.call
                assert room.agents[call.agent].state in ENGAGED

    @invariant()
    def an_engaged_agent_has_a_live_call(self) -> None:
        room = self.desk.floor.room
        for agent in room.agents.values():
            if agent.state in ENGAGED:
                call = room.call_of(agent)
                if call is None:  # the line that he wants is being opened
                    assert agent.state is AgentState.DIALING
                    assert room.offers[agent.id].call == agent.call
                    continue
                assert call.agent == agent.id
                dials = agent.state is AgentState.DIALING
                with_him = {CallState.RESERVED, *JOINED}
                assert (call.state in with_him) is not dials
            if agent.state is AgentState.IDLE:
                assert agent.call is None
                assert agent.pending is None

    @invariant()
    def a_session_is_in_a_live_call_of_its_agent(self) -> None:
        room = self.desk.floor.room
        for session in room.monitors.values():
            call = room.calls[session.call]
            assert call.state in JOINED
            assert call.agent == session.agent
            assert call.taken_by in {None, session.by}
            assert (session.mode is MonitorMode.TAKE_OVER) is (call.taken_by is not None)

    @invariant()
    def an_offer_is_before_its_agent(self) -> None:
        room = self.desk.floor.room
        for agent, offer in room.offers.items():
            assert room.agents[agent].call == offer.call
            assert room.agents[agent].state in {AgentState.REVIEW, AgentState.DIALING}
        looked_at = {offer.call for offer in room.offers.values()}
        assert looked_at <= self.kept.keys() | {offer.call for offer in self.dials}
        for each in room.agents.values():
            if each.state is AgentState.REVIEW and each.call is not None:
                assert each.id in room.offers

    @invariant()
    def books_agree(self) -> None:
        room = self.desk.floor.room
        assert room.free == {a.id for a in room.agents.values() if a.routable}
        assert room.waiting == {
            c.line.call for c in room.calls.values() if c.state is CallState.WAITING
        }

    @invariant()
    def every_answered_call_ends_bridged_or_abandoned(self) -> None:
        for record in self.ended.values():
            spoke = record.cause in {Cause.COMPLETED, Cause.AGENT_LOST}
            if record.answered and not spoke and record.cause != Cause.CARRIER_ERROR:
                assert record.abandoned, record
            if record.abandoned:
                assert record.answered
                assert record.cause == Cause.ABANDONED

    @invariant()
    def lines_are_bounded(self) -> None:
        assert max(self.desk.floor.in_flight().values(), default=0) <= LINES

    @invariant()
    def nobody_waits_beyond_his_limit(self) -> None:
        room = self.desk.floor.room
        for call_id in room.waiting:
            give_up_at = room.calls[call_id].give_up_at
            assert give_up_at is not None
            assert give_up_at > self.desk.now

    @invariant()
    def the_day_counts_what_was_written(self) -> None:
        room = self.desk.floor.room
        written = sum(r.abandoned for r in self.ended.values())
        talking = sum(c.abandoned for c in room.calls.values() if c.state is not CallState.ENDED)
        assert sum(x.day.abandoned for x in room.efforts.values()) == written + talking


def live_agent(agent: Agent) -> LiveAgent:
    """An agent as the journal knows him."""
    return LiveAgent(
        agent=agent.id,
        name=agent.name,
        team=agent.team,
        campaigns=agent.campaigns,
        wrapup_multiplier=agent.wrapup_multiplier,
        status=agent.status.value,
        reason=agent.reason,
        status_since_ms=agent.status_since,
        state=agent.state.value,
        state_since_ms=agent.since,
        call=agent.call,
        deadline_ms=agent.deadline,
        extends_left=agent.extends_left,
        disposed=agent.disposed,
        mode=agent.mode.value,
    )


def live_call(call: Call) -> LiveCall:
    """A call as the journal knows it."""
    return LiveCall(
        line=call.line,
        state=call.state.value,
        agent=call.agent,
        dialed_at_ms=call.dialed_at or START,
        answered_at_ms=call.answered_at,
        assigned_at_ms=call.assigned_at,
        connected_at_ms=call.connected_at,
    )


FloorMachine.TestCase.settings = settings(
    max_examples=400,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestFloor = FloorMachine.TestCase
