"""An explanation in words, by the sentences of the catalogues (`explain.*`). Pure.

One set for the page and for the command: whoever asks reads the same.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from app.calls.rules import CAUSE_LABELS, Cause
from app.compliance.profiles import RULE_LABELS, Rule, source_label
from app.customers.rules import Word
from app.explain.rules import Asked, Reason
from app.history.dispositions import TREE

Say = Callable[..., str]
"""`say(key, **fields)` in one language."""


class Teller:
    """Puts one explanation into words of one language, instants in one zone."""

    def __init__(self, say: Say, language: str, zone: str) -> None:
        self._say = say
        self._english = language == "en"
        self._language = language
        self._zone = ZoneInfo(zone)

    def when(self, at: datetime | None) -> str:
        """`23/11/2026 10:05`, or that there is no end."""
        if at is None:
            return self._say("explain.no_end")
        return f"{at.astimezone(self._zone):%d/%m/%Y %H:%M}"

    def rule(self, code: str | None) -> str:
        """A rule in words; what is no rule as it is."""
        if code is None or code not in set(Rule):
            return code or ""
        return RULE_LABELS[Rule(code)][self._english]

    def source(self, told: Asked | Reason) -> str:
        """Where the rule stands written; nothing where none refused."""
        return source_label(told.source or "", self._language)

    def result(self, code: str | None) -> str:
        """A cause, an outcome or a rule in words; nothing when nothing came of it yet."""
        if code is None:
            return self._say("explain.no_result")
        if code in set(Cause):
            return CAUSE_LABELS[Cause(code)][self._english]
        leaf = TREE.leaf(code)
        if leaf is not None:
            return " → ".join(TREE.path(leaf, self._language)[1:])
        return self.rule(code)

    def heard(self, told: Asked | Reason) -> str:
        """The message that was played in a call, nothing where none was."""
        return self._say("explain.heard", said=told.heard) if told.heard else ""

    def consent(self, word: Word) -> str:
        """A customer's yes or no with its source."""
        return self._say(
            "explain.consented" if word.given else "explain.withdrew",
            channel=self._say(f"explain.channel_{word.channel}"),
            aim=self._say(f"explain.aim_{word.aim}"),
            at=self.when(word.at),
            source=word.source,
        )

    def sentence(self, reason: Reason) -> str:
        """One answer as a sentence."""
        return self._say(
            f"explain.why.{reason.why}",
            campaign=reason.campaign or self._say("explain.other_campaign"),
            at=self.when(reason.at),
            until=self.when(reason.until),
            rule=self.rule(reason.rule),
            word=self._word(reason),
        )

    def _word(self, reason: Reason) -> str:
        if reason.why == "NOT_RUNNING":
            return self._say(f"campaign_state.{reason.word}")
        if reason.why == "EXCLUDED":
            told = self._say(f"explain.excluded.{reason.word}")
            return self.rule(reason.word) if told.startswith("explain.") else told
        return self.result(reason.word)

    def campaign(self, asked: Asked) -> str:
        """The campaign of a try; another team's has no name."""
        return asked.campaign or self._say("explain.other_campaign")

    def verdict(self, asked: Asked) -> str:
        """`Allowed`, or the rule that refused."""
        return self._say("explain.allowed") if asked.allowed else self.rule(asked.rule)

    def outcome(self, asked: Asked) -> str:
        """What came of a try; nothing of one that was refused."""
        return self.result(asked.leaf or asked.result) if asked.allowed else ""
