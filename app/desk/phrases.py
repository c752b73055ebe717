"""What the agent reads in the first five seconds: why today, the key fact, what to do, flags. Pure.

In the language of the agent's page. What is said to the customer is in `script.py`.
"""

from datetime import date
from typing import Any, Final

from app.accounts.rules import HoldKind, product_label
from app.compliance.profiles import RULE_LABELS
from app.compliance.rules import HELD_BY
from app.customers.rules import COOPERATION, RiskFacts, assess_risk
from app.desk.picture import Picture
from app.desk.pop import Pledged, PopFacts, Who
from app.desk.words import CHANNELS, HANDLING, RISK, RISK_REASONS, Pair, day_text, pick, word
from app.values.money import Money
from app.values.period import add_working_days

_LATE_STAGE_DPD: Final = 90
_GOOD_BANDS: Final = frozenset({"A", "B"})
_PROMISE_DAYS: Final = 3
_PART_PCT: Final = 40
_ROUND_TO: Final = {"VND": 100_000, "USD": 500}


def promised(pledge: Pledged) -> Money:
    """The amount of a promise."""
    return Money(pledge.amount_minor, pledge.currency)


def pay_by(facts: PopFacts) -> date:
    """The day that is asked for: three working days ahead."""
    return add_working_days(facts.today, _PROMISE_DAYS, facts.holidays)


