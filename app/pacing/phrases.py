"""A second of pacing in words and numbers, by the sentences of the catalogues (`pacing.*`). Pure.

One set for the page and for the command: whoever asks reads the same.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.pacing.rules import Second, minute_begins

Say = Callable[..., str]
"""`say(key, **fields)` in one language."""
DOING: Final = ("idle", "talk", "wrap")
STAGES: Final = ("setup", "ringing", "answered", "queued")
FLAGS: Final = (("stopped", True), ("window_open", False), ("stale", True), ("carrier_up", False))
"""What is worth a word when it is so, beside `dry`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was known: `code` names it to programs, label and value to people."""

    code: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Told:
    """A second in words: the decision, then what was seen, what was foreseen, and what bounds it."""

    decision: str
    why: str
    seen: tuple[Row, ...]
    foreseen: tuple[Row, ...]
    limits: tuple[Row, ...]


class Teller:
    """Puts a second into words of one language, instants in one zone."""

    def __init__(self, say: Say, language: str, zone: str) -> None:
        self._say = say
        self._comma = language == "vi"
        self._zone = ZoneInfo(zone)

    def when(self, at: datetime) -> str:
        """`23/11/2026 10:05:17`."""
        return f"{at.astimezone(self._zone):%d/%m/%Y %H:%M:%S}"

    def local(self, at: datetime) -> datetime:
        """The instant on the wall of the zone."""
        return at.astimezone(self._zone)

    def clock(self, at: datetime) -> str:
        """`10:05`."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def number(self, value: float, digits: int = 1) -> str:
        """A number as the language writes it."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self._comma else text

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A percentage; a dash where there is none."""
        return "–" if value is None else f"{self.number(value, digits)} %"

    def reason(self, code: str) -> str:
        """A binding reason in a few words."""
        return self._say(f"because.{code}")

    def explain(self, second: Second) -> Told:
        """Everything that is known of a second."""
        page = second.page
        return Told(
            decision=self._decision(second),
            why=self._say(f"because_help.{second.because}"),
            seen=tuple(self._row(code, value) for code, value in self._seen(second).items()),
            foreseen=tuple(
                self._row(code, value) for code, value in self._foreseen(page["pace"]).items()
            ),
            limits=tuple(self._row(code, value) for code, value in self._limits(page).items()),
        )

    def _row(self, code: str, value: str) -> Row:
        return Row(code, self._say(f"pacing.{code}"), value)

    def _decision(self, second: Second) -> str:
        count, cancelled = second.lines, second.page["pace"]["cancelled"]
        because = self.reason(second.because)
        key = "pacing.opened" if count else "pacing.opened_none"
        told = self._say(key, count=count, because=because)
        if cancelled:
            told += " " + self._say("pacing.cancelled", count=cancelled)
        return told

    def _seen(self, second: Second) -> dict[str, str]:
        page = second.page
        doing = Counter(DOING[seat[0]] for seat in page["seats"].values())
        stages = Counter(STAGES[line[0]] for line in page["lines"].values())
        stages["setup"] += page["asked"]
        answered, abandoned = page["answered"], page["abandoned"]
        found = {
            "seen_mode": self._say(f"mode.{page['mode']}"),
            "seen_agents": self._parts(len(page["seats"]), "agents", doing, DOING),
            "seen_lines": self._parts(sum(stages.values()), "lines", stages, STAGES),
            "seen_today": self._say(
                "pacing.today",
                dialed=self.number(page["dialed"], 0),
                answered=self.number(answered, 0),
                abandoned=self.number(abandoned, 0),
                percent=self.percent(100 * abandoned / answered if answered else None, 2),
            ),
        }
        if (closes := page["closes_at"]) is not None:
            at = minute_begins(second.at) + timedelta(milliseconds=closes)
            found["seen_closes"] = self.clock(at)
        if (left := page.get("calls_left")) is not None:
            found["seen_calls_left"] = self.number(left, 0)
        held = [name for name, so in FLAGS if page[name] is so] + ["dry"] * page["dry"]
        if held:
            found["seen_state"] = "; ".join(self._say(f"pacing.state_{name}") for name in held)
        return found

    def _parts(
        self, total: int, noun: str, counts: Mapping[str, int], order: tuple[str, ...]
    ) -> str:
        parts = [
            self._say(f"pacing.{noun}_{name}", count=counts[name]) for name in order if counts[name]
        ]
        return f"{total} ({', '.join(parts)})" if parts else str(total)

    def _foreseen(self, pace: Mapping[str, Any]) -> dict[str, str]:
        """The forecast of PREDICTIVE; other modes foresee nothing."""
        if "price" not in pace:
            return {}
        return {
            "foreseen_freed": self.number(pace["freed"], 2),
            "foreseen_arrivals": self.number(pace["arrivals"], 2),
            "foreseen_live": self.percent(100 * pace["live"]),
            "foreseen_answering": f"× {self.number(pace['answering'], 2)}",
            "foreseen_chance": self.percent(100 * pace["chance"], 2),
            "foreseen_price": self.percent(100 * pace["price"], 2),
            "foreseen_target": self.percent(100 * pace["target"], 2),
        }

    def _limits(self, page: Mapping[str, Any]) -> dict[str, str]:
        limits = page["limits"]
        told = {
            "limit_target": self.percent(limits["abandon_target_pct"]),
            "limit_hard": self.percent(limits["abandon_limit_pct"]),
            "limit_ceiling": self.number(limits["ratio_ceiling"]),
            "limit_lines": self.number(limits["lines"], 0),
        }
        if (cap := limits.get("calls_per_second")) is not None:
            told["limit_calls_per_second"] = self.number(cap, 0)
        return told
