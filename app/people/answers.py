"""How a refusal leaves the house: one table from errors to status, as JSON for scripts and as a page for people.

Sentences are looked up by the refusal's code in the reader's language; without a translation the
refusal's own sentence stands. What nobody expected is logged with its trace and told as 500.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.db import is_away
from app.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PacelineError,
    Refused,
    SignInNeeded,
    TooMany,
    Unavailable,
)
from app.people.refusals import VIETNAMESE
from app.render import BUSINESS_ZONE, pick_language
from realtime.broker import BrokerLost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from starlette.requests import Request
    from structlog.stdlib import BoundLogger

    from app.clock import Clock
    from app.observe import Metrics
    from app.people.rules import Permission, Role
    from app.render import Pages

LANGUAGE_COOKIE: Final = "language"  # both are written by the page's own switches
THEME_COOKIE: Final = "theme"
THEMES: Final = ("system", "light", "dark")
NO_STORE: Final = {"Cache-Control": "no-store"}
ENGINE_AWAY: Final = (
    OSError,
    OperationalError,
    InterfaceError,
    PoolTimeout,
    RedisError,
    BrokerLost,
)
_BY_STATUS: Final = {404: NotFound, 405: NotFound, 413: Invalid, 400: Invalid}


class NotPermitted(Forbidden):
    """The asker's roles do not carry what is needed; `roles` are those that do."""

    def __init__(self, permission: Permission, roles: Iterable[Role]) -> None:
        super().__init__("Your role may not do this.", code="NOT_PERMITTED", field=permission.value)
        self.roles = tuple(roles)


@dataclass(slots=True)
class Timed:
    """What is known of a request when it is over."""

    status: int = 500


def json_answer(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type="application/json",
        headers={**NO_STORE, **(headers or {})},
    )


def language_of(request: Request, own: str | None = None) -> str:
    """The language of a page: what this browser chose, else the user's `own`, else what it asks for."""
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or own
    return pick_language(chosen, request.headers.get("Accept-Language", ""))


def theme_of(request: Request, own: str | None = None) -> str:
    """The theme of a page: what this browser chose, else the user's `own`, else the system's."""
    chosen = request.cookies.get(THEME_COOKIE) or own
    return chosen if chosen in THEMES else THEMES[0]


def wants_json(request: Request) -> bool:
    """Whether a script asks (fetch, bots) and not a person's navigation."""
    if "text/html" in request.headers.get("Accept", ""):
        return False
    return request.headers.get("HX-Request") != "true"


def engine_is_away(error: Exception) -> bool:
    """Whether this says that something we lean on does not answer: the same again may succeed later."""
    return isinstance(error, ENGINE_AWAY) or (isinstance(error, DBAPIError) and is_away(error))


class Answers:
    """Turns errors into answers and measures every request."""

    def __init__(self, *, pages: Pages, metrics: Metrics, clock: Clock, log: BoundLogger) -> None:
        self._pages = pages
        self._metrics = metrics
        self._clock = clock
        self._log = log

    @contextmanager
    def timed(self, request: Request, route: str) -> Iterator[Timed]:
        """Measure one request under its route pattern."""
        timed, began = Timed(), self._clock.monotonic()
        try:
            yield timed
        finally:
            self._metrics.http_seconds.labels(route, request.method, str(timed.status)).observe(
                self._clock.monotonic() - began
            )

    def refuse(self, request: Request, error: Exception, language: str) -> Response:
        """The answer to a request that ended in `error`."""
        refusal = self._known(request, error)
        self._metrics.refusals.labels(refusal.code).inc()
        headers = _headers(refusal)
        if wants_json(request):
            body = {"error": self._body(refusal, language)}
            return json_answer(body, refusal.status, headers)
        if isinstance(refusal, SignInNeeded) and request.method == "GET":
            return RedirectResponse(f"/login?next={quote(_asked_for(request))}", 303, headers)
        return self._page(refusal, request, language, headers)

    def sentence(self, refusal: PacelineError, language: str) -> str:
        """The refusal in the reader's language; which role is needed is said by the catalogue's words."""
        if isinstance(refusal, NotPermitted) and refusal.roles:
            say = self._pages.sentences.speaker(language)
            needed = ", ".join(say(f"role.{role}") for role in refusal.roles)
            return say("error.needs_role", needed=needed)
        known = VIETNAMESE.get(refusal.code) if language == "vi" else None
        if known is None:
            return refusal.sentence
        return known.format(**refusal_fields(refusal))

    def _known(self, request: Request, error: Exception) -> PacelineError:
        if isinstance(error, PacelineError):
            return error
        if isinstance(error, HTTPException):
            kind = _BY_STATUS.get(error.status_code, Invalid)
            return kind(str(error.detail), code=f"HTTP_{error.status_code}")
        if engine_is_away(error):
            self._log.warning("engine away", path=request.url.path, kind=type(error).__name__)
            return Unavailable("Something we need does not answer. Try again.", code="ENGINE_AWAY")
        self._log.error("request failed", path=request.url.path, exc_info=error)
        return PacelineError("Something went wrong here. It was noted.", code="INTERNAL")

    def _body(self, refusal: PacelineError, language: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "code": refusal.code,
            "sentence": self.sentence(refusal, language),
            "field": refusal.field,
        }
        if isinstance(refusal, Refused):
            body |= {"rule": refusal.rule, "source": refusal.source, "until": refusal.until}
        if isinstance(refusal, TooMany):
            body["wait_seconds"] = refusal.retry_after_seconds
        return body

    def _page(
        self, refusal: PacelineError, request: Request, language: str, headers: dict[str, str]
    ) -> Response:
        text = self._pages.page(
            "error.html",
            language,
            theme=theme_of(request),
            status=refusal.status,
            sentence=self.sentence(refusal, language),
            code=refusal.code,
        )
        return HTMLResponse(text, refusal.status, {**NO_STORE, **headers})


def refusal_fields(refusal: PacelineError) -> dict[str, str]:
    """The data of a refusal as a sentence shows it; instants as the business's clock does."""
    return {
        name: f"{value.astimezone(ZoneInfo(BUSINESS_ZONE)):%H:%M}"
        if isinstance(value, datetime)
        else str(value)
        for name, value in vars(refusal).items()
    }


def _headers(refusal: PacelineError) -> dict[str, str]:
    if isinstance(refusal, TooMany):
        return {"Retry-After": str(refusal.retry_after_seconds)}
    if isinstance(refusal, Unavailable):
        return {"Retry-After": "1"}
    return {}


def _asked_for(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
