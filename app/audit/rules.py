"""How the trail is chained.

A link's digest covers the link before it, the row's public part, and a salted digest of its personal
part. Erasing the personal part and its salt leaves the chain whole.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a user in a role, from an address; all None is the system itself."""

    id: UUID | None
    role: str | None = None
    address: str | None = None


SYSTEM = Actor(id=None, role="SYSTEM")


@dataclass(frozen=True, slots=True)
class Public:
    """The part of a row that names no person beyond ids, and is never erased."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    role: str | None
    verb: str
    entity: str
    entity_id: str


def first_digest(day: date) -> str:
    """What the first link of a day stands on."""
    return hashlib.sha256(f"paceline audit {day.isoformat()}".encode()).hexdigest()


def personal_digest(salt: str, personal: dict[str, Any]) -> str:
    """The digest of what may be erased. Without its salt nobody can guess it back."""
    return hashlib.sha256(f"{salt}\n{_canonical(personal)}".encode()).hexdigest()


def link_digest(before: str, public: Public, personal: str) -> str:
    """The digest of one link: `before` is the previous link's, `personal` of `personal_digest`."""
    told = {
        "id": str(public.id),
        "at_us": _microseconds(public.at),
        "actor": str(public.actor_id) if public.actor_id else None,
        "role": public.role,
        "verb": public.verb,
        "entity": public.entity,
        "entity_id": public.entity_id,
    }
    return hashlib.sha256(f"{before}\n{_canonical(told)}\n{personal}".encode()).hexdigest()


def _microseconds(at: datetime) -> int:
    """Exact, whatever zone the driver handed the instant back in."""
    return int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond


def _canonical(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
