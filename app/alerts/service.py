"""Alerts as they are used: watched by the wall's leader, acknowledged and shelved by people, set by numbers.

The leader alone raises and clears; a person's deed is a version of the row that the leader reads at its
next second. Every deed is audited.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from app.alerts import rules, store
from app.alerts.rules import Alert, Kind, Reading, Subject
from app.alerts.thresholds import (
    NumbersError,
    Settings,
    Threshold,
    changed,
    document,
    settings_from,
)
from app.audit import service as audit
from app.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people import service as people
from app.people.rules import Permission, Scope
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.outbox import Fact
    from app.people.service import Identity

__all__ = ["Alert", "Settings", "document"]

KEPT_FOR: Final = timedelta(days=30)


async def standing(session: ReadSession, now: datetime) -> list[Alert]:
    """The open alerts and those that would come back as themselves."""
    return await store.list_standing(session, now - rules.REPEATS_WITHIN)


async def save(session: WriteSession, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Write what changed; returns what was written, as it is stored.

    One that somebody changed meanwhile is left: it is looked at again at the next second.
    """
    written = [alert for alert in alerts if await store.save(session, alert)]
    return tuple(replace(alert, version=alert.version + 1) for alert in written)


def judge(
    readings: Sequence[Reading], settings: Settings, known: Iterable[Alert], clock: Clock
) -> tuple[Alert, ...]:
    """The alerts that differ after these readings."""
    limits = rules.limits_of(settings)
    return rules.fold(known, readings, limits, clock.now(), lambda: _id(clock))


async def note_left_over(session: WriteSession, fact: Fact, clock: Clock) -> None:
    """Somebody's outcome could not be recorded: an alert of his team. Listens to `outcome.left_over`."""
    user = str(fact.body["user"])
    person = await people.find_person(session, UUID(user))
    team = str(person.team_id) if person and person.team_id else None
    name = person.full_name if person else ""
    detail = {"reason": fact.body.get("reason"), "call": fact.body.get("call")}
    reading = Reading(Kind.LEFT_OVER, Subject("agent", user, name), 1.0, team, None, detail)
    before = await store.find_by_key(session, reading.key)
    await store.save(session, rules.happened(before, reading, clock.now(), lambda: _id(clock)))


async def acknowledge(
    session: WriteSession, alert_id: UUID, who: Identity, *, now: datetime
) -> None:
    """Say that it is seen: it is silent until it gets worse or comes back. Raises as `_reached` does."""
    alert = await _reached(session, alert_id, who)
    await _put(session, alert, rules.acknowledged(alert, _who(who), now), "acknowledged", who, now)


async def shelve(
    session: WriteSession, alert_id: UUID, minutes: int, who: Identity, *, now: datetime
) -> None:
    """Put it aside for 15, 30 or 60 minutes. Raises as `_reached` does, Invalid for other minutes."""
    if minutes not in rules.SHELVES:
        raise Invalid("An alert is put aside for 15, 30 or 60 minutes.", field="minutes")
    alert = await _reached(session, alert_id, who)
    after = rules.shelved(alert, minutes, _who(who), now)
    await _put(session, alert, after, "shelved", who, now, {"minutes": minutes})


async def settings(session: ReadSession) -> Settings:
    """The thresholds in force."""
    return settings_from(await store.list_numbers(session))


async def change_numbers(
    session: WriteSession,
    name: str,
    numbers: Mapping[str, object] | None,
    who: Identity,
    *,
    now: datetime,
) -> None:
    """Set a threshold's numbers; None has the default again. Audited.

    Raises Invalid, naming the number and the fix, and NotFound for a name that is none.
    """
    if name not in set(Threshold):
        raise NotFound("There is no such threshold.")
    before = (await store.list_numbers(session)).get(name)
    if numbers is None:
        await store.drop_numbers(session, name)
    else:
        _check(name, numbers)
        await store.set_numbers(session, name, dict(numbers), who.id, now)
    audit.record(
        session, who.actor, verb="changed", entity="threshold", entity_id=name, now=now,
        before=before, after=None if numbers is None else dict(numbers),
    )  # fmt: skip


async def tidy(session: WriteSession, now: datetime) -> None:
    """Forget what cleared long ago."""
    await store.forget(session, now - KEPT_FOR)


def _check(name: str, numbers: Mapping[str, object]) -> None:
    try:
        changed(Threshold(name), numbers)
    except NumbersError as wrong:
        raise Invalid(str(wrong), code=wrong.code, field=wrong.field) from wrong


async def _reached(session: WriteSession, alert_id: UUID, who: Identity) -> Alert:
    """The alert, if it is this person's to handle. A lead's are those of his team, and no one else's.

    Raises NotFound and Forbidden.
    """
    alert = await store.find(session, alert_id)
    if alert is None:
        raise NotFound("There is no such alert.")
    scope = who.scope(Permission.ALERT_HANDLE)
    own = who.person.team_id is not None and alert.team == str(who.person.team_id)
    if scope is not Scope.ALL and not own:
        raise Forbidden("That alert is not your team's.", code="ALERT_OTHER_TEAM")
    return alert


async def _put(
    session: WriteSession,
    before: Alert,
    after: Alert | None,
    verb: str,
    who: Identity,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    if after is None:
        raise Refused("This alert is over.", code="ALERT_OVER")
    if after == before:
        return
    if not await store.save(session, after):
        raise Conflict("Somebody else has changed this alert meanwhile.", code="VERSION")
    audit.record(
        session, who.actor, verb=verb, entity="alert", entity_id=before.id, now=now,
        before={"state": before.state}, after={"state": after.state, "kind": before.kind, **(more or {})},
    )  # fmt: skip


def _who(who: Identity) -> rules.Who:
    return rules.Who(who.id, who.person.full_name)


def _id(clock: Clock) -> UUID:
    return new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
