"""What the wall shows, computed from what was read: cards per scope, and what of them changed. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

CAMPAIGNS: Final = "wall:campaigns"
ALL: Final = "wall:all"
GROUPS: Final = ("ready", "in_call", "wrap_up", "paused", "lost", "total")

_ENGAGED: Final = frozenset({"RESERVED", "DIALING", "IN_CALL", "HELD"})
_AFTERWARDS: Final = frozenset({"WRAP_UP", "WRAP_OVER"})

Cards = dict[str, dict[str, dict[str, Any]]]
"""Channel to card key to value."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One signed-in agent: who he is, his card as the dialer sees him, and his figures of the day.

    `card` is empty until the dialer has published the first one.
    """

    user: str
    name: str
    team_id: str | None
    team: str | None
    card: Mapping[str, Any]
    calls: int = 0
    promises: int = 0
    contacts: int = 0  # right people spoken to


@dataclass(frozen=True, slots=True)
class Day:
    """Promises of the day by campaign and by agent, and money in the currency that most of it is in.

    `campaigns_of` names each team's campaigns.
    """

    promises: int = 0
    promised_minor: int = 0
    currency: str = "VND"
    by_campaign: Mapping[str, int] = field(default_factory=dict)
    minor_by_user: Mapping[str, int] = field(default_factory=dict)
    campaigns_of: Mapping[str, Collection[str]] = field(default_factory=dict)


def team_channel(team_id: str) -> str:
    """The channel of one team's wall."""
    return f"wall:team:{team_id}"


def lead_channel(team_id: str) -> str:
    """The channel of what a team's lead sees of campaigns: those of his team, his agents counted."""
    return f"{CAMPAIGNS}:{team_id}"


def cards(
    campaigns: Mapping[str, Mapping[str, Any]],
    floor: Mapping[str, Any],
    seats: Sequence[Seat],
    day: Day,
) -> Cards:
    """Every card of every scope. `campaigns` and `floor` come from the dialer, by campaign id."""
    shown: Cards = {CAMPAIGNS: {}, ALL: {}}
    for campaign_id, card in campaigns.items():
        promises = day.by_campaign.get(campaign_id, 0)
        shown[CAMPAIGNS][f"campaign:{campaign_id}"] = {**card, "promises": promises}
    if floor:
        shown[CAMPAIGNS]["floor"] = floor_card(floor, seats, day)
    for team_id, crew in by_team(seats).items():
        shown[team_channel(team_id)] = {f"agent:{seat.user}": agent_card(seat) for seat in crew}
        shown[ALL][f"team:{team_id}"] = team_card(team_id, crew)
    for team_id, own in day.campaigns_of.items():
        crew = [seat for seat in seats if seat.team_id == team_id]
        shown[lead_channel(team_id)] = lead_cards(
            {name: campaigns[name] for name in own if name in campaigns}, floor, crew, day
        )
    return shown


def lead_cards(
    campaigns: Mapping[str, Mapping[str, Any]],
    floor: Mapping[str, Any],
    crew: Sequence[Seat],
    day: Day,
) -> dict[str, dict[str, Any]]:
    """The cards of one team's lead: other teams' agents and money are not his to see."""
    agents = counts(seat.card for seat in crew)
    found = {
        f"campaign:{name}": {**card, "agents": agents, "promises": day.by_campaign.get(name, 0)}
        for name, card in campaigns.items()
    }
    if floor:
        sums = {
            name: sum(card.get(name) or 0 for card in campaigns.values())
            for name in ("dialed", "answered", "abandoned", "waiting")
        }
        found["floor"] = {
            **floor,
            **sums,
            "agents": agents,
            "promises": sum(seat.promises for seat in crew),
            "promised_minor": sum(day.minor_by_user.get(seat.user, 0) for seat in crew),
            "currency": day.currency,
            "pop": None,  # percentiles of several campaigns do not add up
        }
    return found


def floor_card(floor: Mapping[str, Any], seats: Sequence[Seat], day: Day) -> dict[str, Any]:
    """The card `floor`: the dialer's, with the day's promises from the books.

    Agents are counted from the same cards that the lists show, so that sums and lists agree.
    """
    return {
        **floor,
        "agents": counts(seat.card for seat in seats),
        "promises": day.promises,
        "promised_minor": day.promised_minor,
        "currency": day.currency,
    }


def agent_card(seat: Seat) -> dict[str, Any]:
    """The card of one agent on his team's wall."""
    known = dict(seat.card) or _unseen(seat.user)
    return {
        **known,
        "name": seat.name,
        "team": {"id": seat.team_id, "name": seat.team},
        "calls": seat.calls,
        "promises": seat.promises,
        "rtt": None,
    }


def stats_card(seat: Seat, day: Day) -> dict[str, Any]:
    """An agent's own day, for the strip of his desk."""
    return {
        "calls": seat.calls,
        "contacts": seat.contacts,
        "promises": seat.promises,
        "promised_minor": day.minor_by_user.get(seat.user, 0),
        "currency": day.currency,
    }


def team_card(team_id: str, crew: Sequence[Seat]) -> dict[str, Any]:
    """The card of one team: how many do what, and their day."""
    return {
        "id": team_id,
        "name": crew[0].team or "",
        "agents": counts(seat.card for seat in crew),
        "calls": sum(seat.calls for seat in crew),
        "promises": sum(seat.promises for seat in crew),
    }


def counts(agent_cards: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many agents are what, as the dialer groups them; one who is offline is not counted."""
    found = dict.fromkeys(GROUPS, 0)
    for card in agent_cards:
        if card.get("status", "OFFLINE") == "OFFLINE":
            continue
        found["total"] += 1
        found[_group(card)] += 1
    return found


def by_team(seats: Sequence[Seat]) -> dict[str, list[Seat]]:
    """Seats by team; who has none is on no team's wall."""
    teams: dict[str, list[Seat]] = {}
    for seat in seats:
        if seat.team_id is not None:
            teams.setdefault(seat.team_id, []).append(seat)
    return teams


def changes(
    before: Mapping[str, Mapping[str, bytes]], after: Mapping[str, Mapping[str, bytes]]
) -> list[tuple[str, list[tuple[str, bytes | None]]]]:
    """By channel, the cards that differ; None removes one that is gone. Channels without any are left out."""
    found = []
    for channel in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(channel, {}), after.get(channel, {})
        changed: list[tuple[str, bytes | None]] = [
            (key, value) for key, value in new.items() if old.get(key) != value
        ]
        changed += [(key, None) for key in old if key not in new]
        if changed:
            found.append((channel, changed))
    return found


def _group(card: Mapping[str, Any]) -> str:
    if card.get("state") in _ENGAGED:
        return "in_call"
    if card.get("state") in _AFTERWARDS:
        return "wrap_up"
    if card.get("link") == "LOST":
        return "lost"
    return "ready" if card.get("status") == "READY" else "paused"


def _unseen(user: str) -> dict[str, Any]:
    """An agent who has signed in and of whom the dialer has said nothing yet."""
    return {
        "user": user,
        "status": "OFFLINE",
        "reason": None,
        "state": "IDLE",
        "link": "LOST",
        "since": 0,
        "status_since": 0,
        "deadline": None,
        "extends_left": 0,
        "pending": None,
        "call": None,
        "campaign": None,
        "disposed": False,
        "muted": False,
    }
