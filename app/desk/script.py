"""What is said to the customer, in the customer's language: greeting, steps, statements to tick. Pure.

No debt is named before the identity check, and none at all to a third party. The bank's own account
is the only one that is ever named.
"""

# ruff: noqa: ISC004 - sentences longer than a line stand as pairs of languages

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.accounts.rules import product_label, tail_of
from app.desk.phrases import part_of, pay_by, promised
from app.desk.picture import Picture
from app.desk.pop import PopFacts, Speaker
from app.desk.words import Pair, address, day_text, fill, lower_first, part_of_day, pick
from app.history.dispositions import LEAVES
from app.values.money import Money

# --- slots ---------------------------------------------------------------------------


def slots(facts: PopFacts, picture: Picture, speaker: Speaker, language: str) -> dict[str, str]:
    """The values that a script may name: `{name} {you} {me} {agent} {bank} {due} {by} {part} …`."""
    spoken = address(facts.who, language)
    asked = picture.asked or Money(0, facts.currency)
    bank = facts.bank or pick(("ngân hàng", "the bank"), language)
    values = {
        "name": lower_first(spoken.name) if language == "vi" else spoken.name,
        "you": spoken.you,
        "me": spoken.me,
        "agent": speaker.name,
        "bank": bank,
        "daypart": part_of_day(facts.now, facts.zone),
        "company": facts.who.display if facts.who else "",
        "due": asked.display(language),
        "part": (part_of(asked) if asked else asked).display(language),
        "by": day_text(pay_by(facts)),
        **_loan_slots(picture, language),
    }
    pledge = picture.broken or picture.due_today
    if pledge:
        values |= {"promised": promised(pledge).display(language), "day": day_text(pledge.due_on)}
    if picture.settling:
        paid = Money(picture.settling.amount_minor, picture.settling.currency)
        values["paid"] = paid.display(language)
    return values


def _loan_slots(picture: Picture, language: str) -> dict[str, str]:
    if picture.loan is None or picture.arrears is None:
        return {}
    return {
        "product": lower_first(product_label(picture.loan.product, language)),
        "tail": tail_of(picture.loan.account_no),
        "dpd": str(picture.arrears.dpd),
    }


# --- greeting and steps ----------------------------------------------------------------

_GREETING: Final = (
    "Dạ {me} chào {name}, {me} là {agent}, gọi từ {bank} ạ.",
    "Good {daypart}, {name}. This is {agent} calling from {bank}.",
)
_GREETING_YOUNGER: Final = (
    "Chào {name}, mình là {agent}, gọi từ {bank}.",
    "Good {daypart}, {name}. This is {agent} calling from {bank}.",
)
_GREETING_COMPANY: Final = (
    "Dạ {me} chào {you}, {me} là {agent}, gọi từ {bank}. {Me} xin gặp người phụ trách tài chính "
    "của {company} ạ.",
    "Good {daypart}, this is {agent} calling from {bank}. May I speak to the person in charge of "
    "payments at {company}?",
)
_GREETING_UNKNOWN: Final = (
    "Dạ em chào anh/chị, em là {agent}, gọi từ {bank}. Em xin phép hỏi em đang nói chuyện với ai ạ?",
    "Good {daypart}, this is {agent} calling from {bank}. May I ask who I am speaking to?",
)
_RECORDED: Final = (
    "Cuộc gọi được ghi âm để bảo đảm chất lượng phục vụ. {You} cho {me} xin ít phút được không ạ?",
    "This call is recorded for quality. Do you have a few minutes?",
)
_IDENTITY: Final = (
    "Để bảo mật thông tin, {you} vui lòng giúp {me} xác nhận hai trong ba thông tin: ngày sinh, "
    "bốn số cuối căn cước, và địa chỉ đã đăng ký ạ.",
    "To protect your information, please confirm two of three: your date of birth, the last four "
    "digits of your ID, and your registered address.",
)
_CLOSING: Final = (
    "{Me} xin tóm tắt: {you} sẽ thanh toán {due} chậm nhất ngày {by}, chuyển vào đúng tài khoản "
    "đứng tên {bank}; nhân viên không nhận tiền thay ạ. {Me} cảm ơn {name}, chúc {you} một ngày "
    "tốt lành ạ.",
    "To sum up: you will pay {due} by {by}, to the account in the name of {bank} only; our staff "
    "never take money. Thank you, {name}, and have a good day.",
)
_CLOSING_PLAIN: Final = (
    "{Me} đã ghi nhận ạ. {Bank} cảm ơn {name}, chúc {you} một ngày tốt lành ạ.",
    "I have noted that. Thank you, {name}, and have a good day.",
)


def greeting(facts: PopFacts, picture: Picture, speaker: Speaker, language: str) -> str:
    """The first sentence, with the right address and no word about a debt."""
    return fill(pick(_greeting(facts), language), slots(facts, picture, speaker, language))


