"""What the wall shows, computed from what was read: cards per scope, and what of them changed. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

CAMPAIGNS: Final = "wall:campaigns"
ALL: Final = "wall:all"
TEAM: Final = "wall:team:"  # and its id: one team's agents
AGENTS: Final = "wall:agents"  # everybody on one channel, for who sees them all
FLOOR: Final = "floor"  # what every desk hears beside its own channel
SILENT_MS: Final = 3_500  # a dialer not heard for longer is said to be away; it reports each second
GROUPS: Final = ("ready", "in_call", "wrap_up", "paused", "lost", "total")
SHIFT_S: Final = 8 * 3600  # targets are of a shift of eight hours
LEAST_PLANNED: Final = 10  # of a plan so far; below it chance decides
TRIP_MS: Final = 10  # a round trip that moved by less, or by less than a quarter, is told as before
BUSY_MS: Final = 60_000  # between two tellings of how busy somebody is who does what he did
LEAST_HOURS: Final = 4  # at work, of all together, before money is held against its plan

_ENGAGED: Final = frozenset({"RESERVED", "DIALING", "IN_CALL", "HELD"})
_AFTERWARDS: Final = frozenset({"WRAP_UP", "WRAP_OVER"})
_SUMMED: Final = ("dialed", "answered", "abandoned", "waiting")

Cards = dict[str, dict[str, dict[str, Any]]]
"""Channel to card key to value."""


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent's time of the day, seconds: signed in, in calls or writing, and on a break."""

    signed_in_s: float = 0.0
    busy_s: float = 0.0
    paused_s: float = 0.0

    def __add__(self, other: "Shift") -> "Shift":
        return Shift(
            self.signed_in_s + other.signed_in_s,
            self.busy_s + other.busy_s,
            self.paused_s + other.paused_s,
        )

    @property
    def at_work_s(self) -> float:
        """Signed in and not on a break."""
        return max(0.0, self.signed_in_s - self.paused_s)

    @property
    def occupancy(self) -> int | None:
        """% of the time at work that was call or wrap-up (domain.md 6.8); None in the first minute."""
        if self.at_work_s < 60:  # noqa: PLR2004 - a minute
            return None
        return min(100, round(100 * self.busy_s / self.at_work_s))


@dataclass(frozen=True, slots=True)
class Busy:
    """An agent's occupancy as it was told last: of what he did then, and at which instant (ms)."""

    occupancy: int | None
    doing: tuple[Any, Any]
    at_ms: int


def busy_told(before: Busy | None, shift: Shift, card: Mapping[str, Any], now_ms: int) -> Busy:
    """An agent's occupancy as it is told: anew when he does something else, or after a minute.

    Early in a day each second moves everybody's by a point, which would send the whole floor each second.
    """
    doing = (card.get("since"), card.get("status_since"))
    if before is not None and before.doing == doing and now_ms - before.at_ms < BUSY_MS:
        return before
    return Busy(shift.occupancy, doing, now_ms)


@dataclass(frozen=True, slots=True)
class Pops:
    """How fast screens reached the desks of a team in the last hour, ms; how many, and how many late."""

    p50: int
    p95: int
    p99: int
    n: int
    late: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Lines of one campaign in the last minutes: how many ended, how many by a fault, how many late pops."""

    ended: int
    faults: int
    late: int


@dataclass(frozen=True, slots=True)
class Seat:
    """One signed-in agent: who he is, his card as the dialer sees him, and his figures of the day.

    `card` is empty until the dialer has published the first one. `wrap_s`: mean seconds of writing;
    `rtt`: round trip of his socket in ms; both None when not known.
    """

    user: str
    name: str
    team_id: str | None
    team: str | None
    card: Mapping[str, Any]
    calls: int = 0
    promises: int = 0
    contacts: int = 0  # right people spoken to
    contacts_hour: int = 0  # of them in the last hour
    branch: str | None = None
    wrap_s: float | None = None
    shift: Shift = field(default_factory=Shift)
    rtt: int | None = None
    occupancy: int | None = None  # %, as it is told: see `Busy`
    lost_since: int | None = None  # ms; his link, not his state
    targets: Mapping[str, int] = field(default_factory=dict)  # of a shift, by metric


@dataclass(frozen=True, slots=True)
class Plan:
    """What should have been brought by now, by the targets of a shift; None where it is too early to say."""

    contacts_hour: int | None
    contacts: int | None
    promises: int | None
    collected_minor: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """The day's books by campaign, agent and team; money in the currency that most of it is in.

    `campaigns_of` names each team's campaigns.
    """

    promises: int = 0
    promised_minor: int = 0
    currency: str = "VND"
    by_campaign: Mapping[str, int] = field(default_factory=dict)
    promises_by_user: Mapping[str, int] = field(default_factory=dict)
    minor_by_user: Mapping[str, int] = field(default_factory=dict)
    collected_minor: int = 0
    collected_by_user: Mapping[str, int] = field(default_factory=dict)
    campaigns_of: Mapping[str, Collection[str]] = field(default_factory=dict)
    worked: int = 0
    worked_by_team: Mapping[str, int] = field(default_factory=dict)
    never_worked: int = 0
    overdue: int = 0
    overdue_by_user: Mapping[str, int] = field(default_factory=dict)
    pops_by_team: Mapping[str, Pops] = field(default_factory=dict)


def team_channel(team_id: str) -> str:
    """The channel of one team's wall."""
    return f"{TEAM}{team_id}"


