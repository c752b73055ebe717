"""What an outcome asks for (needs) and sets in motion (effects), as typed values. Pure.

The services carry effects out; which outcome has which stands in `dispositions.py`, and what of them
can be put right afterwards in `rules.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.accounts.rules import HoldKind
from app.care.rules import StatusType
from app.customers.rules import Verification


class Need(StrEnum):
    """What an outcome's form asks for. `promise` and `callback` are forms of their own."""

    PROMISE = "promise"
    CALLBACK = "callback"
    NEXT_STEP = "next_step"
    PLAN = "plan"
    PAYMENT_REF = "payment_ref"
    DOCUMENT = "document"
    DATE = "date"
    AMOUNT = "amount"
    TIME_BAND = "time_band"
    DISPUTE_KIND = "dispute_kind"
    TEXT = "text"
    REASON = "reason"
    TERMS = "terms"
    RELATION = "relation"
    LANGUAGE = "language"
    DOCUMENTS = "documents"
    CONTACT = "contact"
    MANNER = "manner"
    AVOID = "avoid"


class HoldUntil(StrEnum):
    """When a hold without a number of days ends."""

    PROMISE_GRACE = "PROMISE_GRACE"  # the end of the promise's due date and grace
    RELEASED = "RELEASED"  # when somebody releases it


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the customer from being dialled: for `days`, or until what `until` names."""

    kind: HoldKind
    days: int | None = None
    until: HoldUntil | None = None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Try the lead again after a delay."""

    seconds: int


@dataclass(frozen=True, slots=True)
class RetryNextDay:
    """Try the lead again when the window opens on the next business day."""


@dataclass(frozen=True, slots=True)
class RetryByPolicy:
    """Try the lead again as the campaign's retry rules say."""


@dataclass(frozen=True, slots=True)
class RetryInBand:
    """Try the lead again in the time band that the customer named."""


@dataclass(frozen=True, slots=True)
class TryNextNumber:
    """Go on with the customer's next number, if there is one; else the lead is done."""


@dataclass(frozen=True, slots=True)
class MarkNumber:
    """Mark the number that was dialled."""

    state: Verification


@dataclass(frozen=True, slots=True)
class RecordPromise:
    """Store the promise of the form."""


@dataclass(frozen=True, slots=True)
class OfferCallback:
    """Offer a call on the promise's due date; made only when the agent leaves it ticked."""


@dataclass(frozen=True, slots=True)
class CreateCallback:
    """Make a work item for the instant of the form."""


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """Open a dispute with the form's kind and text."""


@dataclass(frozen=True, slots=True)
class FlagHardship:
    """Put the hardship flag on the customer, with the form's reason."""


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Note how the customer behaved, unless the form's manner says otherwise."""

    type: StatusType


@dataclass(frozen=True, slots=True)
class NoteWishes:
    """Note when the customer wants to be called, and when or where not."""


@dataclass(frozen=True, slots=True)
class RemoveFromCampaign:
    """The lead is done in this campaign."""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Put the case before somebody: `SUPERVISOR`, `LANGUAGE`, `PAYMENTS`, `LEGAL` or `TRACE`."""

    queue: str


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """Ask a second person: for a `PLAN`, a `RESTRUCTURE` or a `LEGAL_REFERRAL`."""

    kind: str


@dataclass(frozen=True, slots=True)
class RaiseRisk:
    """Have the customer's risk looked at again, upwards."""


@dataclass(frozen=True, slots=True)
class StartTrace:
    """Look for the customer: out of every dial list at once."""


@dataclass(frozen=True, slots=True)
class EndTrace:
    """The customer is found; `AddContact` brings the new number."""


@dataclass(frozen=True, slots=True)
class AddContact:
    """Store the new number of the form."""


@dataclass(frozen=True, slots=True)
class CountUnreachable:
    """One more for the rule that starts a trace."""


@dataclass(frozen=True, slots=True)
class NoRedial:
    """No dialer redials for so long; a call that an agent starts by hand is allowed."""

    seconds: int


Effect = (
    Hold
    | RetryAfter
    | RetryNextDay
    | RetryByPolicy
    | RetryInBand
    | TryNextNumber
    | MarkNumber
    | RecordPromise
    | OfferCallback
    | CreateCallback
    | OpenDispute
    | FlagHardship
    | SetStatus
    | NoteWishes
    | RemoveFromCampaign
    | Escalate
    | RequestApproval
    | RaiseRisk
    | StartTrace
    | EndTrace
    | AddContact
    | CountUnreachable
    | NoRedial
)


def effect_record(effect: Effect) -> dict[str, object]:
    """An effect as JSON keeps it: its name under `do`, its fields beside it."""
    fields = {name: getattr(effect, name) for name in effect.__slots__}
    return {"do": type(effect).__name__, **{key: _plain(value) for key, value in fields.items()}}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, StrEnum) else value
