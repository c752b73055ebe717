"""What is filled in before the agent types: the promise, four times to call back, three of snooze. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from app.compliance.profiles import PROFILES, VN, rule_label
from app.compliance.rules import ContactFacts, Starter, may_contact
from app.desk.phrases import part_of, pay_by
from app.desk.picture import Picture
from app.desk.pop import PopFacts
from app.desk.words import Pair, day_text, pick

_TONIGHT: Final = time(18, 30)
_ON_DUE_DAY: Final = time(9)
_MORNING: Final = time(8)
_DEFAULT_METHOD: Final = "BANK_TRANSFER"


def fill(
    facts: PopFacts, picture: Picture, language: str, *, tried: int, cap: int
) -> dict[str, Any]:
    """What the forms of a call are filled with, and the currency of its money."""
    return {
        "presets": {
            "promise": promise(facts, picture),
            "callback": callbacks(facts, picture, language, tried=tried, cap=cap),
        },
        "currency": picture.loan.currency if picture.loan else facts.currency,
    }


def promise(facts: PopFacts, picture: Picture) -> dict[str, Any] | None:
    """Amount due, three working days ahead, the last used method; None when there is nothing to promise.

    Somebody in hardship is asked for a part; on a debt that is contested nothing is promised.
    """
    if picture.asked is None or not picture.asked or picture.disputed:
        return None
    amount = part_of(picture.asked) if picture.hardship else picture.asked
    return {
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "due_on": pay_by(facts).isoformat(),
        "method": picture.last_method or _DEFAULT_METHOD,
    }


Snooze = Literal["TEN_MINUTES", "HOUR", "TOMORROW"]


def snoozed_until(snooze: Snooze, now: datetime, zone: str) -> datetime:
    """When to remind again: in ten minutes, in an hour, tomorrow morning at the business's place."""
    if snooze == "TOMORROW":
        tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        return datetime.combine(tomorrow, _MORNING, ZoneInfo(zone))
    return now + timedelta(minutes=10 if snooze == "TEN_MINUTES" else 60)


def callbacks(
    facts: PopFacts, picture: Picture, language: str, *, tried: int, cap: int
) -> list[dict[str, Any]]:
    """Keys 1 to 4: in an hour, tonight, tomorrow at this time, on the due day; illegal ones say why.

    `tried`: contacts of today; `cap`: the campaign's most on a day, 0 where it sets none.
    """
    limits = ContactFacts(
        zone=facts.who.timezone if facts.who else facts.zone,
        starter=Starter.AGENT,
        attempts_on={facts.today: tried},
        cap_per_day=cap or None,
        holidays=facts.holidays,
    )
    return [
        {
            "key": str(number),
            "label": pick(label, language),
            "at": int(at.timestamp() * 1000),
            "refused": _refused(facts, limits, at, language),
        }
        for number, (label, at) in enumerate(_times(facts, picture), start=1)
    ]


def _times(facts: PopFacts, picture: Picture) -> list[tuple[Pair, datetime]]:
    zone = ZoneInfo(facts.zone)
    wall = facts.now.astimezone(zone).replace(second=0, microsecond=0)
    due = _due_day(facts, picture)
    return [
        (("Sau 1 giờ", "In one hour"), (wall.astimezone(UTC) + timedelta(hours=1))),
        (("Tối nay 18:30", "Tonight 18:30"), datetime.combine(wall.date(), _TONIGHT, zone)),
        (
            ("Mai cùng giờ", "Tomorrow, same time"),
            datetime.combine(wall.date() + timedelta(days=1), wall.time(), zone),
        ),
        (
            (f"Ngày đến hạn {day_text(due)}", f"On the due day {day_text(due)}"),
            datetime.combine(due, _ON_DUE_DAY, zone),
        ),
    ]


def _due_day(facts: PopFacts, picture: Picture) -> date:
    """The running promise's day, else the next due date, else the day that is asked for."""
    if picture.running and picture.running.due_on > facts.today:
        return picture.running.due_on
    next_due = picture.loan.next_due_on if picture.loan else None
    return next_due if next_due and next_due > facts.today else pay_by(facts)


def _refused(facts: PopFacts, limits: ContactFacts, at: datetime, language: str) -> str | None:
    """Why nobody may be called at that time; None when it is allowed."""
    if at <= facts.now:
        return pick(("Đã qua giờ này", "This time has passed"), language)
    verdict = may_contact(limits, at, PROFILES.get(facts.legal_profile, VN))
    return None if verdict.rule is None else rule_label(verdict.rule, language)
