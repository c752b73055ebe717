"""What the browser is shown of agent and call."""

from dialer.core.agent import Agent, Pending
from dialer.core.call import Call, CallState
from dialer.core.cards import agent_card, call_card, campaign_value, channel
from dialer.core.standing import Overrun, Status, WorkMode
from tests.support.dialer import AGENT, CAMPAIGN, a_campaign, a_line, uid


def test_an_agent_without_a_call() -> None:
    card = agent_card(Agent(AGENT, "An", None, frozenset()), None)
    assert card["status"] == "OFFLINE"
    assert card["call"] is None
    assert card["campaign"] is None
    assert card["pending"] is None


def test_an_agent_with_a_call_and_a_pending_break() -> None:
    agent = Agent(AGENT, "An", None, frozenset(), call=uid(1), campaign=CAMPAIGN)
    agent.pending = Pending(Status.PAUSED, "LUNCH", 60_000, "Linh")
    card = agent_card(agent, a_campaign(name="Early"))
    assert card["pending"] == {"status": "PAUSED", "reason": "LUNCH", "by": "Linh"}
    assert card["call"] == str(uid(1))
    assert card["campaign"] == {"id": str(CAMPAIGN), "name": "Early"}


def test_a_call_that_no_agent_has_is_shown_as_waiting() -> None:
    assert call_card(Call(a_line(1), CallState.AMD), "Early")["state"] == "WAITING"
    assert call_card(Call(a_line(1), CallState.HELD), "Early")["state"] == "HELD"


def test_an_unknown_campaign_has_no_name() -> None:
    assert campaign_value(CAMPAIGN, None) == {"id": str(CAMPAIGN), "name": ""}


def test_cards_hold_plain_words() -> None:
    agent = Agent(AGENT, "An", None, frozenset(), overrun=Overrun.OVER)
    agent.pending_mode = WorkMode.MANUAL
    cards = (call_card(Call(a_line(1)), None), agent_card(agent, None))
    for value in (each for card in cards for each in card.values()):
        assert type(value) in {str, int, dict, bool, type(None)}


def test_the_channel_is_the_agents() -> None:
    assert channel(AGENT) == f"agent:{AGENT}"
