"""Every statement over alerts and their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.alerts.models import AlertNumbers, AlertRow
from app.alerts.rules import Alert, Kind, Severity, State, Subject

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import ReadSession, WriteSession


async def list_standing(session: ReadSession, cleared_since: datetime) -> list[Alert]:
    """The open alerts and those cleared since then; of one key the open or the latest."""
    rows = await session.scalars(
        select(AlertRow)
        .where(or_(AlertRow.state != State.CLEARED, AlertRow.cleared_at >= cleared_since))
        .order_by(AlertRow.cleared_at.asc().nulls_last())
    )
    return list({row.key: _alert(row) for row in rows}.values())


async def find(session: WriteSession, alert_id: UUID) -> Alert | None:
    """One alert, locked."""
    row = await session.scalar(
        select(AlertRow).where(AlertRow.id == alert_id).with_for_update(of=AlertRow)
    )
    return None if row is None else _alert(row)


async def find_by_key(session: WriteSession, key: str) -> Alert | None:
    """The latest alert of a key, locked."""
    row = await session.scalar(
        select(AlertRow)
        .where(AlertRow.key == key)
        .order_by(AlertRow.first_at.desc())
        .limit(1)
        .with_for_update(of=AlertRow)
    )
    return None if row is None else _alert(row)


async def save(session: WriteSession, alert: Alert) -> bool:
    """Write an alert as it is now. False when somebody changed it meanwhile, or raised it first."""
    values = _values(alert)
    if alert.version == 0:
        written = await session.execute(
            insert(AlertRow).values(**values).on_conflict_do_nothing().returning(AlertRow.id)
        )
    else:
        written = await session.execute(
            update(AlertRow)
            .where(AlertRow.id == alert.id, AlertRow.version == alert.version)
            .values(**values)
            .returning(AlertRow.id)
        )
    return written.scalar_one_or_none() is not None


async def forget(session: WriteSession, before: datetime) -> None:
    """Delete what was cleared before an instant."""
    await session.execute(delete(AlertRow).where(AlertRow.cleared_at < before))


async def list_numbers(session: ReadSession) -> dict[str, dict[str, Any]]:
    """The numbers set, by name."""
    rows = await session.scalars(select(AlertNumbers))
    return {row.name: row.numbers for row in rows}


async def set_numbers(
    session: WriteSession, name: str, numbers: dict[str, Any], who: UUID | None, now: datetime
) -> None:
    """Put numbers in place of those of that name."""
    statement = insert(AlertNumbers).values(
        name=name, numbers=numbers, changed_at=now, changed_by=who, version=1
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[AlertNumbers.name],
            set_={
                "numbers": numbers,
                "changed_at": now,
                "changed_by": who,
                "version": AlertNumbers.version + 1,
            },
        )
    )


async def drop_numbers(session: WriteSession, name: str) -> None:
    """Have the default again."""
    await session.execute(delete(AlertNumbers).where(AlertNumbers.name == name))


def _alert(row: AlertRow) -> Alert:
    return Alert(
        id=row.id,
        kind=Kind(row.kind),
        key=row.key,
        severity=Severity(row.severity),
        subject=Subject(row.subject_kind, row.subject_id, row.subject_name),
        team=str(row.team_id) if row.team_id else None,
        campaign=str(row.campaign_id) if row.campaign_id else None,
        value=row.value,
        detail=row.detail,
        state=State(row.state),
        first_at=row.first_at,
        last_at=row.last_at,
        read_at=row.read_at,
        count=row.count,
        calm_since=row.calm_since,
        acked_by=row.acked_by,
        acked_name=row.acked_name,
        acked_at=row.acked_at,
        shelved_until=row.shelved_until,
        cleared_at=row.cleared_at,
        version=row.version,
    )


def _values(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "kind": alert.kind,
        "key": alert.key,
        "severity": alert.severity,
        "subject_kind": alert.subject.kind,
        "subject_id": alert.subject.id,
        "subject_name": alert.subject.name,
        "team_id": UUID(alert.team) if alert.team else None,
        "campaign_id": UUID(alert.campaign) if alert.campaign else None,
        "value": alert.value,
        "detail": dict(alert.detail),
        "state": alert.state,
        "first_at": alert.first_at,
        "last_at": alert.last_at,
        "read_at": alert.read_at,
        "count": alert.count,
        "calm_since": alert.calm_since,
        "acked_by": alert.acked_by,
        "acked_name": alert.acked_name,
        "acked_at": alert.acked_at,
        "shelved_until": alert.shelved_until,
        "cleared_at": alert.cleared_at,
        "version": alert.version + 1,
    }
