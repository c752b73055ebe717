"""What the agent reads in the first five seconds: why today, the key fact, what to do. Pure.

In the language of the agent's page. What is said to the customer is in `script.py`.
"""

from datetime import date
from typing import Final

from app.accounts.rules import product_label
from app.care.rules import StatusType
from app.desk.picture import Picture
from app.desk.pop import Pledged, PopFacts
from app.desk.words import Pair, day_text, pick
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
    return _gently(facts, picture, picture.asked) or _ask(
        facts, picture, picture.asked, picture.arrears.dpd
    )


def _gently(facts: PopFacts, picture: Picture, asked: Money) -> Pair | None:
    """Somebody in hardship, vulnerable or hostile is not asked for the whole at once."""
    part = part_of(asked)
    if picture.hardship:
        return (
            f"Hỏi khả năng trả {part.display('vi')}; nếu không được, đề nghị xem xét cơ cấu nợ",
            f"Ask what is possible, from {part.display('en')}; if not, offer a review",
        )
    if facts.who and "VULNERABLE" in facts.who.special_handling:
        return (
            "Nói chậm, hỏi khách cần hỗ trợ gì; không thúc ép",
            "Speak slowly, ask what help is needed; do not press",
        )
    if picture.status == StatusType.HOSTILE:
        return (
            f"Giữ bình tĩnh, đề nghị một lần {part.display('vi')} rồi kết thúc",
            f"Stay calm, propose {part.display('en')} once, then close",
        )
    return None


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