def part_of(asked: Money) -> Money:
    """A first part that is worth asking for today: two fifths, in round figures, at least one round."""
    step = _ROUND_TO.get(asked.currency, 100)
    minor = max(step, asked.minor * _PART_PCT // 100 // step * step)
    return Money(min(minor, asked.minor), asked.currency)


# --- why today ---------------------------------------------------------------------


def reason(facts: PopFacts, picture: Picture, campaign: str, language: str) -> str:
    """One plain sentence: the trigger, then the campaign (S0b-021)."""
    told = facts.script.get("reason")
    own = told.get(language) if isinstance(told, dict) else None
    trigger = own if isinstance(own, str) and own else pick(_trigger(facts, picture), language)
    if not campaign:
        return trigger
    return f"{trigger} · " + pick((f"chiến dịch {campaign}", f"campaign {campaign}"), language)


def _trigger(facts: PopFacts, picture: Picture) -> Pair:
    if picture.settling:
        paid = Money(picture.settling.amount_minor, picture.settling.currency)
        return (
            f"Đã chuyển {paid.display('vi')}, tiền đang về",
            f"Paid {paid.display('en')}, money is on its way",
        )
    if picture.broken:
        return _broken_trigger(picture.broken)
    if picture.due_today:
        amount = promised(picture.due_today)
        return (
            f"Hôm nay đến hẹn trả {amount.display('vi')}",
            f"Promise of {amount.display('en')} is due today",
        )
    return _age_trigger(facts, picture)


def _broken_trigger(broken: Pledged) -> Pair:
    amount, day = promised(broken), day_text(broken.due_on)
    if broken.paid_in_window_minor:
        paid = Money(broken.paid_in_window_minor, broken.currency)
        return (
            f"Hứa trả {amount.display('vi')} ngày {day} – mới thấy {paid.display('vi')}",
            f"Promised {amount.display('en')} for {day} – only {paid.display('en')} came in",
        )
    return (
        f"Hứa trả {amount.display('vi')} ngày {day} – chưa thấy tiền",
        f"Promised {amount.display('en')} for {day} – no money yet",
    )


def _age_trigger(facts: PopFacts, picture: Picture) -> Pair:
    if picture.loan is None or picture.arrears is None or picture.asked is None:
        return "Không có khoản vay đang mở", "No open loan"
    product = picture.loan.product
    if picture.arrears.dpd == 0:
        day = picture.loan.next_due_on or facts.today
        return (
            f"{product_label(product, 'vi')}: sắp đến hạn {picture.asked.display('vi')} ngày {day_text(day)}",
            f"{product_label(product, 'en')}: {picture.asked.display('en')} falls due on {day_text(day)}",
        )
    dpd, asked = picture.arrears.dpd, picture.asked
    if picture.rolled_from:
        bucket = picture.arrears.bucket
        return (
            f"Mới sang nhóm {bucket}: quá hạn {dpd} ngày, cần trả {asked.display('vi')}",
            f"Just rolled into {bucket}: {dpd} days past due, {asked.display('en')} due",
        )
    return (
        f"{product_label(product, 'vi')} quá hạn {dpd} ngày, cần trả {asked.display('vi')}",
        f"{product_label(product, 'en')} {dpd} days past due, {asked.display('en')} due",
    )


# --- the key fact, domain section 6.6 ------------------------------------------------


def key_fact(facts: PopFacts, picture: Picture, language: str) -> dict[str, str] | None:
    """The first that holds of the eight; None when none does."""
    found = _key_fact(facts, picture)
    if found is None:
        return None
    code, tone, pair = found
    return {"code": code, "text": pick(pair, language), "tone": tone}


def _key_fact(facts: PopFacts, picture: Picture) -> tuple[str, str, Pair] | None:
    if picture.broken:
        return "BROKEN_PROMISE", "bad", _broken_fact(facts, picture.broken, picture.broken_60d)
    if picture.disputes:
        return "OPEN_DISPUTE", "warn", ("Đang có tranh chấp chưa giải quyết", "A dispute is open")
    if picture.hardship:
        return "HARDSHIP", "warn", ("Khách đang gặp khó khăn", "The customer is in hardship")
    if picture.settling:
        paid = Money(picture.settling.amount_minor, picture.settling.currency)
        return (
            "IN_SETTLEMENT",
            "info",
            (
                f"Tiền đang về: {paid.display('vi')}",
                f"Payment in settlement: {paid.display('en')}",
            ),
        )
    return _calmer_fact(facts, picture)


def _calmer_fact(facts: PopFacts, picture: Picture) -> tuple[str, str, Pair] | None:
    if picture.due_today:
        amount = promised(picture.due_today)
        return (
            "PROMISE_DUE_TODAY",
            "warn",
            (
                f"Hẹn trả {amount.display('vi')} hôm nay",
                f"Promised {amount.display('en')} for today",
            ),
        )
    if picture.complaint:
        days = (facts.now - picture.complaint.at).days
        return (
            "COMPLAINT",
            "warn",
            (
                f"Đã khiếu nại {days} ngày trước",
                f"Complained {days} days ago",
            ),
        )
    if picture.rolled_from and picture.arrears:
        bucket, before = picture.arrears.bucket, picture.rolled_from
        return (
            "NEW_BUCKET",
            "warn",
            (
                f"Lần đầu ở nhóm {bucket}, tháng trước {before}",
                f"First time in {bucket}, {before} last month",
            ),
        )
    if picture.attempts_week > 1:
        nth = picture.attempts_week
        return "NTH_ATTEMPT", "info", (f"Lần gọi thứ {nth} trong tuần", f"Attempt {nth} this week")
    return None


def _broken_fact(facts: PopFacts, broken: Pledged, count: int) -> Pair:
    days = (facts.today - broken.due_on).days
    again_vi = f" · lần {count} trong 60 ngày" if count > 1 else ""
    again_en = f" · {count} times in 60 days" if count > 1 else ""
    return f"Thất hứa {days} ngày trước{again_vi}", f"Promise broken {days} days ago{again_en}"


# --- what to do ----------------------------------------------------------------------


def next_action(facts: PopFacts, picture: Picture, language: str) -> str:
    """The suggestion of the line below the flags: one step that can be taken in this call."""
    return pick(_next_action(facts, picture), language)


def _next_action(facts: PopFacts, picture: Picture) -> Pair:
    if picture.disputes:
        return (
            "Không đòi tiền: ghi nhận tranh chấp và hẹn ngày trả lời",
            "Do not ask for money: note the dispute and say when it is answered",
        )
    if picture.settling:
        return (
            "Chỉ xác nhận tiền đang về, cảm ơn và kết thúc",
            "Confirm that the money is on its way, thank and close",
        )
    if picture.asked is None or picture.arrears is None or not picture.asked:
        return "Hỏi thăm, không có khoản nào cần thu", "Courtesy only: nothing is due"
    if picture.hardship:
        part = part_of(picture.asked)
        return (
            f"Hỏi khả năng trả {part.display('vi')}; nếu không được, đề nghị xem xét cơ cấu nợ",
            f"Ask what is possible, from {part.display('en')}; if not, offer a review",
        )
    return _ask(facts, picture, picture.asked, picture.arrears.dpd)


def _ask(facts: PopFacts, picture: Picture, asked: Money, dpd: int) -> Pair:
    by, part = day_text(pay_by(facts)), part_of(asked)
    if picture.broken:
        return (
            f"Hỏi lý do, đề nghị trả một phần {part.display('vi')} trong hôm nay",
            f"Ask why, propose a part of {part.display('en')} today",
        )
    if picture.due_today:
        amount = promised(picture.due_today)
        return (
            f"Nhắc hẹn hôm nay, xác nhận cách trả {amount.display('vi')}",
            f"Remind of today's promise, agree how {amount.display('en')} is paid",
        )
    if dpd > _LATE_STAGE_DPD:
        return (
            f"Đề nghị trả {part.display('vi')} trước {by}, nêu quyền xin cơ cấu nợ",
            f"Propose {part.display('en')} by {by}, mention restructuring",
        )
    if picture.reliability and picture.reliability.band in _GOOD_BANDS:
        return (
            f"Nhắc nhẹ, đề nghị trả đủ {asked.display('vi')} trước {by}",
            f"A gentle reminder: {asked.display('en')} in full by {by}",
        )
    return (
        f"Đề nghị trả đủ {asked.display('vi')} trước {by}, hoặc {part.display('vi')} hôm nay",
        f"Propose {asked.display('en')} by {by}, or {part.display('en')} today",
    )


# --- chips -----------------------------------------------------------------------------


def flags(facts: PopFacts, picture: Picture, language: str) -> list[dict[str, Any]]:
    """Icon-and-word chips, gravest first; each with where it comes from."""
    found: list[dict[str, Any]] = []
    who = facts.who
    if who and who.hardship:
        found.append(_hardship_flag(who.hardship, language))
    if picture.disputes:
        found.append(_flag("DISPUTE", ("Tranh chấp", "Dispute"), "bad", "holds", language))
    found += [
        _hold_flag(hold.kind, hold.source, language)
        for hold in facts.holds
        if hold.kind not in (HoldKind.DISPUTE_HOLD, HoldKind.HARDSHIP_REVIEW)
    ]
    found += [
        _flag(code, HANDLING.get(code, (code, code)), "info", "customer", language)
        for code in (who.special_handling if who else ())
    ]
    if who and who.language != "vi":
        pair = (f"Ngôn ngữ: {who.language.upper()}", f"Language: {who.language.upper()}")
        found.append(_flag("LANGUAGE", pair, "info", "customer", language))
    return found


def _flag(code: str, pair: Pair, tone: str, source: str, language: str) -> dict[str, Any]:
    return {"code": code, "label": pick(pair, language), "tone": tone, "source": source}


def _hardship_flag(hardship: Any, language: str) -> dict[str, Any]:
    since = str(hardship.get("since") or "")[:10]
    try:
        day = f" ({day_text(date.fromisoformat(since))})"
    except ValueError:
        day = ""
    pair = (f"Khó khăn{day}", f"Hardship{day}")
    source = str(hardship.get("source") or hardship.get("reason") or "customer")
    return _flag("HARDSHIP", pair, "warn", source, language)


def _hold_flag(kind: str, source: str, language: str) -> dict[str, Any]:
    known = HoldKind(kind) if kind in set(HoldKind) else None
    pair = RULE_LABELS[HELD_BY[known]] if known else (kind, kind)
    tone = "info" if known is HoldKind.PROMISE_RUNNING else "warn"
    return _flag(kind, pair, tone, source, language)


def risk(who: Who | None, picture: Picture, language: str) -> dict[str, Any] | None:
    """The stored class with the reasons that today's facts give for it."""
    if who is None:
        return None
    seen = assess_risk(
        RiskFacts(
            dpd=picture.arrears.dpd if picture.arrears else 0,
            broken_60d=picture.broken_60d,
            broken_ever=picture.broken_60d,
            hostile=who.cooperation == "HOSTILE",
        )
    )
    return {
        "class": who.risk_class,
        "label": word(RISK, who.risk_class, language),
        "why": [pick(RISK_REASONS[code], language) for code in seen.reasons],
    }


def cooperation(who: Who | None) -> str | None:
    """The level that the customer's status stands for; None when no status is known."""
    if who is None or not who.cooperation:
        return None
    return COOPERATION.get(who.cooperation, "UNKNOWN")


def preference(who: Who | None, language: str) -> str | None:
    """`Thích: Zalo, 18-20h, tránh nơi làm việc`; None when nothing is known."""
    if who is None or not who.preference:
        return None
    told = who.preference
    parts = []
    if told.get("channel"):
        parts.append(word(CHANNELS, str(told["channel"]), language))
    if told.get("band"):
        parts.append(str(told["band"]))
    avoid = told.get("avoid") or []
    if avoid:
        listed = ", ".join(str(one) for one in avoid)
        parts.append(pick((f"tránh {listed}", f"avoid {listed}"), language))
    if not parts:
        return None
    return pick(("Thích: ", "Prefers: "), language) + ", ".join(parts)
