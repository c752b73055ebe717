"""What an agent's browser is shown of himself and of his call: the values of the cards, plain types only."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import Call, CallState
from dialer.core.campaign import Campaign
from dialer.core.monitor import Monitor
from dialer.core.offers import Offer

# The browser knows fewer states of a call than the room; the others come before an agent has it.
_SHOWN = {
    CallState.DIALING: "DIALING",  # these two: of a call that the agent had dialled himself
    CallState.RINGING: "RINGING",
    CallState.RESERVED: "RESERVED",
    CallState.BRIDGED: "BRIDGED",
    CallState.HELD: "HELD",
    CallState.ENDED: "ENDED",
}


def channel(agent: UUID) -> str:
    """The channel of an agent's desk."""
    return f"agent:{agent}"


def agent_card(agent: Agent, campaign: Campaign | None) -> dict[str, Any]:
    """The card `agent`, with the campaign of his call, or the first that he may get calls of."""
    return {
        "user": str(agent.id),
        "status": agent.status.value,
        "reason": agent.reason,
        "by": agent.by,
        "limit_ms": agent.limit_ms,
        "overrun": None if agent.overrun is None else agent.overrun.value,
        "mode": agent.mode.value,
        "state": agent.state.value,
        "link": agent.link.value,
        "voice": agent.voice.value,
        "since": agent.since,
        "status_since": agent.status_since,
        "deadline": agent.deadline,
        "extends_left": agent.extends_left,
        "pending": _pending(agent),
        "pending_mode": None if agent.pending_mode is None else agent.pending_mode.value,
        "call": _text(agent.call),
        "campaign": None if campaign is None else campaign_value(campaign.id, campaign.name),
        "dialing": None if campaign is None else campaign.mode.value,
        "tried": agent.tried,
        "disposed": agent.disposed,
        "muted": agent.muted,
        "hindrance": agent.hindrance,
    }


def call_card(call: Call, campaign_name: str | None) -> dict[str, Any]:
    """The card `call`. For the agent it is over when somebody has taken it from him."""
    return {
        "id": str(call.line.call),
        "state": "ENDED" if call.taken_at else _SHOWN.get(call.state, "WAITING"),
        "number": call.line.number,
        "campaign": campaign_value(call.line.campaign, campaign_name),
        "assigned_at": call.assigned_at,
        "connected_at": call.connected_at,
        "ended_at": call.taken_at or call.ended_at,
        "cause": call.cause,
    }


def monitor_card(sessions: Sequence[Monitor]) -> dict[str, Any] | None:
    """The card `monitor` of an agent's desk: who of those that he is told of does what in his call."""
    shown = [each for each in sessions if each.shown]
    if not shown:
        return None
    by = [{"name": each.name, "mode": each.mode.value, "since": each.since} for each in shown]
    return {"by": by}


def watchers_card(call: UUID, sessions: Sequence[Monitor]) -> dict[str, Any] | None:
    """The card `monitor:{call}` for those who lead: everybody who is in it, and how."""
    if not sessions:
        return None
    by = [
        {
            "user": str(each.by),
            "name": each.name,
            "mode": each.mode.value,
            "since": each.since,
            "heard": each.heard,
            "visible": each.shown,
        }
        for each in sessions
    ]
    return {"call": str(call), "agent": str(sessions[0].agent), "by": by}


def offer_card(offer: Offer, campaign: Campaign, *, dialing: bool) -> dict[str, Any]:
    """The card `call` of one that an agent decides on, with what law and policy say to it.

    `dials`: at the agent card's deadline it is made; otherwise the customer goes back to the list.
    """
    return {
        "id": str(offer.call),
        "state": "DIALING" if dialing else "OFFERED",
        "number": offer.number,
        "campaign": campaign_value(campaign.id, campaign.name),
        "assigned_at": None,
        "connected_at": None,
        "ended_at": None,
        "cause": None,
        "rule": offer.rule or None,
        "until": offer.until_ms,
        "dials": campaign.preview_dials and not offer.rule,
        "others": [
            {"phone": str(x.phone), "number": x.number, "rule": x.rule or None, "until": x.until_ms}
            for x in offer.others
        ],
    }


def campaign_value(campaign: UUID | None, name: str | None) -> dict[str, Any] | None:
    """A campaign as cards name it."""
    return None if campaign is None else {"id": str(campaign), "name": name or ""}


def _pending(agent: Agent) -> dict[str, Any] | None:
    if agent.pending is None:
        return None
    pending = agent.pending
    return {"status": pending.status.value, "reason": pending.reason, "by": pending.by}


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)
