"""What is said in this call: the book's pieces that fit it, filled with what is known. Pure.

Which piece fits is a matter of `app.scripts`; here the call is put into the words that its rules ask in.
What is said to somebody who is not the customer is chosen apart and filled without a word about the debt.
"""

from dataclasses import replace
from typing import Any

from app.accounts.rules import product_label, tail_of
from app.desk.phrases import part_of, pay_by, promised
from app.desk.picture import Picture
from app.desk.pop import Occasion, PopFacts, Speaker
from app.desk.words import address, day_text, lower_first, part_of_day, pick
from app.history import dispositions
from app.scripts.fields import Party, Situation
from app.scripts.pieces import Book, Piece, Sort, choose, fits, fitting
from app.scripts.rules import EVERYBODY, describe, holds
from app.scripts.texts import fill, for_others
from app.values.money import Money

# --- the call in the words of the rules -------------------------------------------------


def situation(facts: PopFacts, picture: Picture, campaign: str) -> Situation:
    """What the rules ask about this call, taken for the customer's where the customer is known."""
    who, last = facts.who, facts.actions[0] if facts.actions else None
    leaf = dispositions.leaf(last.leaf) if last else None
    return Situation(
        party=Party.CUSTOMER if who else Party.UNKNOWN,
        product=picture.loan.product if picture.loan else None,
        bucket=picture.arrears.bucket if picture.arrears else None,
        dpd=picture.arrears.dpd if picture.arrears else None,
        risk=who.risk_class if who else None,
        flags=_flags(facts, picture),
        broken_promises=picture.broken_60d,
        attempts_week=picture.attempts_week,
        last_result=leaf.parent if leaf else None,
        last_outcome=leaf.code if leaf else None,
        language=who.language if who else "",
        segment=who.segment if who else "",
        campaign=campaign,
        kind=who.kind if who else None,
        salutation=who.salutation if who else None,
    )


def _flags(facts: PopFacts, picture: Picture) -> frozenset[str]:
    seen = {
        "HARDSHIP": picture.hardship,
        "DISPUTE": picture.disputes > 0,
        "BROKEN_PROMISE": picture.broken is not None,
        "PROMISE_DUE_TODAY": picture.due_today is not None,
        "PAYMENT_COMING": picture.settling is not None,
        "NOTHING_DUE": not picture.asked,
        "COMPLAINT": picture.complaint is not None,
        "NEW_BUCKET": picture.rolled_from is not None,
    }
    own = facts.who.special_handling if facts.who else ()
    return frozenset([*(flag for flag, met in seen.items() if met), *own])


# --- slots ------------------------------------------------------------------------------


def slots(facts: PopFacts, picture: Picture, speaker: Speaker, language: str) -> dict[str, str]:
    """The values that a text may name; a slot whose value is not known is absent."""
    spoken = address(facts.who, language)
    values = {
        "name": lower_first(spoken.name) if language == "vi" else spoken.name,
        "you": spoken.you,
        "me": spoken.me,
        "agent": speaker.name,
        "bank": facts.bank or pick(("ngân hàng", "the bank"), language),
        "daypart": part_of_day(facts.now, facts.zone),
        "by": day_text(pay_by(facts)),
        **_loan_slots(picture, language),
    }
    if facts.who:
        values["company"] = facts.who.display
    pledge = picture.broken or picture.due_today
    if pledge:
        values |= {"promised": promised(pledge).display(language), "day": day_text(pledge.due_on)}
    if picture.settling:
        paid = Money(picture.settling.amount_minor, picture.settling.currency)
        values["paid"] = paid.display(language)
    return values


def _loan_slots(picture: Picture, language: str) -> dict[str, str]:
    if picture.loan is None or picture.arrears is None or picture.asked is None:
        return {}
    asked = picture.asked
    return {
        "due": asked.display(language),
        "part": (part_of(asked) if asked else asked).display(language),
        "product": lower_first(product_label(picture.loan.product, language)),
        "tail": tail_of(picture.loan.account_no),
        "dpd": str(picture.arrears.dpd),
    }


def _slots_for_others(values: dict[str, str], language: str) -> dict[str, str]:
    """Somebody else is spoken to politely and neutrally, and hears the customer's name only."""
    polite = address(None, language)
    return {**for_others(values), "you": polite.you, "me": polite.me}


# --- the parts of the screen ------------------------------------------------------------