def _greeting(facts: PopFacts) -> Pair:
    if facts.who is None:
        return _GREETING_UNKNOWN
    if facts.who.kind == "ORGANIZATION":
        return _GREETING_COMPANY
    return _GREETING_YOUNGER if facts.who.salutation == "EM" else _GREETING


_PURPOSE: Final[Mapping[str, Pair]] = {
    "DISPUTE": (
        "Dạ {me} gọi để cập nhật khiếu nại của {you}. Trong lúc xem xét, ngân hàng chưa yêu cầu "
        "{you} thanh toán khoản đang tranh chấp. {You} có thông tin nào cần bổ sung không ạ?",
        "I am calling about the dispute you opened. While it is reviewed we do not ask you to pay "
        "the disputed amount. Is there anything you would like to add?",
    ),
    "SETTLING": (
        "Dạ {me} gọi để báo {you} yên tâm: khoản {paid} {you} đã chuyển đang được xử lý. {You} giữ "
        "giúp {me} chứng từ cho đến khi tiền vào tài khoản ạ.",
        "I am calling to let you know that your payment of {paid} is being processed. Please keep "
        "the receipt until it has arrived.",
    ),
    "HARDSHIP": (
        "Dạ {me} có ghi nhận {you} đang gặp khó khăn. Về {product} số đuôi {tail}, số đến hạn là "
        "{due}. Tình hình của {you} hiện nay thế nào rồi, {you} chia sẻ để {me} tìm cách hỗ trợ ạ?",
        "I understand that things have been difficult. On your {product} ending in {tail}, {due} is "
        "due. How are things now, so that I can see what we can do?",
    ),
    "BROKEN": (
        "Dạ về {product} số đuôi {tail}: ngày {day} {you} có hẹn thanh toán {promised}, {me} chưa "
        "thấy đủ tiền về. {You} cho {me} hỏi có trở ngại gì không ạ?",
        "On your {product} ending in {tail}: you had planned to pay {promised} on {day} and we have "
        "not received it in full. Did something come up?",
    ),
    "DUE_TODAY": (
        "Dạ {me} gọi nhắc giúp {you}: hôm nay đến ngày {you} hẹn thanh toán {promised} cho {product} "
        "số đuôi {tail}. {You} định chuyển bằng cách nào ạ?",
        "A reminder that you planned to pay {promised} on your {product} ending in {tail} today. How "
        "would you like to pay?",
    ),
    "CURRENT": (
        "Dạ {me} gọi nhắc giúp {you}: {product} số đuôi {tail} sắp đến hạn {due}. {You} đã sắp xếp "
        "được chưa ạ?",
        "A friendly reminder that {due} falls due soon on your {product} ending in {tail}. Have you "
        "been able to arrange it?",
    ),
    "OVERDUE": (
        "Dạ {me} gọi về {product} số đuôi {tail}: số tiền đến hạn là {due}, hiện đã quá hạn {dpd} "
        "ngày. {You} có vướng mắc gì khi thanh toán không ạ?",
        "I am calling about your {product} ending in {tail}: {due} is due and {dpd} days past due. "
        "Is anything making it hard to pay?",
    ),
    "NOTHING": (
        "Dạ hiện {you} không có khoản nào đến hạn. {You} có cần {me} hỗ trợ gì không ạ?",
        "Nothing is due at the moment. Is there anything I can help you with?",
    ),
    "UNKNOWN": (
        "Dạ {me} cần gặp chủ thuê bao để trao đổi một việc riêng. {You} cho {me} hỏi số này hiện do "
        "ai sử dụng ạ?",
        "I am trying to reach the holder of this number on a private matter. May I ask who uses this "
        "number now?",
    ),
}
_SOLUTION: Final[Mapping[str, Pair]] = {
    "HARDSHIP": (
        "{You} có thể thu xếp trước {part} được không ạ? Nếu hiện chưa thể, {you} có quyền đề nghị "
        "xem xét cơ cấu lại thời hạn trả nợ, {me} sẽ hướng dẫn hồ sơ ạ.",
        "Could you manage {part} for now? If not, you may ask for your repayments to be reviewed, and "
        "I will explain how.",
    ),
    "BROKEN": (
        "{You} có thể thanh toán trước {part} trong hôm nay, phần còn lại trước ngày {by} được không "
        "ạ?",
        "Could you pay {part} today, and the rest by {by}?",
    ),
    "OVERDUE": (
        "{You} có thể thanh toán {due} trước ngày {by} được không ạ? Nếu chưa đủ, {you} trả trước "
        "{part} trong hôm nay giúp {me} cũng được ạ.",
        "Could you pay {due} by {by}? If that is too much at once, {part} today would already help.",
    ),
    "DUE_TODAY": (
        "{You} chuyển khoản hoặc quét VietQR vào tài khoản của {bank} đều được ạ. {You} dự kiến mấy "
        "giờ chuyển để {me} ghi nhận ạ?",
        "By transfer or VietQR to the account of {bank}. At what time will you pay, so that I can note "
        "it?",
    ),
    "CURRENT": (
        "{You} có cần {me} nhắn lại số tài khoản và nội dung chuyển khoản không ạ?",
        "Shall I send you the account number and the reference again?",
    ),
}
_LISTENING: Final = (
    "{Me} xin nghe và ghi lại đầy đủ ý kiến của {you} ạ.",
    "Please go on: I will note everything you say.",
)


