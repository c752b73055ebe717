"""What customers object, and what a trained agent answers (domain section 3). Pure.

Replies are said to the customer and keep to the code of conduct: no threat, no pressure, the right
to a review and to a complaint named where it applies.
"""

# ruff: noqa: ISC004 - sentences longer than a line stand as pairs of languages

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.desk.words import Pair, fill, pick


@dataclass(frozen=True, slots=True)
class Objection:
    """One scenario: how the agent finds it, and the answer with the slots of a script."""

    code: str
    label: Pair
    reply: Pair


OBJECTIONS: Final = (
    Objection(
        "NO_MONEY",
        ("Hết tiền", "No money"),
        (
            "Dạ {me} hiểu ạ. {You} dự kiến khi nào có thu nhập? Trong lúc chờ, {you} trả trước {part} "
            "để khoản nợ không tăng thêm ngày quá hạn được không ạ?",
            "I understand. When do you expect income? Until then, could {part} be possible, so that "
            "the delay does not grow?",
        ),
    ),
    Objection(
        "ALREADY_PAID",
        ("Đã trả rồi", "Already paid"),
        (
            "Dạ {me} cảm ơn {you}. {You} cho {me} xin ngày chuyển, số tiền và ngân hàng chuyển để {me} "
            "nhờ bộ phận thanh toán đối chiếu ngay; trong hai ngày tới {me} sẽ không nhắc nữa ạ.",
            "Thank you. May I have the day, the amount and the bank, so that our payments team can "
            "check at once? We will not remind you for the next two days.",
        ),
    ),
    Objection(
        "NOT_MY_DEBT",
        ("Không phải nợ của tôi", "Not my debt"),
        (
            "Dạ {me} xin lỗi nếu có nhầm lẫn. {Me} ghi nhận và chuyển bộ phận kiểm tra; trong lúc kiểm "
            "tra ngân hàng sẽ không nhắc nợ {you} ạ.",
            "I am sorry if there is a mistake. I will note it for review, and you will not be reminded "
            "while it is checked.",
        ),
    ),
    Objection(
        "CALL_LATER",
        ("Gọi lại sau", "Call later"),
        (
            "Dạ vâng, {you} tiện nghe máy lúc mấy giờ để {me} gọi lại đúng giờ đó ạ?",
            "Of course. At what time may I call you back?",
        ),
    ),
    Objection(
        "SALARY_LATE",
        ("Lương về trễ", "Salary is late"),
        (
            "Dạ {me} hiểu ạ. {You} cho {me} xin ngày dự kiến có lương; {me} ghi lời hẹn vào ngày đó và "
            "sẽ không gọi trước ngày hẹn ạ.",
            "I understand. Which day is your salary expected? I will note a promise for that day and "
            "we will not call before it.",
        ),
    ),
    Objection(
        "LOST_JOB",
        ("Mất việc", "Lost the job"),
        (
            "Dạ {me} rất chia sẻ với {you}. Trường hợp này {you} có quyền đề nghị xem xét giãn nợ; {me} "
            "ghi nhận và hướng dẫn hồ sơ, {you} chưa cần quyết định ngay trong cuộc gọi này ạ.",
            "I am sorry to hear that. You may ask for your repayments to be reviewed; I will note it "
            "and explain the papers. You need not decide on this call.",
        ),
    ),
    Objection(
        "DISPUTE_FEE",
        ("Không đồng ý với phí", "Disputes a fee"),
        (
            "Dạ {you} cho {me} biết khoản phí nào chưa đúng ạ? {Me} mở khiếu nại cho khoản đó, ngân hàng "
            "trả lời trong mười ngày; phần còn lại {you} vẫn thanh toán bình thường giúp {me} ạ.",
            "Which fee do you mean? I will open a dispute for it, answered within ten days; the rest "
            "can be paid as usual.",
        ),
    ),
    Objection(
        "STOP_CALLING",
        ("Đừng gọi nữa", "Stop calling"),
        (
            "Dạ {me} xin lỗi đã làm phiền. {Me} ghi nhận yêu cầu và giờ {you} muốn được liên hệ; nếu "
            "{you} cho {me} một ngày thanh toán, ngân hàng sẽ không cần gọi nhắc nữa ạ.",
            "I am sorry for the disturbance. I will note your wish and when you would rather be "
            "contacted; with a day of payment there is no need for us to call.",
        ),
    ),
    Objection(
        "SPEAK_TO_MANAGER",
        ("Gặp quản lý", "Wants a manager"),
        (
            "Dạ vâng, {me} chuyển yêu cầu đến trưởng nhóm ngay. {You} cho {me} xin nội dung chính để "
            "trưởng nhóm gọi lại {you} trong hôm nay ạ.",
            "Of course. I will pass this to my team lead. May I have the main point, so that you are "
            "called back today?",
        ),
    ),
    Objection(
        "THREATENS_COMPLAINT",
        ("Dọa khiếu nại", "Threatens to complain"),
        (
            "Dạ đó là quyền của {you} ạ. {Me} ghi nhận khiếu nại ngay bây giờ và gửi {you} kênh tiếp "
            "nhận của {bank}; {you} cho {me} biết điều gì khiến {you} chưa hài lòng ạ?",
            "That is your right. I will log the complaint now and tell you where {bank} takes them. "
            "What is it that you are not content with?",
        ),
    ),
)


def objections(
    values: Mapping[str, str], label_language: str, spoken_language: str
) -> list[dict[str, str]]:
    """All scenarios: label in the page's language, reply in the customer's, slots filled."""
    return [
        {
            "code": one.code,
            "label": pick(one.label, label_language),
            "reply": fill(pick(one.reply, spoken_language), values),
        }
        for one in OBJECTIONS
    ]
