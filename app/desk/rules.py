"""The whole screen pop, composed of facts: `compose`. Pure; every part may be missing.

Read in this order: `pop.py` (what is known), `picture.py` (what it comes to), `phrases.py` (what the
agent reads), `script.py` (what is said), `presets.py` (what is filled in).
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.accounts.rules import age, product_label, tail_of
from app.customers.rules import best_band_text, parse_name, spoken_address, success_text
from app.desk import phrases, presets, script
from app.desk.bars import Standing, in_the_way
from app.desk.chips import chips
from app.desk.picture import Picture, see
from app.desk.pop import Did, Number, Occasion, Owed, Pledged, PopFacts, Ringing
from app.desk.words import PHONE_LABELS, PROMISE_STATES, pick, word
from app.history import dispositions
from app.history.tree import Leaf
from app.promises.rules import shown_state
from app.values.money import Money
from app.values.spelling import amount_in_words

VERSION: Final = 1
_ROWS: Final = 5
_NOTE_LIMIT: Final = 120  # characters; the whole note is a click away


def compose(facts: PopFacts | None, occasion: Occasion) -> dict[str, Any]:
    """The value of the card `screen:{call}`.

    `facts` None is a screen that can be worked with all the same: the number, the outcomes and a
    careful script; it says whether the data is still on its way (`occasion.late`) or not to be had.
    """
    known = facts or _nothing(occasion)
    ui = occasion.speaker.language
    picture = see(known)
    who = known.who
    said = script.spoken(known, picture, occasion, _spoken_language(known, ui))
    standing = Standing(
        disputed=picture.disputed,
        hardship=picture.hardship,
        special=who.special_handling if who else (),
    )
    return {
        "v": VERSION,
        "call": _call(occasion),
        "customer": _customer(known),
        "late": occasion.late,
        "greeting": said["greeting"],
        "reason": _reason(known, picture, occasion),
        "key_fact": phrases.key_fact(known, picture, ui) if who else None,
        "loan": _loan(picture, ui),
        "chips": chips(known, picture, ui),
        "next_action": _next_action(known, picture, occasion),
        "cards": _cards(known, occasion.ringing, ui),
        "script": said["script"],
        "compliance": said["compliance"],
        "objections": said["objections"],
        "third_party": said["third_party"],
        **bars(ui, standing),
        **presets.fill(
            known,
            picture,
            ui,
            tried=occasion.ringing.attempts_today,
            cap=occasion.ringing.cap,
        ),
        "window_until": occasion.ringing.window_until_ms,
    }


def choices(ui: str) -> dict[str, Any]:
    """What an agent may choose, whoever calls: ten outcomes by key, and all of them. A page is born with it."""
    return {
        "outcomes": [
            {"key": key, "leaf": leaf.code, "label": leaf.quick(ui)}
            for key, leaf in dispositions.quick_outcomes("AUTO")
        ],
        "tree": _tree(ui),
    }


def bars(ui: str, standing: Standing) -> dict[str, Any]:
    """Which outcomes make no sense with this customer: each by the key of its reason, and the reasons."""
    found = in_the_way(standing)
    leaves = {leaf: bar.code for bar in reversed(found) for leaf in sorted(bar.leaves)}
    return {"barred": leaves, "bars": {bar.code: pick(bar.why, ui) for bar in found}}


def _nothing(occasion: Occasion) -> PopFacts:
    now = datetime.fromtimestamp(occasion.assigned_at_ms / 1000, UTC)
    empty = PopFacts(today=now.date(), now=now)
    return replace(empty, today=now.astimezone(_zone(empty)).date())


def _zone(facts: PopFacts) -> ZoneInfo:
    return ZoneInfo(facts.zone)


def _spoken_language(facts: PopFacts, ui: str) -> str:
    language = facts.who.language if facts.who else ui
    return language if language in ("vi", "en") else "en"


def _call(occasion: Occasion) -> dict[str, Any]:
    ringing = occasion.ringing
    nobody_yet = {"offered": True} if ringing.offered else {}
    return nobody_yet | {
        "id": str(ringing.call),
        "number": ringing.number,
        "campaign": {"id": str(ringing.campaign), "name": ringing.campaign_name},
        "attempt_no": ringing.attempt_no,
        "attempts_today": ringing.attempts_today,
        "cap": ringing.cap,
        "assigned_at": occasion.assigned_at_ms,
        "published_at": occasion.published_at_ms,
    }


def _customer(facts: PopFacts) -> dict[str, Any] | None:
    who = facts.who
    if who is None:
        return None
    language = _spoken_language(facts, who.language)
    company = who.kind == "ORGANIZATION"
    name = parse_name(who.display)
    return {
        "id": str(who.id),
        "cif": who.cif,
        "name": who.display,
        "spoken": who.display if company else spoken_address(who.salutation, name, language),
        "kind": who.kind,
        "language": language,
    }


def _reason(facts: PopFacts, picture: Picture, occasion: Occasion) -> str:
    ui = occasion.speaker.language
    if facts.who:
        return phrases.reason(facts, picture, occasion.ringing.campaign_name, ui)
    if occasion.late:
        return pick(("Hồ sơ đang được tải…", "The customer's data is on its way…"), ui)
    return pick(("Không tìm thấy hồ sơ của số này", "No customer was found for this number"), ui)


def _next_action(facts: PopFacts, picture: Picture, occasion: Occasion) -> str:
    ui = occasion.speaker.language
    if facts.who:
        return phrases.next_action(facts, picture, ui)
    return pick(
        (
            "Chào và hỏi tên, chưa nói về khoản nợ cho đến khi xác minh",
            "Greet and ask for the name; no word about a debt before the identity is checked",
        ),
        ui,
    )


def _loan(picture: Picture, ui: str) -> dict[str, Any] | None:
    if picture.loan is None or picture.arrears is None or picture.asked is None:
        return None
    loan = picture.loan
    return {
        "product": loan.product,
        "product_label": product_label(loan.product, ui),
        "tail": tail_of(loan.account_no),
        "currency": loan.currency,
        "due_minor": picture.asked.minor,
        "overdue_minor": loan.overdue_minor,
        "outstanding_minor": loan.outstanding_minor,
        "dpd": picture.arrears.dpd,
        "bucket": picture.arrears.bucket,
        "bucket_from": picture.rolled_from,
        "words": {
            "due": amount_in_words(picture.asked, ui),
            "overdue": amount_in_words(Money(loan.overdue_minor, loan.currency), ui),
            "outstanding": amount_in_words(Money(loan.outstanding_minor, loan.currency), ui),
        },
    }


# --- quick cards ------------------------------------------------------------------------


def _cards(facts: PopFacts, ringing: Ringing, ui: str) -> dict[str, Any]:
    text = facts.who.handling_instruction if facts.who else ""
    special = bool(facts.who and facts.who.special_handling)
    return {
        "last": [_last(did, ui) for did in facts.actions[:_ROWS]],
        "payments": [
            {
                "on": paid.paid_on.isoformat(),
                "amount_minor": paid.amount_minor,
                "currency": paid.currency,
                "method": paid.method,
                "status": paid.status,
            }
            for paid in facts.payments[:_ROWS]
        ],
        "promises": [_promise(pledge, facts, ui) for pledge in _next_first(facts)[:_ROWS]],
        "handling": {
            "text": text,
            "mandatory": bool(text) or special,
            "attempts_today": ringing.attempts_today,
            "cap": ringing.cap,
        },
        "loans": [_small_loan(loan, facts, ui) for loan in facts.loans],
        "phones": [_phone(number, ui) for number in facts.numbers],
    }


def _last(did: Did, ui: str) -> dict[str, Any]:
    leaf = dispositions.leaf(did.leaf)
    return {
        "at": int(did.at.timestamp() * 1000),
        "kind": did.kind,
        "outcome": " → ".join(dispositions.TREE.path(leaf, ui)[1:]) if leaf else did.leaf,
        "by": did.by or pick(("Hệ thống", "System"), ui),
        "note": did.note[:_NOTE_LIMIT],
    }


def _next_first(facts: PopFacts) -> list[Pledged]:
    """What runs comes first, the next due on top; then what became of the others, the latest first."""
    running = [pledge for pledge in facts.promises if pledge.state == "OPEN"]
    others = [pledge for pledge in facts.promises if pledge.state != "OPEN"]
    return [*sorted(running, key=lambda pledge: pledge.due_on), *others]


def _promise(pledge: Pledged, facts: PopFacts, ui: str) -> dict[str, Any]:
    shown = shown_state(pledge.state, pledge.due_on, facts.today)
    return {
        "amount_minor": pledge.amount_minor,
        "currency": pledge.currency,
        "due_on": pledge.due_on.isoformat(),
        "state": pledge.state,
        "state_label": word(PROMISE_STATES, shown, ui),
    }


def _small_loan(loan: Owed, facts: PopFacts, ui: str) -> dict[str, Any]:
    arrears = age(loan.oldest_unpaid_due_on, facts.today)
    return {
        "product_label": product_label(loan.product, ui),
        "tail": tail_of(loan.account_no),
        "outstanding_minor": loan.outstanding_minor,
        "currency": loan.currency,
        "dpd": arrears.dpd,
        "bucket": arrears.bucket,
    }


def _phone(number: Number, ui: str) -> dict[str, Any]:
    bands = {int(hour): (int(seen[0]), int(seen[1])) for hour, seen in number.bands.items()}
    return {
        "number": number.number,
        "label": word(PHONE_LABELS, number.label, ui),
        "success": success_text(number.rpc_180d, number.attempts_180d, ui),
        "best": best_band_text(bands, ui),
    }


def _tree(ui: str) -> list[dict[str, Any]]:
    """What an agent may choose, by the two words above it: each word travels once."""
    branches: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for leaf in dispositions.selectable():
        first, second, _ = dispositions.TREE.path(leaf, ui)
        branches.setdefault((first, second), []).append(_outcome(leaf, ui))
    return [{"path": list(path), "leaves": leaves} for path, leaves in branches.items()]


def _outcome(leaf: Leaf, ui: str) -> dict[str, Any]:
    """One outcome. `offers` stands there when it says something."""
    told: dict[str, Any] = {
        "leaf": leaf.code,
        "label": leaf.label(ui),
        "needs": [str(need) for need in leaf.needs],
    }
    if leaf.offers:
        told["offers"] = [str(need) for need in leaf.offers]
    return told