def mood(facts: PopFacts, picture: Picture) -> str:
    """Which conversation this is: the key of the purpose and of the solution."""
    dpd = picture.arrears.dpd if picture.arrears else 0
    tests = (
        ("UNKNOWN", facts.who is None),
        ("DISPUTE", picture.disputes > 0),
        ("SETTLING", picture.settling is not None),
        ("NOTHING", not picture.asked),
        ("HARDSHIP", picture.hardship),
        ("BROKEN", picture.broken is not None),
        ("DUE_TODAY", picture.due_today is not None),
        ("OVERDUE", dpd > 0),
    )
    return next((feeling for feeling, met in tests if met), "CURRENT")


def steps(facts: PopFacts, picture: Picture, speaker: Speaker, language: str) -> list[str]:
    """Five steps to say; a campaign's own script (`{"vi": [...], "en": [...]}`) takes their place."""
    values = slots(facts, picture, speaker, language)
    own = facts.script.get(language)
    if isinstance(own, list) and own and all(isinstance(step, str) for step in own):
        return [fill(step, values) for step in own]
    feeling = mood(facts, picture)
    closing = _CLOSING if feeling in ("HARDSHIP", "BROKEN", "OVERDUE") else _CLOSING_PLAIN
    templates = (
        (pick(_greeting(facts), language), pick(_RECORDED, language)),
        (pick(_IDENTITY, language),),
        (pick(_PURPOSE[feeling], language),),
        (pick(_SOLUTION.get(feeling, _LISTENING), language),),
        (pick(closing, language),),
    )
    return [fill(" ".join(parts), values) for parts in templates]


# --- statements that must have been said -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """What must have been said; `blocks` are outcomes that cannot be saved before it is ticked."""

    code: str
    text: Pair
    blocks: tuple[str, ...]


def _leaves(*parents: str) -> tuple[str, ...]:
    return tuple(leaf.code for leaf in LEAVES if leaf.parent in parents)


_ABOUT_THE_DEBT: Final = _leaves(
    "PROMISE_TO_PAY", "ALREADY_PAID", "DISPUTE", "HARDSHIP", "REFUSE_TO_PAY"
)
_PROMISES: Final = ("PTP_SCHEDULED", "PTP_PARTIAL", "PTP_PLAN")

STATEMENTS: Final = (
    Statement("RECORDING_NOTICE", ("Thông báo ghi âm", "Recording notice"), _ABOUT_THE_DEBT),
    Statement(
        "IDENTITY_CHECK",
        ("Xác minh danh tính (2 trong 3)", "Identity check (2 of 3)"),
        (*_ABOUT_THE_DEBT, "HUNG_UP_AFTER_ID"),
    ),
    Statement("PURPOSE_NOTICE", ("Mục đích cuộc gọi", "Purpose of the call"), ()),
    Statement(
        "HARDSHIP_RIGHTS",
        ("Quyền đề nghị cơ cấu nợ", "Right to ask for a review"),
        _leaves("HARDSHIP"),
    ),
    Statement(
        "DISPUTE_RIGHTS",
        ("Quyền khiếu nại và hạn trả lời", "Right to dispute, and when it is answered"),
        _leaves("DISPUTE"),
    ),
    Statement(
        "PAYMENT_ACCOUNT_NOTICE",
        ("Chỉ trả vào tài khoản ngân hàng", "Pay to the bank's own account only"),
        (*_PROMISES, "PTP_PAID"),
    ),
    Statement(
        "PROMISE_SUMMARY",
        ("Tóm tắt lời hứa: số tiền, ngày, cách trả", "Promise summed up: amount, day, way"),
        _PROMISES,
    ),
)
CODES: Final = frozenset(statement.code for statement in STATEMENTS)
_ALWAYS: Final = frozenset({"RECORDING_NOTICE", "IDENTITY_CHECK", "PURPOSE_NOTICE"})


def statements(picture: Picture, language: str) -> list[dict[str, Any]]:
    """The list to tick. `required` ones belong to this call whatever its outcome."""
    wanted = set(_ALWAYS)
    if picture.hardship:
        wanted.add("HARDSHIP_RIGHTS")
    if picture.disputes:
        wanted.add("DISPUTE_RIGHTS")
    return [
        {
            "code": statement.code,
            "text": pick(statement.text, language),
            "required": statement.code in wanted,
            "blocks": list(statement.blocks),
        }
        for statement in STATEMENTS
    ]


def unticked(leaf: str, ticked: Collection[str]) -> tuple[Statement, ...]:
    """The statements that an outcome still waits for: what the server asks before it saves (S0b-029)."""
    return tuple(s for s in STATEMENTS if leaf in s.blocks and s.code not in ticked)