def spoken(facts: PopFacts, picture: Picture, occasion: Occasion, language: str) -> dict[str, Any]:
    """The parts of a screen that are said or ticked; `language` is the one that the customer is spoken to in.

    `third_party` stands ready in the screen: it is shown at once when somebody else has picked up.
    """
    ui = occasion.speaker.language
    now = situation(facts, picture, occasion.ringing.campaign_name)
    values = slots(facts, picture, occasion.speaker, language)
    if now.party != Party.CUSTOMER:
        values = _slots_for_others(values, language)
    other = replace(now, party=Party.THIRD_PARTY)
    others = _slots_for_others(values, language)
    values["greeting"] = others["greeting"] = _greeting(now, values, occasion, language)
    return {
        "greeting": values["greeting"],
        "script": _own_script(facts, values, occasion, language)
        or _script(now, values, occasion, language),
        "compliance": statements(now, occasion.book, ui),
        "objections": _objections(now, values, occasion, language),
        "third_party": {
            "script": _script(other, others, occasion, language),
            "objections": _objections(other, others, occasion, language),
            "required": [
                row["code"] for row in statements(other, occasion.book, ui) if row["required"]
            ],
        },
    }


def _greeting(now: Situation, values: dict[str, str], occasion: Occasion, language: str) -> str:
    """The first sentence, with the right address and no word about a debt."""
    piece = choose(occasion.book, Sort.GREETING, now)
    return fill(pick(piece.lines[0], language), values, language) if piece else ""


def _script(
    now: Situation, values: dict[str, str], occasion: Occasion, language: str
) -> dict[str, Any]:
    piece = choose(occasion.book, Sort.SCRIPT, now)
    steps = [fill(pick(line, language), values, language) for line in piece.lines] if piece else []
    ui = occasion.speaker.language
    return {
        "code": piece.code if piece else "",
        "title": pick(piece.title, ui) if piece else "",
        "why": _why(piece, ui) if piece else "",
        "version": occasion.book.version,
        "step": 1,
        "steps": steps,
    }


def _why(piece: Piece, ui: str) -> str:
    """Why this script and no other (S0b-027)."""
    if piece.when == EVERYBODY:
        return pick(("không kịch bản riêng nào hợp hơn", "no script of its own fits better"), ui)
    return describe(piece.when, ui)


def _own_script(
    facts: PopFacts, values: dict[str, str], occasion: Occasion, language: str
) -> dict[str, Any] | None:
    """The campaign's own steps (`{"vi": [...], "en": [...]}`), which take the place of the book's."""
    own = facts.script.get(language)
    if not (isinstance(own, list) and own and all(isinstance(step, str) for step in own)):
        return None
    ui = occasion.speaker.language
    return {
        "code": "CAMPAIGN",
        "title": occasion.ringing.campaign_name,
        "why": pick(("kịch bản riêng của chiến dịch", "the campaign's own script"), ui),
        "version": occasion.book.version,
        "step": 1,
        "steps": [fill(step, values, language) for step in own],
    }


def statements(now: Situation, book: Book, ui: str) -> list[dict[str, Any]]:
    """The list to tick; `required` ones belong to this call whatever its outcome."""
    return [
        {
            "code": piece.code,
            "text": pick(piece.title, ui),
            "required": fits(piece, now) and holds(piece.required_when, now),
            "blocks": list(piece.blocks) if fits(piece, now) else [],
        }
        for piece in book.of(Sort.STATEMENT)
    ]


def _objections(
    now: Situation, values: dict[str, str], occasion: Occasion, language: str
) -> list[dict[str, str]]:
    """The scenarios of this call: label in the page's language, reply in the customer's."""
    return [
        {
            "code": piece.code,
            "label": pick(piece.title, occasion.speaker.language),
            "reply": fill(pick(piece.lines[0], language), values, language),
        }
        for piece in fitting(occasion.book, Sort.OBJECTION, now)
    ]


def templates(
    facts: PopFacts, picture: Picture, campaign: str, book: Book, speaker: Speaker
) -> list[dict[str, str]]:
    """Note templates of this call, filled, in the language of the agent's page (S0a-076)."""
    language = speaker.language
    values = slots(facts, picture, speaker, language)
    now = situation(facts, picture, campaign)
    return [
        {
            "code": piece.code,
            "label": pick(piece.title, language),
            "text": fill(pick(piece.lines[0], language), values, language),
        }
        for piece in fitting(book, Sort.TEMPLATE, now)
    ]