def lead_channel(team_id: str) -> str:
    """The channel of what a team's lead sees of campaigns: those of his team, his agents counted."""
    return f"{CAMPAIGNS}:{team_id}"


def cards(
    campaigns: Mapping[str, Mapping[str, Any]],
    floor: Mapping[str, Any],
    seats: Sequence[Seat],
    day: Day,
) -> Cards:
    """Every card of every scope. `campaigns` and `floor` come from the dialer, by campaign id.

    On `AGENTS` stands only who is in no team: the cards of teams are added where they are encoded.
    """
    shown: Cards = {CAMPAIGNS: {}, ALL: {}}
    for campaign_id, card in campaigns.items():
        promises = day.by_campaign.get(campaign_id, 0)
        shown[CAMPAIGNS][f"campaign:{campaign_id}"] = {**card, "promises": promises}
    if floor:
        shown[CAMPAIGNS]["floor"] = floor_card(campaigns, floor, seats, day)
    crews = by_team(seats)
    for team_id, crew in crews.items():
        shown[team_channel(team_id)] = {f"agent:{seat.user}": agent_card(seat) for seat in crew}
        shown[ALL][f"team:{team_id}"] = team_card(team_id, crew, day)
    # Who is in no team is counted on the floor, so whoever watches the whole floor sees him too.
    teamless = [seat for seat in seats if seat.team_id is None]
    shown[AGENTS] = {f"agent:{seat.user}": agent_card(seat) for seat in teamless}
    for team_id, own in day.campaigns_of.items():
        known = {name: campaigns[name] for name in own if name in campaigns}
        shown[lead_channel(team_id)] = lead_cards(
            team_id, known, floor, crews.get(team_id, []), day
        )
    return shown


