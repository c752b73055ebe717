"""The three-layer tree of outcomes (domain section 4) as data: paths, keys, needs, effects. Pure.

Exactly three layers: contact, result, reason. A leaf's code is never given to another meaning; a
leaf goes out of use by `active=False` and stays readable. What an effect does is carried out by the
services; what may be put right afterwards is in `rules.py`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from app.accounts.rules import HoldKind
from app.calls.rules import Cause
from app.care.rules import StatusType
from app.customers.rules import Verification
from app.history.effects import (
    AddContact,
    CountUnreachable,
    CreateCallback,
    EndTrace,
    Escalate,
    FlagHardship,
    Hold,
    HoldUntil,
    MarkNumber,
    Need,
    NoRedial,
    NoteWishes,
    OfferCallback,
    OpenDispute,
    RaiseRisk,
    RecordPromise,
    RemoveFromCampaign,
    RequestApproval,
    RetryAfter,
    RetryByPolicy,
    RetryInBand,
    RetryNextDay,
    SetStatus,
    StartTrace,
    TryNextNumber,
)
from app.history.tree import BrokenTreeError, Chooser, Leaf, Node, Tree

__all__ = [
    "BY_CAUSE",
    "LAYER_1",
    "LAYER_2",
    "LEAVES",
    "TREE",
    "TREE_VERSION",
    "BrokenTreeError",
    "Chooser",
    "Leaf",
    "Node",
    "Tree",
    "leaf",
    "missing",
    "quick_outcomes",
    "selectable",
    "system_leaf",
]

TREE_VERSION: Final = 1

_MINUTE, _HOUR = 60, 3600


LAYER_1: Final = (
    Node("CONTACTED", "Đã tiếp xúc", "Contacted"),
    Node("NOT_CONTACTED", "Chưa tiếp xúc", "Not Contacted"),
    Node("PENDING", "Đang chờ", "Pending"),
)

_C, _N, _P = "CONTACTED", "NOT_CONTACTED", "PENDING"

LAYER_2: Final = (
    Node("PROMISE_TO_PAY", "Hứa trả", "Promise to Pay", _C),
    Node("ALREADY_PAID", "Đã trả rồi", "Already Paid", _C),
    Node("CALL_BACK", "Hẹn gọi lại", "Call Back", _C),
    Node("DISPUTE", "Tranh chấp", "Dispute", _C),
    Node("HARDSHIP", "Khó khăn", "Hardship", _C),
    Node("REFUSE_TO_PAY", "Từ chối trả", "Refuse to Pay", _C),
    Node("THIRD_PARTY", "Người khác nghe máy", "Third Party Answered", _C),
    Node("COMPLAINT", "Khiếu nại", "Complaint", _C),
    Node("LANGUAGE", "Ngôn ngữ / không tiếp tục được", "Language / Cannot Continue", _C),
    Node("HUNG_UP", "Cúp máy", "Hung Up", _C),
    Node("DECEASED", "Đã mất / mất năng lực", "Deceased / Incapacitated", _C),
    Node("NO_ANSWER", "Không nghe máy", "No Answer", _N),
    Node("BUSY", "Máy bận", "Busy", _N),
    Node("SWITCHED_OFF", "Tắt máy / ngoài vùng phủ sóng", "Switched Off / No Coverage", _N),
    Node("MACHINE", "Hộp thư thoại", "Voicemail / Machine", _N),
    Node("WRONG_NUMBER", "Sai số", "Wrong Number", _N),
    Node("NOT_IN_SERVICE", "Số không hoạt động", "Not In Service", _N),
    Node("ABANDONED", "Bị bỏ rơi", "Abandoned By Dialer", _N),
    Node("REMINDER", "Nhắc tự động", "Automatic Reminder", _N),
    Node("TECHNICAL_FAILURE", "Lỗi kỹ thuật", "Technical Failure", _N),
    Node("AWAITING_PAYMENT", "Chờ tiền về", "Awaiting Payment", _P),
    Node("AWAITING_DOCUMENTS", "Chờ giấy tờ", "Awaiting Documents", _P),
    Node("UNDER_REVIEW", "Đang xem xét", "Under Review", _P),
    Node("TRACE", "Truy tìm", "Trace", _P),
    Node("POSTPONED", "Hoãn lại", "Postponed", _P),
    Node("NOT_DISPOSED", "Chưa chọn kết quả", "Not Disposed", _P),
)

_PROMISED: Final = (
    RecordPromise(),
    Hold(HoldKind.PROMISE_RUNNING, until=HoldUntil.PROMISE_GRACE),
    OfferCallback(),
)
_HELPFUL: Final = SetStatus(StatusType.COOPERATIVE)
_SLOW: Final = SetStatus(StatusType.WILLING_NEEDS_TIME)
_EVASIVE: Final = SetStatus(StatusType.AVOIDING)
_AWAY: Final = SetStatus(StatusType.UNREACHABLE)

# fmt: off
LEAVES: Final = (
    # Contacted → Promise to Pay
    Leaf(
        "PTP_SCHEDULED", "PROMISE_TO_PAY", "Lên lịch trả", "Payment Scheduled",
        rpc=True, needs=(Need.PROMISE,), effects=(*_PROMISED, _HELPFUL),
        key_auto="1", key_manual="1", quick_vi="Hứa trả", quick_en="Promise to pay",
    ),
    Leaf(
        "PTP_PARTIAL", "PROMISE_TO_PAY", "Hẹn trả một phần", "Partial Payment Scheduled",
        rpc=True, needs=(Need.PROMISE, Need.NEXT_STEP), effects=(*_PROMISED, _SLOW),
    ),
    Leaf(
        "PTP_PLAN", "PROMISE_TO_PAY", "Đồng ý trả góp", "Payment Plan Agreed",
        rpc=True, needs=(Need.PLAN,),
        effects=(
            RequestApproval("PLAN"),
            Hold(HoldKind.PROMISE_RUNNING, until=HoldUntil.RELEASED),
            _HELPFUL,
        ),
    ),
    Leaf(
        "PTP_PAID", "PROMISE_TO_PAY", "Đã thanh toán ngay", "Payment Completed",
        rpc=True, needs=(Need.PAYMENT_REF,),
        effects=(Escalate("PAYMENTS"), RemoveFromCampaign(), _HELPFUL),
        key_auto="2", key_manual="2", quick_vi="Đã thanh toán ngay", quick_en="Paid just now",
    ),
    # Contacted → Already Paid
    Leaf(
        "PAID_PROOF", "ALREADY_PAID", "Có chứng từ", "Proof Attached",
        rpc=True, needs=(Need.DOCUMENT,),
        effects=(Escalate("PAYMENTS"), Hold(HoldKind.PROOF_CHECK, days=2)),
        key_auto="3", key_manual="3", quick_vi="Đã trả rồi", quick_en="Already paid",
    ),
    Leaf(
        "PAID_TO_VERIFY", "ALREADY_PAID", "Cần đối chiếu", "To Be Verified",
        rpc=True, needs=(Need.DATE, Need.AMOUNT),
        effects=(Escalate("PAYMENTS"), Hold(HoldKind.PROOF_CHECK, days=2)),
    ),
    # Contacted → Call Back
    Leaf(
        "CALLBACK_SCHEDULED", "CALL_BACK", "Đã hẹn giờ", "Callback Scheduled",
        rpc=True, needs=(Need.CALLBACK,), effects=(CreateCallback(),),
        key_auto="4", key_manual="4", quick_vi="Hẹn gọi lại", quick_en="Call back",
    ),
    Leaf(
        "CALLBACK_BAND", "CALL_BACK", "Ghi nhận giờ thuận tiện", "Preferred Time Recorded",
        rpc=True, needs=(Need.TIME_BAND,), offers=(Need.AVOID,), effects=(RetryInBand(), NoteWishes()),
    ),
    # Contacted → Dispute
    Leaf(
        "DISPUTE_OPENED", "DISPUTE", "Mở tranh chấp", "Dispute Opened",
        rpc=True, needs=(Need.DISPUTE_KIND, Need.TEXT),
        effects=(
            OpenDispute(),
            Hold(HoldKind.DISPUTE_HOLD, until=HoldUntil.RELEASED),
            SetStatus(StatusType.DISPUTING),
        ),
        key_auto="5", key_manual="5", quick_vi="Tranh chấp", quick_en="Dispute",
    ),
    Leaf(
        "DISPUTE_ESCALATED", "DISPUTE", "Chuyển cấp trên", "Escalated",
        rpc=True, needs=(Need.REASON,), effects=(Escalate("SUPERVISOR"), RemoveFromCampaign()),
    ),
    # Contacted → Hardship
    Leaf(
        "HARDSHIP_REVIEW", "HARDSHIP", "Đề nghị xem xét", "Review Requested",
        rpc=True, needs=(Need.REASON,),
        effects=(
            FlagHardship(),
            Hold(HoldKind.HARDSHIP_REVIEW, days=5),
            Escalate("SUPERVISOR"),
            SetStatus(StatusType.HARDSHIP),
        ),
        key_auto="6", key_manual="6", quick_vi="Khó khăn", quick_en="Hardship",
    ),
    Leaf(
        "HARDSHIP_RESTRUCTURE", "HARDSHIP", "Đề xuất cơ cấu nợ", "Restructure Proposed",
        rpc=True, needs=(Need.TERMS,),
        effects=(FlagHardship(), RequestApproval("RESTRUCTURE"), SetStatus(StatusType.HARDSHIP)),
    ),
    # Contacted → Refuse to Pay
    Leaf(
        "REFUSED", "REFUSE_TO_PAY", "Từ chối", "Refused",
        rpc=True, needs=(Need.REASON,), offers=(Need.MANNER,),
        effects=(RetryByPolicy(), RaiseRisk(), _EVASIVE),
        key_auto="7", key_manual="7", quick_vi="Từ chối", quick_en="Refuses",
    ),
    Leaf(
        "REFUSED_ESCALATED", "REFUSE_TO_PAY", "Chuyển cấp trên", "Escalated",
        rpc=True, needs=(Need.REASON,), offers=(Need.MANNER,),
        effects=(Escalate("SUPERVISOR"), RemoveFromCampaign(), RaiseRisk(), _EVASIVE),
    ),
    Leaf(
        "REFUSED_LEGAL", "REFUSE_TO_PAY", "Đề xuất pháp lý", "Legal Referral Proposed",
        rpc=True, needs=(Need.REASON,), offers=(Need.MANNER,),
        effects=(RequestApproval("LEGAL_REFERRAL"), RetryByPolicy(), RaiseRisk(), _EVASIVE),
    ),
    # Contacted → Third Party Answered
    Leaf(
        "THIRD_PARTY_MESSAGE", "THIRD_PARTY", "Nhắn gọi lại", "Message To Call Back Left",
        rpc=False, needs=(Need.RELATION,), effects=(RetryByPolicy(),),
        key_auto="8", key_manual="8", quick_vi="Người khác nghe máy", quick_en="Third party",
    ),
    Leaf(
        "THIRD_PARTY_STOP", "THIRD_PARTY", "Đề nghị không gọi", "Asked Not To Call",
        rpc=False, effects=(MarkNumber(Verification.DO_NOT_CONTACT), TryNextNumber()),
    ),
    # Contacted → Complaint, Language, Hung Up, Deceased
    Leaf(
        "COMPLAINT_LOGGED", "COMPLAINT", "Đã ghi nhận", "Complaint Logged",
        rpc=True, needs=(Need.TEXT,), effects=(Escalate("SUPERVISOR"), RemoveFromCampaign()),
    ),
    Leaf(
        "LANGUAGE_TRANSFERRED", "LANGUAGE", "Đã chuyển máy", "Transferred",
        rpc=False, needs=(Need.LANGUAGE,), effects=(Escalate("LANGUAGE"), RetryNextDay()),
    ),
    Leaf(
        "LANGUAGE_CALLBACK", "LANGUAGE", "Đã hẹn giờ", "Callback Scheduled",
        rpc=False, needs=(Need.CALLBACK,), effects=(CreateCallback(),),
    ),
    Leaf(
        "HUNG_UP_BEFORE_ID", "HUNG_UP", "Trước khi xác minh", "Before Identity Check",
        rpc=False, effects=(RetryNextDay(),),
        key_auto="9", key_manual="9", quick_vi="Cúp máy", quick_en="Hung up",
    ),
    Leaf(
        "HUNG_UP_AFTER_ID", "HUNG_UP", "Sau khi xác minh", "After Identity Check",
        rpc=True, effects=(RetryNextDay(), _EVASIVE),
    ),
    Leaf(
        "DECEASED_DOCUMENTS", "DECEASED", "Đã yêu cầu giấy tờ", "Documents Requested",
        rpc=False, needs=(Need.RELATION,),
        effects=(Hold(HoldKind.DECEASED, until=HoldUntil.RELEASED), Escalate("SUPERVISOR")),
    ),
    # Not Contacted
    Leaf(
        "NO_ANSWER_RETRY", "NO_ANSWER", "Hẹn thử lại", "Retry Scheduled",
        rpc=False, effects=(RetryAfter(2 * _HOUR),),
        key_manual="0", quick_vi="Không nghe", quick_en="No answer",
    ),
    Leaf(
        "NO_ANSWER_UNREACHABLE", "NO_ANSWER", "Không liên lạc được", "Unreachable",
        rpc=False, effects=(CountUnreachable(), RemoveFromCampaign(), _AWAY),
    ),
    Leaf(
        "BUSY_RETRY", "BUSY", "Hẹn thử lại", "Retry Scheduled",
        rpc=False, effects=(RetryAfter(20 * _MINUTE),),
    ),
    Leaf(
        "SWITCHED_OFF_RETRY", "SWITCHED_OFF", "Hẹn thử lại", "Retry Scheduled",
        rpc=False, effects=(RetryAfter(4 * _HOUR),),
    ),
    Leaf(
        "SWITCHED_OFF_UNREACHABLE", "SWITCHED_OFF", "Không liên lạc được", "Unreachable",
        rpc=False, effects=(CountUnreachable(), RemoveFromCampaign(), _AWAY),
    ),
    Leaf(
        "MACHINE_NO_MESSAGE", "MACHINE", "Không để lại lời nhắn", "No Message Left",
        rpc=False, effects=(RetryAfter(4 * _HOUR),),
    ),
    Leaf(
        "WRONG_NUMBER_INVALID", "WRONG_NUMBER", "Đánh dấu sai số", "Number Marked Invalid",
        rpc=False, effects=(MarkNumber(Verification.WRONG_PARTY), TryNextNumber()),
        key_auto="0", quick_vi="Sai số", quick_en="Wrong number",
    ),
    Leaf(
        "WRONG_NUMBER_TRACE", "WRONG_NUMBER", "Chuyển truy tìm", "Moved To Trace",
        rpc=False,
        effects=(
            MarkNumber(Verification.WRONG_PARTY),
            StartTrace(),
            Hold(HoldKind.TRACE, until=HoldUntil.RELEASED),
        ),
    ),
    Leaf(
        "NOT_IN_SERVICE_INVALID", "NOT_IN_SERVICE", "Đánh dấu số hỏng", "Number Marked Invalid",
        rpc=False, effects=(MarkNumber(Verification.INVALID), TryNextNumber()),
    ),
    Leaf(
        "NOT_IN_SERVICE_TRACE", "NOT_IN_SERVICE", "Chuyển truy tìm", "Moved To Trace",
        rpc=False,
        effects=(
            MarkNumber(Verification.INVALID),
            StartTrace(),
            Hold(HoldKind.TRACE, until=HoldUntil.RELEASED),
        ),
    ),
    Leaf(
        "ABANDONED_MESSAGE", "ABANDONED", "Đã phát lời nhắn", "Message Played",
        rpc=False, effects=(NoRedial(72 * _HOUR),), chooser=Chooser.SYSTEM,
    ),
    Leaf(
        "REMINDER_PLAYED", "REMINDER", "Đã nghe hết", "Heard To Its End",
        rpc=False, chooser=Chooser.SYSTEM,
    ),
    Leaf(
        "REMINDER_CUT_SHORT", "REMINDER", "Cúp máy sớm", "Hung Up Early",
        rpc=False, effects=(RetryAfter(24 * _HOUR),), chooser=Chooser.SYSTEM,
    ),
    Leaf(
        "FAILURE_RETRY", "TECHNICAL_FAILURE", "Hẹn thử lại", "Retry Scheduled",
        rpc=False, effects=(RetryAfter(10 * _MINUTE),), chooser=Chooser.SYSTEM,
    ),
    # Pending
    Leaf(
        "SETTLEMENT_RUNNING", "AWAITING_PAYMENT", "Đang quyết toán", "In Settlement",
        rpc=None, effects=(Hold(HoldKind.SETTLEMENT, until=HoldUntil.RELEASED),),
        chooser=Chooser.SYSTEM,
    ),
    Leaf(
        "PROMISE_RUNNING", "AWAITING_PAYMENT", "Lời hứa đang chạy", "Promise Running",
        rpc=None, effects=(Hold(HoldKind.PROMISE_RUNNING, until=HoldUntil.PROMISE_GRACE),),
        chooser=Chooser.SYSTEM,
    ),
    Leaf(
        "DOCUMENTS_REQUESTED", "AWAITING_DOCUMENTS", "Đã yêu cầu giấy tờ", "Documents Requested",
        rpc=True, needs=(Need.DOCUMENTS, Need.DATE),
        effects=(Hold(HoldKind.DOCUMENTS, days=3), RetryNextDay()),
    ),
    Leaf(
        "REVIEW_DISPUTE", "UNDER_REVIEW", "Xem xét tranh chấp", "Dispute Review",
        rpc=None, effects=(Hold(HoldKind.DISPUTE_HOLD, until=HoldUntil.RELEASED),),
        chooser=Chooser.SYSTEM,
    ),
    Leaf(
        "REVIEW_HARDSHIP", "UNDER_REVIEW", "Xem xét khó khăn", "Hardship Review",
        rpc=None, effects=(Hold(HoldKind.HARDSHIP_REVIEW, days=5),), chooser=Chooser.LEAD,
    ),
    Leaf(
        "REVIEW_REFERRAL", "UNDER_REVIEW", "Chuyển bộ phận khác", "Referral",
        rpc=None, needs=(Need.REASON,),
        effects=(Hold(HoldKind.REFERRAL, until=HoldUntil.RELEASED),), chooser=Chooser.LEAD,
    ),
    Leaf(
        "TRACE_STARTED", "TRACE", "Bắt đầu truy tìm", "Trace Started",
        rpc=False, needs=(Need.REASON,),
        effects=(StartTrace(), Hold(HoldKind.TRACE, until=HoldUntil.RELEASED)),
    ),
    Leaf(
        "TRACE_FOUND", "TRACE", "Tìm được liên hệ mới", "New Contact Found",
        rpc=False, needs=(Need.CONTACT,), effects=(AddContact(), EndTrace()),
    ),
    Leaf(
        "TRACE_FAILED", "TRACE", "Không tìm được – chuyển cấp trên", "Trace Failed – Escalated",
        rpc=False, effects=(Escalate("SUPERVISOR"),),
    ),
    Leaf(
        "POSTPONED_BY_COLLECTOR", "POSTPONED", "Nhân viên hoãn", "By Collector",
        rpc=None, needs=(Need.CALLBACK, Need.REASON), effects=(CreateCallback(),),
    ),
    Leaf(
        "NOT_DISPOSED_COMPLETED", "NOT_DISPOSED", "Trưởng nhóm hoàn tất", "Completed By Supervisor",
        rpc=None, effects=(RetryByPolicy(),), chooser=Chooser.LEAD,
    ),
)
# fmt: on

BY_CAUSE: Final[Mapping[Cause, str]] = {
    Cause.NO_ANSWER: "NO_ANSWER_RETRY",
    Cause.BUSY: "BUSY_RETRY",
    Cause.REJECTED: "NO_ANSWER_RETRY",
    Cause.UNREACHABLE: "SWITCHED_OFF_RETRY",
    Cause.INVALID_NUMBER: "NOT_IN_SERVICE_INVALID",
    Cause.MACHINE: "MACHINE_NO_MESSAGE",
    Cause.ABANDONED: "ABANDONED_MESSAGE",
    Cause.REMINDED: "REMINDER_PLAYED",
    Cause.REMINDER_CUT: "REMINDER_CUT_SHORT",
    Cause.CARRIER_ERROR: "FAILURE_RETRY",
    Cause.CANCELLED: "FAILURE_RETRY",
}
"""The outcome the system writes for a call that no agent heard."""


TREE: Final = Tree(TREE_VERSION, LAYER_1, LAYER_2, LEAVES)


def leaf(code: str, tree: Tree = TREE) -> Leaf | None:
    """The outcome with this code; None for an unknown one."""
    return tree.leaf(code)


def selectable(tree: Tree = TREE, chooser: Chooser = Chooser.AGENT) -> tuple[Leaf, ...]:
    """The outcomes that an agent (or a lead, who may choose all but the system's) can pick."""
    allowed = {Chooser.AGENT, chooser}
    return tuple(found for found in tree.leaves if found.active and found.chooser in allowed)


def quick_outcomes(mode: str, tree: Tree = TREE) -> tuple[tuple[str, Leaf], ...]:
    """Digit and outcome of the buttons, in the order of the keys 1 to 9, 0.

    `mode` is `AUTO` (every call was answered: 0 is wrong number) or `MANUAL` (0 is no answer).
    """
    keyed = [
        (key, found)
        for found in selectable(tree)
        if (key := found.key_auto if mode == "AUTO" else found.key_manual) is not None
    ]
    return tuple(sorted(keyed, key=lambda pair: (pair[0] == "0", pair[0])))


def system_leaf(cause: Cause, tree: Tree = TREE) -> Leaf | None:
    """What the system writes for a call that ended this way; None when an agent owes the outcome."""
    code = BY_CAUSE.get(cause)
    return None if code is None else tree.leaf(code)


def missing(found: Leaf, given: Iterable[str]) -> tuple[Need, ...]:
    """What the outcome's form still lacks, in the order of the form."""
    present = set(given)
    return tuple(need for need in found.needs if need not in present)
