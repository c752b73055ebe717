"""How invented customers are to be treated: the history behind what stands on each, by whose word. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.care.rules import StatusType, answer_due

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.portfolio.invented import Invented, Row

_TOLD_BY: Final = {
    StatusType.HARDSHIP: "HARDSHIP_REVIEW",
    StatusType.DISPUTING: "DISPUTE_OPENED",
    StatusType.AVOIDING: "REFUSED",
    StatusType.HOSTILE: "REFUSED",
    StatusType.PROMISE_KEEPER: "PTP_SCHEDULED",
}


def note_manners(made: Invented, id_at: Callable[[datetime], UUID], today: date) -> None:
    """Add a status, a hardship and a dispute for whoever bears one, from the outcome that told of it."""
    actions: dict[Any, list[Row]] = defaultdict(list)
    for action in made.actions:
        actions[action["customer_id"]].append(action)
    contested = {hold["action_id"] for hold in made.holds if hold["kind"] == "DISPUTE_HOLD"}
    for customer in made.customers:
        past = sorted(actions[customer["id"]], key=lambda action: action["at"])
        if customer["cooperation"]:
            made.customer_statuses.append(_status(customer, past, id_at))
        if customer["hardship"]:
            made.hardships.append(_hardship(customer, past, id_at, today))
        made.disputes += [_dispute(each, id_at) for each in past if each["id"] in contested]


def _status(customer: Row, past: Sequence[Row], id_at: Callable[[datetime], UUID]) -> Row:
    told = _last(past, _TOLD_BY.get(customer["cooperation"], ""))
    since = told["at"] if told else customer["created_at"]
    return {
        "id": id_at(since),
        "customer_id": customer["id"],
        "type": customer["cooperation"],
        "since": since,
        "until": None,
        "replaces_id": None,
        **_origin(told),
    }


def _hardship(
    customer: Row, past: Sequence[Row], id_at: Callable[[datetime], UUID], today: date
) -> Row:
    flag, told = customer["hardship"], _last(past, "HARDSHIP_REVIEW")
    noted = told["at"] if told else customer["created_at"]
    # Somebody has looked at it each month since.
    review = date.fromisoformat(flag["review_on"])
    review += timedelta(days=30) * max(0, (today - review).days // 30)
    flag["review_on"] = review.isoformat()
    flag["source"] = "OUTCOME"
    return {
        "id": id_at(noted),
        "customer_id": customer["id"],
        "since": date.fromisoformat(flag["since"]),
        "reason": flag["reason"],
        "review_on": review,
        "noted_at": noted,
        "ended_at": None,
        "ended_by": None,
        "decision": None,
        "comment": "",
        **_origin(told),
    }


def _dispute(action: Row, id_at: Callable[[datetime], UUID]) -> Row:
    return {
        "id": id_at(action["at"]),
        "customer_id": action["customer_id"],
        "loan_id": action["loan_id"],
        "kind": "AMOUNT",
        "text": action["note"],
        "status": "OPEN",
        "opened_at": action["at"],
        "due_on": answer_due(action["at"].date()),
        "resolved_at": None,
        "resolved_by": None,
        "resolution": "",
        **_origin(action),
    }


def _last(past: Sequence[Row], leaf: str) -> Row | None:
    return next((action for action in reversed(past) if action["leaf"] == leaf), None)


def _origin(action: Row | None) -> Row:
    return {
        "source": "OUTCOME" if action else "IMPORT",
        "user_id": action["user_id"] if action else None,
        "call_id": None,
        "action_id": action["id"] if action else None,
    }