def lead_cards(
    team_id: str,
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
    own = team_card(team_id, crew, day)
    if crew:
        found[f"team:{team_id}"] = own
    if floor:
        found["floor"] = {**floor, **own, **_sums(campaigns), "never_worked": None}
    return found


def floor_card(
    campaigns: Mapping[str, Mapping[str, Any]],
    floor: Mapping[str, Any],
    seats: Sequence[Seat],
    day: Day,
) -> dict[str, Any]:
    """The card `floor`: the dialer's, with the day's promises and money from the books.

    Agents are counted from the same cards that the lists show, so that sums and lists agree.
    """
    return {
        **floor,
        "agents": counts(seat.card for seat in seats),
        "promises": day.promises,
        "promised_minor": day.promised_minor,
        "collected_minor": day.collected_minor,
        "currency": day.currency,
        "queue": sum(card.get("leads_left") or 0 for card in campaigns.values()),
        "worked": day.worked,
        "never_worked": day.never_worked,
        "overdue": day.overdue,
        **_effort(seats),
    }


def team_card(team_id: str, crew: Sequence[Seat], day: Day) -> dict[str, Any]:
    """The card of one team: how many do what, and their day."""
    pops = day.pops_by_team.get(team_id)
    return {
        "id": team_id,
        "name": (crew[0].team or "") if crew else "",
        "branch": crew[0].branch if crew else None,
        "agents": counts(seat.card for seat in crew),
        "calls": sum(seat.calls for seat in crew),
        "promises": sum(seat.promises for seat in crew),
        "promised_minor": sum(day.minor_by_user.get(seat.user, 0) for seat in crew),
        "collected_minor": sum(day.collected_by_user.get(seat.user, 0) for seat in crew),
        "currency": day.currency,
        "worked": day.worked_by_team.get(team_id, 0),
        "overdue": sum(day.overdue_by_user.get(seat.user, 0) for seat in crew),
        "pop": None if pops is None else asdict(pops),
        **_effort(crew),
    }


def agent_card(seat: Seat) -> dict[str, Any]:
    """The card of one agent on his team's wall."""
    known = dict(seat.card) or _unseen(seat.user)
    return {
        **known,
        "name": seat.name,
        "team": {"id": seat.team_id, "name": seat.team, "branch": seat.branch},
        "calls": seat.calls,
        "contacts": seat.contacts,
        "promises": seat.promises,
        "occupancy": seat.occupancy,
        "wrap_s": None if seat.wrap_s is None else round(seat.wrap_s),
        "rtt": seat.rtt,
        "lost_since": seat.lost_since,
    }


def plan_of(crew: Sequence[Seat]) -> Plan:
    """What a crew should have brought by now; a figure that is too small yet is None."""
    here = [seat for seat in crew if _is_here(seat.card) and _group(seat.card) != "paused"]
    hours = sum(seat.shift.at_work_s for seat in crew) / 3600
    money = _planned(crew, "COLLECTED") if hours >= LEAST_HOURS else 0
    return Plan(
        contacts_hour=_enough(_planned(here, "CONTACTS", 3600)),
        contacts=_enough(_planned(crew, "CONTACTS")),
        promises=_enough(_planned(crew, "PROMISES")),
        collected_minor=_enough(money),
    )


def _enough(planned: float) -> int | None:
    return round(planned) if planned >= LEAST_PLANNED else None


def spent(card: Mapping[str, Any], seconds: float) -> Shift:
    """What so many seconds in the state of this card add to a shift."""
    if not _is_here(card):
        return Shift()
    group = _group(card)
    return Shift(
        signed_in_s=seconds,
        busy_s=seconds if group in {"in_call", "wrap_up"} else 0.0,
        paused_s=seconds if group == "paused" else 0.0,
    )


def stats_card(seat: Seat, day: Day) -> dict[str, Any]:
    """An agent's own day, for the strip of his desk."""
    return {
        "calls": seat.calls,
        "contacts": seat.contacts,
        "promises": seat.promises,
        "promised_minor": day.minor_by_user.get(seat.user, 0),
        "currency": day.currency,
    }


def dialer_card(floor: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    """Whether the room of calls is led: the card `dialer` of every desk; `beat_at` (ms) once it is not."""
    beat_at = floor.get("now")
    if beat_at is not None and now_ms - beat_at <= SILENT_MS:
        return {"up": True, "beat_at": None}
    return {"up": False, "beat_at": beat_at}


def steady_trip(before: int | None, now: int) -> int:
    """A round trip in ms as it is told: each beat measures another one, and none of that is news."""
    if before is not None and abs(now - before) <= max(TRIP_MS, before // 4):
        return before
    return now


def help_told(asked: Mapping[str, Any] | None) -> dict[str, Any]:
    """What an agent's row says of his call for help; None: there is none."""
    asked = asked or {}
    since, reason = asked.get("since"), asked.get("reason")
    return {"help_since": since, "help_reason": reason, "help_by": asked.get("by")}


def help_of(card: Mapping[str, Any]) -> dict[str, Any]:
    """What a row said of that before."""
    return {name: value for name, value in card.items() if name.startswith("help_")}


def counts(agent_cards: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many agents are what, as the dialer groups them; one who is offline is not counted."""
    found = dict.fromkeys(GROUPS, 0)
    for card in agent_cards:
        if not _is_here(card):
            continue
        found["total"] += 1
        found[_group(card)] += 1
    return found


def by_team(seats: Sequence[Seat]) -> dict[str, list[Seat]]:
    """Seats by team, without those of nobody's team."""
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


def _effort(crew: Sequence[Seat]) -> dict[str, Any]:
    """A crew's contacts, how many are at work, and what its plan comes to so far."""
    return {
        "contacts": sum(seat.contacts for seat in crew),
        "contacts_hour": sum(seat.contacts_hour for seat in crew),
        "at_work": sum(_group(seat.card) != "paused" for seat in crew if _is_here(seat.card)),
        "plan": asdict(plan_of(crew)),
    }


def _planned(crew: Sequence[Seat], metric: str, most_s: float = SHIFT_S) -> float:
    """What these agents' targets come to for their time at work, of which `most_s` counts."""
    return sum(
        seat.targets.get(metric, 0) * min(seat.shift.at_work_s, most_s) / SHIFT_S for seat in crew
    )


def _sums(campaigns: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    sums = {name: sum(card.get(name) or 0 for card in campaigns.values()) for name in _SUMMED}
    return {**sums, "queue": sum(card.get("leads_left") or 0 for card in campaigns.values())}


def _is_here(card: Mapping[str, Any]) -> bool:
    return bool(card.get("status", "OFFLINE") != "OFFLINE")


def _group(card: Mapping[str, Any]) -> str:
    if card.get("state") in _ENGAGED:
        return "in_call"
    if card.get("state") in _AFTERWARDS:
        return "wrap_up"
    voiceless = card.get("status") == "READY" and card.get("voice") == "LOST"
    if card.get("link") == "LOST" or voiceless:
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
