"""What customers agreed to: by which channel, for what, since when, and how we know. Only ever added to.

The latest word of a channel and purpose holds; the older ones say what held before, so that a verdict of
the past can be worked out again. Where consent is needed is the law's to say: `app.compliance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, text

from app.audit import service as audit
from app.customers.models import Consent
from app.customers.rules import Aim, Channel, Word
from app.errors import Invalid
from app.values.ids import RANDOM_BYTES, new_id
from app.values.text import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import ReadSession, WriteSession

MOST_SOURCE: Final = 120
_HELD = text(
    """
    SELECT DISTINCT ON (customer_id, channel, aim) customer_id, channel, aim, given, source, at
    FROM consents
    WHERE customer_id = ANY(:customers) AND (CAST(:at AS timestamptz) IS NULL OR at <= :at)
    ORDER BY customer_id, channel, aim, at DESC, id DESC
    """
)


async def note(
    session: WriteSession, words: Mapping[UUID, Word], actor: Actor, clock: Clock
) -> int:
    """Write what customers said where it is new; returns how many. Audited.

    Raises Invalid for a source that is missing or too long.
    """
    now = clock.now()
    standing = await _standing(session, list(words))
    rows: list[dict[str, Any]] = []
    for customer_id, word in words.items():
        source = normalise(word.source)
        if not 0 < len(source) <= MOST_SOURCE:
            raise Invalid(f"Say how we know, in 1 to {MOST_SOURCE} characters.", field="source")
        before = standing.get((customer_id, word.channel, word.aim))
        if before is not None and (before.given, before.source) == (word.given, source):
            continue
        rows.append(
            {
                "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
                "customer_id": customer_id,
                "channel": word.channel,
                "aim": word.aim,
                "given": word.given,
                "source": source,
                "at": word.at or now,
                "noted_by": actor.id,
            }
        )
        told = {"channel": word.channel, "aim": word.aim}
        audit.record(
            session, actor, verb="consented" if word.given else "withdrew", entity="customer",
            entity_id=customer_id, now=now, after={**told, "source": source},
            before=None if before is None else {**told, "given": before.given},
        )  # fmt: skip
    if rows:
        await session.execute(insert(Consent), rows)
    return len(rows)


async def held_at(session: ReadSession, customer_id: UUID, at: datetime) -> list[Word]:
    """What a customer's word was at an instant, one for each channel and aim of which he said anything."""
    rows = await session.execute(_HELD, {"customers": [customer_id], "at": at})
    return [_word(row) for row in rows]


async def _standing(
    session: ReadSession, customer_ids: Sequence[UUID]
) -> dict[tuple[UUID, str, str], Word]:
    rows = await session.execute(_HELD, {"customers": customer_ids, "at": None})
    return {(row.customer_id, row.channel, row.aim): _word(row) for row in rows}


def _word(row: Any) -> Word:
    return Word(row.given, row.source, Channel(row.channel), Aim(row.aim), row.at)
