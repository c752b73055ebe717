"""Putting an outcome right afterwards: within five minutes, and what of it can be undone. Pure.

An action is append-only: a correction is a new row that supersedes. What others have already acted
upon stands, and the agent is told so.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.accounts.rules import HoldKind
from app.customers.rules import Verification
from app.history.dispositions import Leaf
from app.history.effects import (
    CountUnreachable,
    Effect,
    Hold,
    MarkNumber,
    NoRedial,
    RaiseRisk,
    RecordPromise,
)

CORRECTION_WINDOW: Final = timedelta(minutes=5)

# A hold lives and dies with the thing that it is there for.
_HELD_BY: Final = {
    HoldKind.DISPUTE_HOLD: "OpenDispute",
    HoldKind.PROMISE_RUNNING: "RecordPromise",
    HoldKind.HARDSHIP_REVIEW: "FlagHardship",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An effect that cannot be undone, and why, in Vietnamese and English."""

    effect: Effect
    why_vi: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction does. When refused, `rule` names why and the tuples are empty.

    `undo` is taken back, then `do` is carried out; `standing` stays as it was.
    """

    allowed: bool
    rule: str | None = None
    undo: tuple[Effect, ...] = ()
    do: tuple[Effect, ...] = ()
    standing: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcome to be put right.

    `acted_on` names effects (by class) that others acted upon: a dispute taken up, a callback
    begun, a promise with money on it, an approval given.
    """

    leaf: Leaf
    at: datetime
    acted_on: Collection[str] = ()
    superseded: bool = False


def correct(saved: Saved, new: Leaf, at: datetime) -> Correction:
    """Judge a correction. Rules of refusal: SUPERSEDED, TOO_LATE, SYSTEM_ONLY, NOT_IN_USE."""
    if saved.superseded:
        return Correction(allowed=False, rule="SUPERSEDED")
    if at - saved.at > CORRECTION_WINDOW:
        return Correction(allowed=False, rule="TOO_LATE")
    if new.system_only:
        return Correction(allowed=False, rule="SYSTEM_ONLY")
    if not new.active:
        return Correction(allowed=False, rule="NOT_IN_USE")
    judged = [(effect, _stands(effect, saved.acted_on)) for effect in saved.leaf.effects]
    standing = tuple(stand for _, stand in judged if stand is not None)
    return Correction(
        allowed=True,
        undo=tuple(effect for effect, stand in judged if stand is None),
        do=tuple(effect for effect in new.effects if not _already(effect, standing)),
        standing=standing,
    )


def _already(effect: Effect, standing: tuple[Standing, ...]) -> bool:
    """Whether what stands has done the same already, so that doing it again would double it."""
    return any(stand.effect == effect for stand in standing)


def _stands(effect: Effect, acted_on: Collection[str]) -> Standing | None:
    if isinstance(effect, MarkNumber) and effect.state is Verification.DO_NOT_CONTACT:
        return Standing(
            effect,
            "Số đã được đề nghị không gọi; chỉ trưởng nhóm mới gỡ được.",
            "Somebody asked not to be called on this number; only a team lead can lift that.",
        )
    if isinstance(effect, NoRedial):
        return Standing(
            effect,
            "Cuộc gọi đã bị bỏ rơi; thời gian không gọi lại vẫn giữ nguyên.",
            "The call was abandoned; the time without redialling stays.",
        )
    if isinstance(effect, RaiseRisk | CountUnreachable):
        return None  # figures are computed anew from the actions that are not superseded
    cause = _HELD_BY.get(effect.kind, "Hold") if isinstance(effect, Hold) else type(effect).__name__
    return _acted_on(effect) if cause in acted_on else None


def _acted_on(effect: Effect) -> Standing:
    if isinstance(effect, RecordPromise):
        return Standing(
            effect,
            "Lời hứa đã có tiền về nên không hủy được.",
            "Money has come in on the promise, so it is not cancelled.",
        )
    return Standing(
        effect,
        "Việc này đã có người tiếp nhận nên không hủy được.",
        "Somebody has already taken this up, so it is not undone.",
    )


REFUSALS: Final = {
    "SUPERSEDED": (
        "Kết quả này đã được sửa; hãy sửa bản mới nhất.",
        "This outcome has been corrected already; correct the latest one.",
    ),
    "TOO_LATE": (
        "Chỉ sửa được trong 5 phút; hãy nhờ trưởng nhóm.",
        "An outcome can be corrected for five minutes; ask your team lead.",
    ),
    "SYSTEM_ONLY": (
        "Kết quả này chỉ do hệ thống ghi.",
        "Only the system sets this outcome.",
    ),
    "NOT_IN_USE": (
        "Kết quả này không còn được dùng.",
        "This outcome is no longer in use.",
    ),
}
"""Rule of a refused correction to its sentence, Vietnamese and English."""
