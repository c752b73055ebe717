"""Words and arithmetic of the written record of calls: states, causes, what counts as abandoned. Pure.

The living call moves by the table of the dialer's core; here are the words that the database keeps,
and the definitions that figures are counted by (decisions 14, 19, 22).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CallState(StrEnum):
    """Where a call stands (decision 14). An ended call says in its cause how."""

    CREATED = "CREATED"
    DIALING = "DIALING"
    RINGING = "RINGING"
    ANSWERED = "ANSWERED"
    AMD = "AMD"
    WAITING = "WAITING"
    RESERVED = "RESERVED"
    BRIDGED = "BRIDGED"
    HELD = "HELD"
    MESSAGE = "MESSAGE"
    ENDED = "ENDED"


class Cause(StrEnum):
    """Why a call ended (domain section 3, call causes)."""

    COMPLETED = "COMPLETED"
    NO_ANSWER = "NO_ANSWER"
    BUSY = "BUSY"
    REJECTED = "REJECTED"
    UNREACHABLE = "UNREACHABLE"
    INVALID_NUMBER = "INVALID_NUMBER"
    MACHINE = "MACHINE"
    ABANDONED = "ABANDONED"
    REMINDED = "REMINDED"
    REMINDER_CUT = "REMINDER_CUT"
    AGENT_LOST = "AGENT_LOST"
    CARRIER_ERROR = "CARRIER_ERROR"
    CANCELLED = "CANCELLED"


class HangupBy(StrEnum):
    """Who ended a call."""

    CUSTOMER = "CUSTOMER"
    AGENT = "AGENT"
    SYSTEM = "SYSTEM"


CAUSE_LABELS: Final[dict[Cause, tuple[str, str]]] = {
    Cause.COMPLETED: ("Đã nói chuyện", "Completed"),
    Cause.NO_ANSWER: ("Không nghe máy", "No answer"),
    Cause.BUSY: ("Máy bận", "Busy"),
    Cause.REJECTED: ("Từ chối cuộc gọi", "Rejected"),
    Cause.UNREACHABLE: ("Không liên lạc được", "Unreachable"),
    Cause.INVALID_NUMBER: ("Số không tồn tại", "Number not in service"),
    Cause.MACHINE: ("Hộp thư thoại", "Answering machine"),
    Cause.ABANDONED: ("Bị bỏ rơi", "Abandoned"),
    Cause.REMINDED: ("Đã nghe lời nhắc", "Reminded"),
    Cause.REMINDER_CUT: ("Cúp máy khi đang nhắc", "Hung up during the reminder"),
    Cause.AGENT_LOST: ("Mất kết nối nhân viên", "Agent connection lost"),
    Cause.CARRIER_ERROR: ("Lỗi nhà mạng", "Carrier error"),
    Cause.CANCELLED: ("Đã hủy", "Cancelled"),
}
"""Vietnamese and English, in this order."""

RANG: Final = frozenset(
    {
        Cause.COMPLETED,
        Cause.NO_ANSWER,
        Cause.REJECTED,
        Cause.MACHINE,
        Cause.ABANDONED,
        Cause.REMINDED,
        Cause.REMINDER_CUT,
        Cause.AGENT_LOST,
    }
)
"""Causes of calls that rang at the customer's: the attempts that a number's success is judged by."""

LIVE: Final = frozenset(CallState) - {CallState.ENDED}
WITH_AGENT: Final = frozenset({CallState.RESERVED, CallState.BRIDGED, CallState.HELD})

CONNECT_THRESHOLD_MS: Final = 2_000
LATE_POP_MS: Final = 1_000
DISPOSITION_CAUSES: Final = frozenset({Cause.COMPLETED, Cause.AGENT_LOST})
"""Calls with these causes were heard by an agent, who owes an outcome; the others get the system's."""


def cause_label(cause: Cause, language: str) -> str:
    """The cause in words, `vi` or `en`."""
    vietnamese, english = CAUSE_LABELS[cause]
    return vietnamese if language == "vi" else english


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known of a call that ended; instants in ms, None when the moment never came.

    `clock_started_at` is the instant from which the connect threshold runs: the end of the greeting
    or the answer, as the legal profile says (decision 22).
    """

    answered_by_human: bool
    clock_started_at: int | None
    connected_at: int | None


def is_abandoned(ending: Ending, threshold_ms: int = CONNECT_THRESHOLD_MS) -> bool:
    """Whether the call counts as abandoned among those that a person answered (decision 22).

    A person who was never given an agent was abandoned, also when hanging up at once; so was one
    who got an agent only after the threshold. A call lost after it was connected in time was not.
    """
    if not ending.answered_by_human:
        return False
    if ending.connected_at is None:
        return True
    started = ending.clock_started_at
    return started is not None and ending.connected_at - started > threshold_ms


def abandon_pct(abandoned: int, answered: int) -> float | None:
    """Abandoned calls in percent of those answered by a person; None before the first."""
    return 100.0 * abandoned / answered if answered else None


def pop_ms(assigned_at: int | None, painted_at: int | None) -> int | None:
    """How long the screen took, assignment to paint (decision 19); None when one is missing."""
    if assigned_at is None or painted_at is None:
        return None
    return painted_at - assigned_at


def lead_ms(connected_at: int | None, painted_at: int | None) -> int | None:
    """By how much the screen beat the voice; negative when the voice was first."""
    if connected_at is None or painted_at is None:
        return None
    return connected_at - painted_at


def is_late_pop(assigned_at: int, painted_at: int | None) -> bool:
    """A pop is late when painted more than a second after assignment, or never (decision 19)."""
    return painted_at is None or painted_at - assigned_at > LATE_POP_MS


def talk_ms(connected_at: int | None, ended_at: int | None, held_ms: int = 0) -> int:
    """Time spoken, without holds; 0 for a call that was never connected or has not ended."""
    if connected_at is None or ended_at is None:
        return 0
    return max(0, ended_at - connected_at - held_ms)


def wrap_ms(ended_at: int | None, wrapped_at: int | None) -> int:
    """Time between the end of a call and the end of its wrap-up; 0 while either is open."""
    if ended_at is None or wrapped_at is None:
        return 0
    return max(0, wrapped_at - ended_at)
