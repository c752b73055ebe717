"""How the customer is to be treated, as chips: each with where it comes from and what it changes. Pure.

`lines` are what opens on hover, focus or touch: label and text, in the language of the agent's page.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.accounts.rules import HoldKind
from app.care.rules import UNDECIDED, StatusType
from app.compliance.profiles import RULE_LABELS
from app.compliance.rules import HELD_BY
from app.customers.rules import COOPERATION, Behaviour, Reliability, Risk, read_avoided
from app.desk.picture import Picture
from app.desk.pop import Contested, Held, PopFacts, Who
from app.desk.words import (
    CHANNELS,
    CHIPS,
    DISPUTE_KINDS,
    HANDLING,
    LEVELS,
    RISK,
    RISK_REASONS,
    SOURCES,
    STATUSES,
    Pair,
    day_text,
    pick,
    word,
)
from app.values.money import half_up

Chip = dict[str, Any]
Line = tuple[Pair, str]
"""What a line is about, and what it says."""

_SOURCE: Final = ("Nguồn", "Source")
_REASON: Final = ("Lý do", "Reason")
_CHANGES: Final = ("Nên", "So")
_TOLD: Final = 2  # disputes whose lines are told; the label counts them all
_RISK_TONES: Final = {"HIGH": "warn", "CRITICAL": "bad"}
_LEVEL_TONES: Final = {"VERY_LOW": "bad", "LOW": "warn"}


def chips(facts: PopFacts, picture: Picture, language: str) -> list[Chip]:
    """Gravest first: risk, hardship, dispute, what holds, manner; then handling, wishes, reliability."""
    who, risk, seen, behaviour = facts.who, picture.risk, picture.reliability, picture.behaviour
    if who is None or risk is None or seen is None or behaviour is None:
        return []
    say = _Words(facts, picture, language)
    found = [say.risk(risk), say.hardship(), say.dispute(), *say.holds(), say.cooperation()]
    found += [*say.handling(who), say.preference(who), say.reliability(seen, behaviour)]
    found.append(say.tongue(who))
    return [chip for chip in found if chip is not None]


class _Words:
    """One customer's chips in one language."""

    def __init__(self, facts: PopFacts, picture: Picture, language: str) -> None:
        self._facts = facts
        self._picture = picture
        self._language = language
        self._zone = ZoneInfo(facts.zone)

    def risk(self, seen: Risk) -> Chip:
        """The class with every reason that put it there."""
        label = f"{self._say(CHIPS['RISK'])} {word(RISK, seen.risk_class, self._language)}"
        reasons = [pick(RISK_REASONS[code], self._language) for code in seen.reasons]
        calm = ("không có dấu hiệu nào", "nothing speaks against them")
        lines = [
            (_REASON, " · ".join(reasons) or self._say(calm)),
            (_SOURCE, self._say(("tính từ hồ sơ lúc gọi", "judged from the record at this call"))),
        ]
        return self._chip("RISK", label, _RISK_TONES.get(seen.risk_class, ""), lines)

    def hardship(self) -> Chip | None:
        """Since when, why, by whose word, and when it is looked at."""
        facts = self._facts
        told = facts.hardship
        if told is None:
            return self._old_hardship(facts.who.hardship if facts.who else None)
        overdue = told.review_on < facts.today
        late = (" · đã quá ngày", " · overdue")
        review = day_text(told.review_on) + (self._say(late) if overdue else "")
        lines = [
            (("Từ ngày", "Since"), day_text(told.since)),
            (_REASON, told.reason or self._say(("không ghi", "not written down"))),
            (_SOURCE, self._by(told.by, told.source, told.noted_at)),
            (("Xem lại", "Review"), review),
            (_CHANGES, self._say(CHIPS["HARDSHIP_CHANGES"])),
        ]
        label = f"{self._say(CHIPS['HARDSHIP'])} ({day_text(told.since)})"
        return self._chip("HARDSHIP", label, "warn", lines)

    def _old_hardship(self, flag: Any) -> Chip | None:
        """A flag that an older release or the bank's file left on the customer."""
        if not flag:
            return None
        since = _day_in(flag.get("since"))
        day = f" ({day_text(since)})" if since else ""
        lines = [
            (_REASON, str(flag.get("reason") or self._say(("không ghi", "not written down")))),
            (_SOURCE, word(SOURCES, str(flag.get("source") or "IMPORT"), self._language)),
            (_CHANGES, self._say(CHIPS["HARDSHIP_CHANGES"])),
        ]
        return self._chip("HARDSHIP", self._say(CHIPS["HARDSHIP"]) + day, "warn", lines)

    def dispute(self) -> Chip | None:
        """What is contested and until when it is answered; past ones are counted."""
        picture = self._picture
        if not picture.disputes and not picture.disputes_past:
            return None
        now, past = picture.disputes, picture.disputes_past
        label = f"{self._say(CHIPS['DISPUTE'])}: {now}"
        if past:
            label += self._say((f" (+{past} cũ)", f" (+{past} past)"))
        undecided = [each for each in self._facts.disputes if each.status in UNDECIDED]
        lines = [line for each in undecided[:_TOLD] for line in self._contested(each)]
        if past:
            lines.append((("Đã giải quyết", "Decided"), str(past)))
        if now:
            lines.append((_CHANGES, self._say(CHIPS["DISPUTE_CHANGES"])))
        return self._chip("DISPUTE", label, "bad" if now else "", lines)

    def _contested(self, each: Contested) -> Iterator[Line]:
        yield ("Nội dung", "About"), word(DISPUTE_KINDS, each.kind, self._language)
        yield _SOURCE, self._by(each.by, "OUTCOME", each.opened_at)
        yield ("Trả lời trước", "Answer by"), day_text(each.due_on)

    def holds(self) -> Iterator[Chip]:
        """What else keeps a dialer from calling, each once."""
        told = {HoldKind.DISPUTE_HOLD, HoldKind.HARDSHIP_REVIEW}
        by_kind = {hold.kind: hold for hold in self._facts.holds if hold.kind not in told}
        for hold in by_kind.values():
            known = HoldKind(hold.kind) if hold.kind in set(HoldKind) else None
            label = self._say(RULE_LABELS[HELD_BY[known]] if known else (hold.kind, hold.kind))
            tone = "info" if known is HoldKind.PROMISE_RUNNING else "warn"
            yield self._chip(hold.kind, label, tone, list(self._held(hold)))

    def _held(self, hold: Held) -> Iterator[Line]:
        yield _SOURCE, self._by(None, hold.source, hold.placed_at)
        released = self._say(("đến khi có người gỡ", "until somebody releases it"))
        yield ("Đến", "Until"), self._moment(hold.until) if hold.until else released
        yield _CHANGES, self._say(CHIPS["HOLD_CHANGES"])

    def handling(self, who: Who) -> Iterator[Chip]:
        """Customers who are handled with care, with the instruction."""
        for code in who.special_handling:
            lines = [
                (("Lưu ý", "Instruction"), who.handling_instruction or "–"),
                (_SOURCE, self._say(SOURCES["IMPORT"])),
            ]
            if code == "VULNERABLE":
                lines.append((_CHANGES, self._say(CHIPS["VULNERABLE_CHANGES"])))
            yield self._chip(code, word(HANDLING, code, self._language), "info", lines)

    def cooperation(self) -> Chip | None:
        """The level that the customer's status stands for, and by whose word."""
        status, stated = self._picture.status, self._facts.status
        if status is None:
            return None
        level = COOPERATION.get(status, "UNKNOWN")
        label = f"{self._say(CHIPS['COOPERATION'])}: {word(LEVELS, level, self._language)}"
        source = self._say(SOURCES["IMPORT"])
        lines = [
            (("Trạng thái", "Status"), word(STATUSES, status, self._language)),
            (_SOURCE, self._by(stated.by, stated.source, stated.since) if stated else source),
        ]
        if status == StatusType.HOSTILE:
            lines.append((_CHANGES, self._say(CHIPS["HOSTILE_CHANGES"])))
        return self._chip("COOPERATION", label, _LEVEL_TONES.get(level, ""), lines)

    def preference(self, who: Who) -> Chip | None:
        """Which way and when; what is avoided keeps the dialer quiet."""
        wished = who.preference or {}
        channel = (
            word(CHANNELS, str(wished["channel"]), self._language) if wished.get("channel") else ""
        )
        parts = [part for part in (channel, str(wished.get("band") or "")) if part]
        told = wished.get("avoid")
        avoid = ", ".join(str(one) for one in told) if isinstance(told, list | tuple) else ""
        if not parts and not avoid:
            return None
        wish = f"{self._say(CHIPS['PREFERENCE'])}: {', '.join(parts)}"
        shun = f"{self._say(CHIPS['AVOID'])}: {avoid}"
        lines = [(("Tránh", "Avoid"), avoid)] if avoid and parts else []
        lines.append((_SOURCE, self._wish_source(wished)))
        if avoid and any(read_avoided(str(one)) for one in wished["avoid"]):
            lines.append((_CHANGES, self._say(CHIPS["AVOID_CHANGES"])))
        return self._chip("PREFERENCE", wish if parts else shun, "", lines)

    def _wish_source(self, wished: Any) -> str:
        source = word(SOURCES, str(wished.get("source") or "IMPORT"), self._language)
        since = _day_in(wished.get("since"))
        return f"{source}, {day_text(since)}" if since else source

    def reliability(self, seen: Reliability, behaviour: Behaviour) -> Chip:
        """The score, its band, on how much it rests, and what went in."""
        label = f"{self._say(CHIPS['RELIABILITY'])} {seen.score}/100 · {seen.band}"
        if seen.limited:
            label += self._say((" · ít dữ liệu", " · limited data"))
        return self._chip("RELIABILITY", label, "", list(self._inputs(behaviour, seen.n)))

    def _inputs(self, seen: Behaviour, n: int) -> Iterator[Line]:
        promised = (
            f"{seen.kept} giữ · {seen.partly} một phần · {seen.broken} thất hứa",
            f"{seen.kept} kept · {seen.partly} partly · {seen.broken} broken",
        )
        yield ("Lời hứa 12 tháng", "Promises, 12 months"), self._say(promised)
        share, days = seen.paid_share, seen.days_since_payment
        nothing = self._say(("không có gì đến hạn", "nothing was due"))
        paid = f"{half_up(min(share, type(share)(1)) * 100)} %" if share is not None else nothing
        yield ("Đã trả so với đến hạn", "Paid of what was due"), paid
        ago = (f"{days} ngày trước", "one day ago" if days == 1 else f"{days} days ago")
        never = ("chưa lần nào", "never")
        yield ("Lần trả gần nhất", "Last payment"), self._say(ago if days is not None else never)
        rests = (f"{n} lần hứa và kỳ trả", "one event" if n == 1 else f"{n} promises and due dates")
        yield ("Dựa trên", "Rests on"), self._say(rests)

    def tongue(self, who: Who) -> Chip | None:
        """A customer who is not spoken to in Vietnamese."""
        if who.language == "vi":
            return None
        label = f"{self._say(CHIPS['LANGUAGE'])}: {who.language.upper()}"
        return self._chip("LANGUAGE", label, "info", [(_SOURCE, self._say(SOURCES["IMPORT"]))])

    def _chip(self, code: str, label: str, tone: str, lines: list[Line]) -> Chip:
        said = [[self._say(about), text] for about, text in lines]
        return {"code": code, "label": label, "tone": tone, "lines": said}

    def _say(self, pair: Pair) -> str:
        return pick(pair, self._language)

    def _by(self, by: str | None, source: str, at: datetime) -> str:
        """`Lan, kết quả cuộc gọi, 18/11 14:20`."""
        parts = [by, word(SOURCES, source, self._language), self._moment(at)]
        return ", ".join(part for part in parts if part)

    def _moment(self, at: datetime) -> str:
        wall = at.astimezone(self._zone)
        return f"{day_text(wall.date())} {wall:%H:%M}"


def _day_in(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
