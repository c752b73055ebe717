"""Typed identifiers, sortable by the instant at which they were made.

An id is a UUIDv7 (RFC 9562, section 5.7). The instant and the random bits are given by the caller;
what an id is printed as for people is a matter of number formats, not of this module.
"""

from typing import NewType
from uuid import UUID

OrganisationId = NewType("OrganisationId", UUID)
BranchId = NewType("BranchId", UUID)
TeamId = NewType("TeamId", UUID)
UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
CustomerId = NewType("CustomerId", UUID)
PhoneId = NewType("PhoneId", UUID)
ReferenceId = NewType("ReferenceId", UUID)
LoanId = NewType("LoanId", UUID)
CaseId = NewType("CaseId", UUID)
CampaignId = NewType("CampaignId", UUID)
LeadId = NewType("LeadId", UUID)
AttemptId = NewType("AttemptId", UUID)
CallId = NewType("CallId", UUID)
ActionId = NewType("ActionId", UUID)
PromiseId = NewType("PromiseId", UUID)
CallbackId = NewType("CallbackId", UUID)
DisputeId = NewType("DisputeId", UUID)
PaymentId = NewType("PaymentId", UUID)
AuditId = NewType("AuditId", UUID)
FactId = NewType("FactId", UUID)
ImportId = NewType("ImportId", UUID)
HoldId = NewType("HoldId", UUID)

RANDOM_BYTES = 10  # 74 bits are used; the first six bits of the ten bytes are dropped

_MS_LIMIT = 1 << 48
_RAND_A_MASK = 0xFFF
_RAND_B_MASK = (1 << 62) - 1


def new_id(now_ms: int, random_bytes: bytes) -> UUID:
    """Make a UUIDv7 of the instant `now_ms` (epoch milliseconds) and at least ten random bytes.

    Ids of a later millisecond sort after ids of an earlier one; within one millisecond the order is
    the order of the random bits. Raises ValueError for an instant outside 48 bits or too few bytes.
    """
    if not 0 <= now_ms < _MS_LIMIT:
        raise ValueError(f"an id's instant is 48 bits of epoch milliseconds, not {now_ms}")
    if len(random_bytes) < RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes, {len(random_bytes)} were given")
    chance = int.from_bytes(random_bytes[:RANDOM_BYTES], "big")
    rand_a = (chance >> 62) & _RAND_A_MASK
    rand_b = chance & _RAND_B_MASK
    return UUID(int=now_ms << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)


def made_at_ms(identifier: UUID) -> int:
    """The instant (epoch milliseconds) at which a UUIDv7 was made; ValueError for another version."""
    if identifier.version != 7:  # noqa: PLR2004 - the version number is the name of the format
        raise ValueError(f"{identifier} is not a UUIDv7")
    return identifier.int >> 80
