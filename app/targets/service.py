"""Setting targets, with a line in the trail, and reading those that are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit import service as audit
from app.errors import Invalid
from app.targets import store
from app.targets.rules import MOST, Metric, Reach, Target, targets_for

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import WriteSession

__all__ = ["Metric", "Reach", "Target", "list_targets", "set_target", "targets_for"]


async def set_target(
    session: WriteSession, target: Target, actor: audit.Actor, *, now: datetime
) -> None:
    """Set a target; 0 takes it away, the wider one with it. Raises `Invalid` outside its bounds."""
    most = MOST.get(target.metric)
    if target.value < 0 or (most is not None and target.value > most):
        bounds = f"from 0 to {most}" if most is not None else "not below 0"
        raise Invalid(f"A target of {target.metric} is {bounds}.", field="value")
    before = await store.find_value(session, target)
    await store.put(session, target, by=actor.id, now=now)
    audit.record(
        session,
        actor,
        verb="set_target",
        entity=target.reach.lower(),
        entity_id=target.subject,
        now=now,
        before={"metric": target.metric, "value": before},
        after={"metric": target.metric, "value": target.value},
    )


list_targets = store.list_targets
