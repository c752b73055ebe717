"""Why something was not done. Rules raise these; the edge translates them by one table.

    PacelineError
    ├── Invalid      theirs to fix: the field and the fix are named          422
    ├── Refused      ours to explain: a rule says no, with its source        409
    │   └── Conflict   somebody else changed it meanwhile                    409
    ├── Forbidden    signed in, but not permitted                            403
    ├── SignInNeeded nobody is signed in                                     401
    ├── NotFound     no such thing, or not within the asker's scope          404
    └── Unavailable  try again: an engine or the carrier does not answer     503

Expected refusals never page anyone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from datetime import datetime


class PacelineError(Exception):
    """A sentence that a person can read, and the data behind it.

    `code` names the reason for programs; `field` the input at fault, when one is.
    """

    status: ClassVar[int] = 500

    def __init__(self, sentence: str, *, code: str = "", field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).__name__.upper()
        self.field = field


class Invalid(PacelineError):
    """The input is wrong; the sentence names the fix."""

    status = 422


class Refused(PacelineError):
    """A rule of ours or of the law says no; `rule`, `source` and `until` tell which, why, how long."""

    status = 409

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "",
        field: str | None = None,
        rule: str = "",
        source: str = "",
        until: datetime | None = None,
    ) -> None:
        super().__init__(sentence, code=code or rule, field=field)
        self.rule = rule
        self.source = source
        self.until = until


class Conflict(Refused):
    """It changed since it was read, or somebody else holds it."""


class Forbidden(PacelineError):
    """Signed in, but this role or scope may not."""

    status = 403


class SignInNeeded(PacelineError):
    """Nobody is signed in, or the session has ended."""

    status = 401


class TooMany(PacelineError):
    """Asked too often; `retry_after_seconds` says when to come back."""

    status = 429

    def __init__(self, sentence: str, *, retry_after_seconds: int, code: str = "") -> None:
        super().__init__(sentence, code=code)
        self.retry_after_seconds = retry_after_seconds


class NotFound(PacelineError):
    """No such thing, or not within the asker's scope (the two are never told apart)."""

    status = 404


class Unavailable(PacelineError):
    """Something we lean on does not answer; trying again is right."""

    status = 503
