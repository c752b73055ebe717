"""Which agent takes a waiting call: pure ranking, a total order, no ties left to chance."""

from collections.abc import Iterable
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import Call


def choose(call: Call, agents: Iterable[Agent], now: int) -> Agent | None:
    """The agent who has waited longest for a call of this campaign; ids break ties. None: nobody.

    Who agreed to call this customer now goes before the others, if he is free. Agents whom the store
    refused a moment ago (`shy_until`, ms) are passed over.
    """
    fit = (
        agent
        for agent in agents
        if agent.routable and call.line.campaign in agent.campaigns and agent.shy_until <= now
    )
    return min(fit, key=lambda agent: _rank(agent, call), default=None)


def _rank(agent: Agent, call: Call) -> tuple[bool, int, int]:
    return (agent.id != call.line.promised_to, agent.free_since or 0, agent.id.int)


def queue(calls: Iterable[Call]) -> list[Call]:
    """Waiting calls in the order in which they are served: longest waiting first, ids break ties.

    A call that came back keeps the instant at which it began to wait and so stands at the head.
    """
    return sorted(calls, key=_turn)


def _turn(call: Call) -> tuple[int, UUID]:
    return (call.waiting_at or 0, call.line.call)
