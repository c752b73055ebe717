"""The scripts, greetings and statements that stand before anybody has published his own: version 1. Pure.

No debt is named before the identity check, and none at all to anybody but the customer. The bank's own
account is the only one that is ever named. Objections are in `answers.py`.
"""

# ruff: noqa: ISC004 - sentences longer than a line stand as pairs of languages

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from app.history.dispositions import LEAVES
from app.scripts.answers import OBJECTIONS
from app.scripts.fields import Party
from app.scripts.pieces import Piece, Sort, a_book
from app.scripts.rules import EVERYBODY, All, Condition, Not, Rule
from app.scripts.texts import Pair

FIRST_VERSION: Final = 1


def _flag(word: str) -> Rule:
    return Condition("flags", "has", word)


def _party(word: str) -> Rule:
    return Condition("party", "=", word)


_ELDER: Final = (
    "Dạ {me} chào {name}, {me} là {agent}, gọi từ {bank} ạ.",
    "Good {daypart}, {name}. This is {agent} calling from {bank}.",
)
_YOUNGER: Final = (
    "Chào {name}, mình là {agent}, gọi từ {bank}.",
    "Good {daypart}, {name}. This is {agent} calling from {bank}.",
)
_COMPANY: Final = (
    "Dạ {me} chào {you}, {me} là {agent}, gọi từ {bank}. {Me} xin gặp người phụ trách tài chính "
    "của {company} ạ.",
    "Good {daypart}, this is {agent} calling from {bank}. May I speak to the person in charge of "
    "payments at {company}?",
)
_STRANGER: Final = (
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
_PROMISED: Final = (
    "{Me} xin tóm tắt: {you} sẽ thanh toán {due} chậm nhất ngày {by}, chuyển vào đúng tài khoản "
    "đứng tên {bank}; nhân viên không nhận tiền thay ạ. {Me} cảm ơn {name}, chúc {you} một ngày "
    "tốt lành ạ.",
    "To sum up: you will pay {due} by {by}, to the account in the name of {bank} only; our staff "
    "never take money. Thank you, {name}, and have a good day.",
)
_THANKS: Final = (
    "{Me} đã ghi nhận ạ. {Bank} cảm ơn {name}, chúc {you} một ngày tốt lành ạ.",
    "I have noted that. Thank you, {name}, and have a good day.",
)

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
    "LATE": (
        "Dạ {me} gọi về {product} số đuôi {tail}: số tiền đến hạn là {due}, đã quá hạn {dpd} ngày. {Me} "
        "muốn cùng {you} tìm cách giải quyết, {you} cho {me} biết tình hình hiện nay được không ạ?",
        "I am calling about your {product} ending in {tail}: {due} is due and {dpd} days past due. I "
        "would like to find a way with you. How do things stand now?",
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
    "LATE": (
        "{You} có thể trả trước {part} đến ngày {by} được không ạ? Nếu hiện chưa thể, {you} có quyền đề "
        "nghị xem xét cơ cấu lại thời hạn trả nợ, {me} sẽ hướng dẫn hồ sơ ạ.",
        "Could you pay {part} by {by}? If not, you may ask for your repayments to be reviewed, and I "
        "will explain how.",
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

_OTHERS: Final = (
    (
        "Dạ {me} cảm ơn {you}. {Me} là {agent}, cần gặp {name} về một việc riêng ạ. {You} cho {me} hỏi "
        "{name} có ở đó không ạ?",
        "Thank you. My name is {agent}. I need to reach {name} on a private matter. Is it possible to "
        "speak now?",
    ),
    (
        "Dạ {you} cho {me} hỏi {you} là thế nào với {name}, và khi nào {me} gọi lại thì gặp được ạ? {Me} "
        "chỉ trao đổi trực tiếp với {name} nên xin phép không nói nội dung.",
        "May I ask how you know each other, and when I could call again? I may only discuss it with "
        "{name}, so I cannot say what it is about.",
    ),
    (
        "{You} nhắn giúp {me} là có {agent} gọi, {name} gọi lại số này khi tiện ạ. {Me} cảm ơn {you}.",
        "Please say that {agent} called, and ask for a call back on this number. Thank you.",
    ),
)

_WHEN: Final[Mapping[str, tuple[Pair, Rule]]] = {
    "UNKNOWN": (("Chưa biết là ai", "Nobody known"), _party("UNKNOWN")),
    "DISPUTE": (("Đang tranh chấp", "Dispute open"), _flag("DISPUTE")),
    "SETTLING": (("Tiền đang về", "Payment on its way"), _flag("PAYMENT_COMING")),
    "NOTHING": (("Không có khoản đến hạn", "Nothing due"), _flag("NOTHING_DUE")),
    "HARDSHIP": (("Khó khăn", "Hardship"), _flag("HARDSHIP")),
    "BROKEN": (("Thất hứa", "Broken promise"), _flag("BROKEN_PROMISE")),
    "DUE_TODAY": (("Hẹn trả hôm nay", "Promise due today"), _flag("PROMISE_DUE_TODAY")),
    "LATE": (("Quá hạn lâu", "Long overdue"), Condition("dpd", ">", 90)),
    "OVERDUE": (("Quá hạn", "Overdue"), Condition("dpd", ">", 0)),
    "CURRENT": (("Sắp đến hạn", "Falling due"), EVERYBODY),
}
"""What each conversation is called, and when it is held; the first that fits is taken."""

_ASKING: Final = frozenset({"HARDSHIP", "BROKEN", "LATE", "OVERDUE"})  # they end with a promise


def _spoken(*parts: Pair) -> Pair:
    """Texts said in one breath."""
    return " ".join(vi for vi, _ in parts), " ".join(en for _, en in parts)


def _scripts() -> tuple[Piece, ...]:
    found = [
        Piece(
            sort=Sort.SCRIPT,
            code=code,
            title=title,
            priority=10 * number,
            when=rule,
            lines=(
                _spoken(("{greeting}", "{greeting}"), _RECORDED),
                _IDENTITY,
                _PURPOSE[code],
                _SOLUTION.get(code, _LISTENING),
                _PROMISED if code in _ASKING else _THANKS,
            ),
        )
        for number, (code, (title, rule)) in enumerate(_WHEN.items(), 2)
    ]
    other = Piece(
        sort=Sort.SCRIPT,
        code=Party.THIRD_PARTY.value,
        title=("Người khác nghe máy", "Somebody else answered"),
        priority=10,
        when=_party(Party.THIRD_PARTY.value),
        lines=_OTHERS,
    )
    return (other, *found)


def _greeting(code: str, title: Pair, rule: Rule, line: Pair, priority: int) -> Piece:
    return Piece(
        sort=Sort.GREETING, code=code, title=title, when=rule, lines=(line,), priority=priority
    )


_GREETINGS: Final = (
    _greeting("STRANGER", ("Chưa biết là ai", "Nobody known"), _party("UNKNOWN"), _STRANGER, 10),
    _greeting(
        "COMPANY",
        ("Tổ chức", "Organisation"),
        Condition("kind", "=", "ORGANIZATION"),
        _COMPANY,
        20,
    ),
    _greeting(
        "YOUNGER",
        ("Người nhỏ tuổi hơn", "Younger"),
        Condition("salutation", "=", "EM"),
        _YOUNGER,
        30,
    ),
    _greeting("EVERYBODY", ("Mọi khách", "Everybody"), EVERYBODY, _ELDER, 100),
)


# --- statements that must have been said -----------------------------------------------


def _leaves(*parents: str) -> tuple[str, ...]:
    return tuple(leaf.code for leaf in LEAVES if leaf.parent in parents)


_ABOUT_THE_DEBT: Final = _leaves(
    "PROMISE_TO_PAY", "ALREADY_PAID", "DISPUTE", "HARDSHIP", "REFUSE_TO_PAY"
)
_PROMISES: Final = ("PTP_SCHEDULED", "PTP_PARTIAL", "PTP_PLAN")
_TO_THE_CUSTOMER: Final = Not(_party("THIRD_PARTY"))


def _statement(
    priority: int, code: str, title: Pair, blocks: tuple[str, ...], required: Rule | None = None
) -> Piece:
    piece = Piece(sort=Sort.STATEMENT, code=code, title=title, priority=priority, blocks=blocks)
    return piece if required is None else replace(piece, required_when=required)


STATEMENTS: Final = (
    _statement(
        10, "RECORDING_NOTICE", ("Thông báo ghi âm", "Recording notice"), _ABOUT_THE_DEBT, EVERYBODY
    ),
    _statement(
        20,
        "IDENTITY_CHECK",
        ("Xác minh danh tính (2 trong 3)", "Identity check (2 of 3)"),
        (*_ABOUT_THE_DEBT, "HUNG_UP_AFTER_ID"),
        _TO_THE_CUSTOMER,
    ),
    _statement(
        30, "PURPOSE_NOTICE", ("Mục đích cuộc gọi", "Purpose of the call"), (), _TO_THE_CUSTOMER
    ),
    _statement(
        40,
        "HARDSHIP_RIGHTS",
        ("Quyền đề nghị cơ cấu nợ", "Right to ask for a review"),
        _leaves("HARDSHIP"),
        All((_TO_THE_CUSTOMER, _flag("HARDSHIP"))),
    ),
    _statement(
        50,
        "DISPUTE_RIGHTS",
        ("Quyền khiếu nại và hạn trả lời", "Right to dispute, and when it is answered"),
        _leaves("DISPUTE"),
        All((_TO_THE_CUSTOMER, _flag("DISPUTE"))),
    ),
    _statement(
        60,
        "PAYMENT_ACCOUNT_NOTICE",
        ("Chỉ trả vào tài khoản ngân hàng", "Pay to the bank's own account only"),
        (*_PROMISES, "PTP_PAID"),
    ),
    _statement(
        70,
        "PROMISE_SUMMARY",
        ("Tóm tắt lời hứa: số tiền, ngày, cách trả", "Promise summed up: amount, day, way"),
        _PROMISES,
    ),
)


# --- note templates --------------------------------------------------------------------


def _template(priority: int, code: str, title: Pair, line: Pair) -> Piece:
    return Piece(sort=Sort.TEMPLATE, code=code, title=title, lines=(line,), priority=priority)


_TEMPLATES: Final = (
    _template(
        10,
        "PROMISED",
        ("Hẹn trả", "Promised"),
        (
            "{name} hẹn trả {due} ngày {by}, lý do chậm: …",
            "{name} will pay {due} by {by}; reason for the delay: …",
        ),
    ),
    _template(
        20,
        "PART_ONLY",
        ("Trả một phần", "Part only"),
        (
            "{name} trả trước {part}, phần còn lại xin đến ngày …",
            "{name} pays {part} first and asks for the rest until …",
        ),
    ),
    _template(
        30,
        "PAID_BEFORE",
        ("Báo đã trả", "Says it is paid"),
        (
            "{name} báo đã chuyển tiền ngày …, ngân hàng …, số tiền …",
            "{name} says that it was paid on …, from bank …, amount …",
        ),
    ),
    _template(
        40,
        "HARDSHIP",
        ("Khó khăn", "Hardship"),
        (
            "{name} gặp khó khăn vì …, thu nhập hiện tại …, đề nghị …",
            "{name} is in hardship because of …, income now …, asks for …",
        ),
    ),
)

BOOK: Final = a_book(
    FIRST_VERSION, (*_scripts(), *STATEMENTS, *OBJECTIONS, *_GREETINGS, *_TEMPLATES)
)
"""What is said before anybody has published his own."""
