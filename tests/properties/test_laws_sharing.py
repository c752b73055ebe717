"""No agent is promised twice: over random floors, what all campaigns count on together is there once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dialer.core import events as e
from dialer.core.campaign import CampaignState, Limits, Mode
from dialer.core.dialing import view_of
from dialer.core.sharing import in_turn, look, share_out
from dialer.core.view import Doing
from tests.support.dialer import Desk, uid

if TYPE_CHECKING:
    from uuid import UUID

    from dialer.core.view import View

CAMPAIGNS = st.lists(
    st.fixed_dictionaries(
        {
            "mode": st.sampled_from(Mode),
            "priority": st.integers(0, 2),
            "state": st.sampled_from([CampaignState.RUNNING] * 4 + [CampaignState.PAUSED]),
            "limits": st.builds(Limits, lines=st.sampled_from([0, 3, 200])),
        }
    ),
    min_size=1,
    max_size=6,
)
AGENTS = st.lists(
    st.tuples(
        st.sets(st.integers(0, 5), min_size=1),
        st.sampled_from(["idle", "talks", "wraps", "leaves", "away"]),
    ),
    max_size=25,
)
RINGING = st.lists(st.integers(0, 5), max_size=20)


def a_floor(campaigns: list[dict[str, object]], agents: list[tuple[set[int], str]]) -> Desk:
    desk = Desk()
    ids = [uid(0xC00 + n) for n in range(len(campaigns))]
    for number, settings in enumerate(campaigns):
        desk.open_campaign(0xC00 + number, **settings)
    for number, (served, does) in enumerate(agents):
        his = [ids[n % len(ids)] for n in served]
        desk.seat(0xA00 + number, *his)
        if does in {"talks", "wraps", "leaves"}:
            desk.answer(number + 1, his[0])
            call = desk.floor.call(uid(number + 1))  # None: the campaign does not run
            agent = None if call is None else call.agent
            if agent is None:  # nobody of this campaign was free: the call waits
                continue
            desk.tell(e.Reserved(agent, uid(number + 1)))
            desk.tell(e.BridgedUp(uid(number + 1), agent, desk.now))
            if does == "wraps":
                desk.hang_up(number + 1)
            elif does == "leaves":
                desk.tell(e.AgentAway(agent, "SHORT"))
        elif does == "away":
            desk.tell(e.AgentAway(uid(0xA00 + number), "SHORT"))
    return desk


def seen(desk: Desk) -> dict[UUID, View]:
    """Every campaign's view of one instant."""
    room = desk.floor.room
    shares, turn = look(room), in_turn(room)
    share_out(room, shares, turn, desk.now)
    return {i: view_of(room, room.efforts[i], share, desk.now) for i, share in shares.items()}


@given(CAMPAIGNS, AGENTS, RINGING)
def test_no_agent_is_promised_twice(
    campaigns: list[dict[str, object]], agents: list[tuple[set[int], str]], ringing: list[int]
) -> None:
    desk = a_floor(campaigns, agents)
    for number, campaign in enumerate(ringing):
        desk.ring(1_000 + number, uid(0xC00 + campaign % len(campaigns)))
    room = desk.floor.room
    shares, turn = look(room), in_turn(room)
    share_out(room, shares, turn, desk.now)
    promised: dict[UUID, float] = defaultdict(float)
    for campaign_id, share in shares.items():
        served = {a.id for a in share.crew}
        assert share.places <= served, "a campaign counts on nobody who does not serve it"
        for agent in share.places:
            promised[agent] += 1.0
        for agent, part in share.parts.items():
            assert agent in served, campaign_id
            promised[agent] += part
    assert all(sum_ <= 1.0 + 1e-9 for sum_ in promised.values())
    views = seen(desk)
    here = [a for a in room.agents.values() if a.counts]
    assert sum(s.share for v in views.values() for s in v.seats) <= len(here) + 1e-9
    free = sum(1 for v in views.values() for s in v.seats if s.doing is Doing.IDLE and s.share)
    assert free <= len(room.free)


@given(CAMPAIGNS, AGENTS)
def test_every_free_agent_of_a_campaign_that_can_use_him_is_promised(
    campaigns: list[dict[str, object]], agents: list[tuple[set[int], str]]
) -> None:
    desk = a_floor(campaigns, agents)
    room = desk.floor.room
    shares, turn = look(room), in_turn(room)
    share_out(room, shares, turn, desk.now)
    promised = {agent for share in shares.values() for agent in share.places}
    dials = {Mode.PROGRESSIVE, Mode.RATIO, Mode.PREDICTIVE}
    useful = {
        e.campaign.id
        for e in turn
        if e.campaign.state is CampaignState.RUNNING and e.campaign.mode in dials
    }
    for agent in room.free:
        if room.agents[agent].campaigns & useful:
            assert agent in promised


def test_equals_share_agents_by_what_they_bring_and_rank_goes_before_worth() -> None:
    desk = Desk()
    for number in (0xC1, 0xC2, 0xC3):
        desk.open_campaign(number, priority=1 if number < 0xC3 else 0)
    better = desk.floor.room.efforts[uid(0xC1)]
    better.count(answered=1_000)
    better.count_promise(300)
    desk.floor.room.efforts[uid(0xC2)].count(answered=1_000)
    desk.floor.room.efforts[uid(0xC2)].count_promise(100)
    desk.floor.room.efforts[uid(0xC3)].count_promise(900)
    for number in range(20):
        desk.seat(0xA00 + number, uid(0xC1), uid(0xC2), uid(0xC3))
    free = {i: view.free for i, view in seen(desk).items()}
    assert free == {uid(0xC1): 15, uid(0xC2): 5, uid(0xC3): 0}


def test_agents_go_on_to_the_next_campaign_when_all_lines_of_the_first_are_taken() -> None:
    desk = Desk()
    desk.open_campaign(0xC1, priority=5, limits=Limits(lines=2))
    desk.open_campaign(0xC2)
    for number in range(6):
        desk.seat(0xA00 + number, uid(0xC1), uid(0xC2))
    desk.ring(1, uid(0xC1))
    assert {i: v.free for i, v in seen(desk).items()} == {uid(0xC1): 6, uid(0xC2): 0}
    desk.ring(2, uid(0xC1))
    assert {i: v.free for i, v in seen(desk).items()} == {uid(0xC1): 2, uid(0xC2): 4}
