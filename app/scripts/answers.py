"""What customers object, and what a trained agent answers (domain section 3). Pure.

Replies are said to the customer and keep to the code of conduct: no threat, no pressure, the right
to a review and to a complaint named where it applies.
"""

# ruff: noqa: ISC004 - sentences longer than a line stand as pairs of languages

from dataclasses import replace
from typing import Final

from app.scripts.pieces import Piece, Sort
from app.scripts.rules import EVERYBODY, Condition, Rule
from app.scripts.texts import Pair

_NOT_THE_CUSTOMER: Final = Condition("party", "in", ("THIRD_PARTY", "UNKNOWN"))


def _answer(code: str, title: Pair, reply: Pair, when: Rule = EVERYBODY) -> Piece:
    return Piece(sort=Sort.OBJECTION, code=code, title=title, lines=(reply,), when=when)


_ANSWERS: Final = (
    _answer(
        "NO_MONEY",
        ("Hết tiền", "No money"),
        (
            "Dạ {me} hiểu ạ. {You} dự kiến khi nào có thu nhập? Trong lúc chờ, {you} trả trước {part} "
            "để khoản nợ không tăng thêm ngày quá hạn được không ạ?",
            "I understand. When do you expect income? Until then, could {part} be possible, so that "
            "the delay does not grow?",
        ),
    ),
    _answer(
        "ALREADY_PAID",
        ("Đã trả rồi", "Already paid"),
        (
            "Dạ {me} cảm ơn {you}. {You} cho {me} xin ngày chuyển, số tiền và ngân hàng chuyển để {me} "
            "nhờ bộ phận thanh toán đối chiếu ngay; trong hai ngày tới {me} sẽ không nhắc nữa ạ.",
            "Thank you. May I have the day, the amount and the bank, so that our payments team can "
            "check at once? We will not remind you for the next two days.",
        ),
    ),
    _answer(
        "NOT_MY_DEBT",
        ("Không phải nợ của tôi", "Not my debt"),
        (
            "Dạ {me} xin lỗi nếu có nhầm lẫn. {Me} ghi nhận và chuyển bộ phận kiểm tra; trong lúc kiểm "
            "tra ngân hàng sẽ không nhắc nợ {you} ạ.",
            "I am sorry if there is a mistake. I will note it for review, and you will not be reminded "
            "while it is checked.",
        ),
    ),
    _answer(
        "CALL_LATER",
        ("Gọi lại sau", "Call later"),
        (
            "Dạ vâng, {you} tiện nghe máy lúc mấy giờ để {me} gọi lại đúng giờ đó ạ?",
            "Of course. At what time may I call you back?",
        ),
    ),
    _answer(
        "SALARY_LATE",
        ("Lương về trễ", "Salary is late"),
        (
            "Dạ {me} hiểu ạ. {You} cho {me} xin ngày dự kiến có lương; {me} ghi lời hẹn vào ngày đó và "
            "sẽ không gọi trước ngày hẹn ạ.",
            "I understand. Which day is your salary expected? I will note a promise for that day and "
            "we will not call before it.",
        ),
    ),
    _answer(
        "LOST_JOB",
        ("Mất việc", "Lost the job"),
        (
            "Dạ {me} rất chia sẻ với {you}. Trường hợp này {you} có quyền đề nghị xem xét giãn nợ; {me} "
            "ghi nhận và hướng dẫn hồ sơ, {you} chưa cần quyết định ngay trong cuộc gọi này ạ.",
            "I am sorry to hear that. You may ask for your repayments to be reviewed; I will note it "
            "and explain the papers. You need not decide on this call.",
        ),
    ),
    _answer(
        "DISPUTE_FEE",
        ("Không đồng ý với phí", "Disputes a fee"),
        (
            "Dạ {you} cho {me} biết khoản phí nào chưa đúng ạ? {Me} mở khiếu nại cho khoản đó, ngân hàng "
            "trả lời trong mười ngày; phần còn lại {you} vẫn thanh toán bình thường giúp {me} ạ.",
            "Which fee do you mean? I will open a dispute for it, answered within ten days; the rest "
            "can be paid as usual.",
        ),
    ),
    _answer(
        "STOP_CALLING",
        ("Đừng gọi nữa", "Stop calling"),
        (
            "Dạ {me} xin lỗi đã làm phiền. {Me} ghi nhận yêu cầu và giờ {you} muốn được liên hệ; nếu "
            "{you} cho {me} một ngày thanh toán, ngân hàng sẽ không cần gọi nhắc nữa ạ.",
            "I am sorry for the disturbance. I will note your wish and when you would rather be "
            "contacted; with a day of payment there is no need for us to call.",
        ),
    ),
    _answer(
        "SPEAK_TO_MANAGER",
        ("Gặp quản lý", "Wants a manager"),
        (
            "Dạ vâng, {me} chuyển yêu cầu đến trưởng nhóm ngay. {You} cho {me} xin nội dung chính để "
            "trưởng nhóm gọi lại {you} trong hôm nay ạ.",
            "Of course. I will pass this to my team lead. May I have the main point, so that you are "
            "called back today?",
        ),
    ),
    _answer(
        "THREATENS_COMPLAINT",
        ("Dọa khiếu nại", "Threatens to complain"),
        (
            "Dạ đó là quyền của {you} ạ. {Me} ghi nhận khiếu nại ngay bây giờ và gửi {you} kênh tiếp "
            "nhận của {bank}; {you} cho {me} biết điều gì khiến {you} chưa hài lòng ạ?",
            "That is your right. I will log the complaint now and tell you where {bank} takes them. "
            "What is it that you are not content with?",
        ),
    ),
    _answer(
        "WHAT_IS_IT_ABOUT",
        ("Gọi về việc gì?", "What is it about?"),
        (
            "Dạ đây là việc riêng, {me} chỉ được trao đổi trực tiếp với chủ số máy này ạ. Khi nào {me} gọi "
            "lại thì tiện ạ?",
            "It is a private matter that I may only discuss in person. When could I call again?",
        ),
        _NOT_THE_CUSTOMER,
    ),
    _answer(
        "NOT_HERE_ANY_MORE",
        ("Số này không phải của người đó", "Not that person's number"),
        (
            "Dạ {me} xin lỗi đã làm phiền. {Me} ghi nhận để không gọi số này nữa ạ.",
            "I am sorry to have troubled you. I will note it, so that this number is not called again.",
        ),
        _NOT_THE_CUSTOMER,
    ),
    _answer(
        "STOP_CALLING_HERE",
        ("Đừng gọi số này", "Do not call this number"),
        (
            "Dạ {me} xin lỗi đã làm phiền. {Me} ghi nhận ngay, số này sẽ không được gọi nữa ạ.",
            "I am sorry for the disturbance. I will note at once that this number is not to be called.",
        ),
        _NOT_THE_CUSTOMER,
    ),
)

OBJECTIONS: Final = tuple(
    replace(answer, priority=10 * place) for place, answer in enumerate(_ANSWERS, 1)
)
"""In the order in which they are heard most, those of other people last."""
