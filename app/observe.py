"""What a process tells about itself: structured logs and figures.

Logs are one JSON object a line on standard error, without secrets and without personal data: ids name
people. Figures belong to one `Metrics`, made at the start and passed down; nothing is global but the
logging set-up itself. What the figures mean is in `docs/operations.md`.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from realtime.exposition import serve_figures

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping, Sequence
    from typing import TextIO

# From the port of the figures, by process.
STEPS: Final = {"web": 0, "dialer": 1, "worker": 2, "hub": 3}
PREFIX: Final = "paceline_"
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

# Never written, whatever a caller passes: what opens a door, and what tells who a customer is.
_SECRET: Final = frozenset(
    {"authorization", "cookie", "csrf", "hash", "password", "secret", "ticket", "token"}
)
_PERSONAL: Final = frozenset(
    {"address", "body", "cif", "customer_name", "display", "email", "name", "national_id", "note"}
    | {"number", "phone", "text", "username"}
)
HIDDEN: Final = "•••"
_PARAMETERS: Final = re.compile(r"\[parameters: .*?\]$|DETAIL: .*$", re.MULTILINE)

_POP_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)
_LOSSES: Final = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_HTTP_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def hide_private(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank every value whose key names a secret or a person, at any depth of mappings."""
    for key, value in event.items():
        if key in _SECRET or key in _PERSONAL:
            event[key] = HIDDEN
        elif isinstance(value, dict):
            event[key] = dict(hide_private(None, "", dict(value)))
    return event


def hide_parameters(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take the values out of a database error's trace: they are names, numbers and notes."""
    if "exception" in event:
        event["exception"] = _PARAMETERS.sub(f"[parameters: {HIDDEN}]", event["exception"])
    return event


def configure_logging(
    process: str, *, now: Callable[[], str] | None = None, stream: TextIO | None = None
) -> structlog.stdlib.BoundLogger:
    """Send this process's logs, and those of its libraries, to `stream` (standard error) as JSON.

    `now` gives the stamp of a line (business time, ISO); without it lines carry none.
    """
    shared: list[Any] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level]
    if now is not None:
        shared.append(_stamp(now))
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide_parameters,
            hide_private,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # Access lines would hold addresses and queries; requests are counted by `http_seconds`.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    log: structlog.stdlib.BoundLogger = structlog.get_logger(process).bind(process=process)
    return log


def _stamp(
    now: Callable[[], str],
) -> Callable[[object, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    def stamp(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["at"] = now()
        return event

    return stamp


class Metrics:
    """Every figure that some process of ours publishes; unused ones stay at zero.

    Labels hold ids and words from closed lists only: never a name, a number or a path with an id.
    """

    def __init__(self, process: str) -> None:
        self.process = process
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._make_web()
        self._make_calls()
        self._make_room()
        self._make_clockwork()
        self._make_engines()

    def _make_web(self) -> None:
        self.http_seconds = self._histogram(
            "http_seconds",
            "Time to answer a request, by route pattern and status.",
            ("route", "method", "status"),
            _HTTP_BUCKETS,
        )
        self.signins = self._counter("signins", "Attempts to sign in, by result.", "result")
        self.refusals = self._counter("refusals", "Requests refused, by code.", "code")
        self.intents = self._counter("intents", "Intents handed to the dialer, by kind.", "kind")
        self.intents_waiting = self._gauge(
            "intents_waiting", "Socket news not yet handed to the dialer."
        )
        self.news_dropped = self._counter(
            "intents_dropped", "Socket news that did not fit while the dialer's stream was away."
        )

    def _make_calls(self) -> None:
        self.pop_seconds = self._histogram(
            "pop_seconds",
            "From assignment to a painted screen, by campaign.",
            ("campaign",),
            _POP_BUCKETS,
        )
        self.pop_received_seconds = self._histogram(
            "pop_received_seconds",
            "From assignment to the browser's receipt, by campaign.",
            ("campaign",),
            _POP_BUCKETS,
        )
        self.voice_loss_ratio = self._histogram(
            "voice_loss_ratio", "Share of the voice lost on its way to agents' pages.", (), _LOSSES
        )
        self.voice_jitter_seconds = self._histogram(
            "voice_jitter_seconds", "Jitter of the voice at agents' pages.", (), _POP_BUCKETS
        )
        self.voice_round_trip_seconds = self._histogram(
            "voice_round_trip_seconds", "From agents' pages to Asterisk and back.", (), _POP_BUCKETS
        )
        self.pop_unacknowledged = self._counter(
            "pop_unacknowledged", "Screens that nobody acknowledged in time.", "campaign"
        )
        self.pops_late = self._counter(
            "pop_late", "Screens painted a second or more late, or never.", "campaign"
        )
        self.screens = self._counter("screens", "Screens, by how they were ready.", "how")
        self.calls = self._counter("calls", "Calls ended, by cause.", "campaign", "cause")
        self.lines = self._gauge("lines", "Lines in flight, by campaign.", "campaign")
        self.agents = self._gauge("agents", "Agents, by what they are doing.", "group")
        self.answered_today = self._gauge(
            "answered_today", "Calls answered this business day.", "campaign"
        )
        self.abandoned_today = self._gauge(
            "abandoned_today", "Of those, answered and given to nobody in time.", "campaign"
        )
        self.abandoned_limit_ratio = self._gauge(
            "abandoned_limit_ratio", "The campaign's limit of abandoned to answered.", "campaign"
        )
        self.refused_dials = self._counter("refused_dials", "Dials refused, by rule.", "rule")

    def _make_room(self) -> None:
        self.dialer_tick_age = self._gauge(
            "dialer_tick_age_seconds", "Since the room was turned last."
        )
        self.dialer_late_seconds = self._histogram(
            "dialer_late_seconds",
            "How long the oldest event of a turn had waited.",
            (),
            _POP_BUCKETS,
        )
        self.dialer_in_force = self._gauge(
            "dialer_in_force", "Whether this process holds the lease (1) or stands by (0)."
        )
        self.dialer_fence = self._gauge("dialer_fence", "The fencing number of the lease, last.")
        self.dialer_lost = self._gauge(
            "dialer_lost", "What does not answer the dialer (1), by its name.", "what"
        )
        self.journal_waiting = self._gauge(
            "journal_waiting", "Records of calls that are not written yet."
        )
        self.paces_waiting = self._gauge(
            "paces_waiting", "Minutes of pacing decisions that are not written yet."
        )
        self.paces_dropped = self._counter(
            "paces_dropped", "Minutes of pacing decisions that did not fit while waiting."
        )
        self.carrier_errors = self._counter(
            "carrier_errors", "Orders that the carrier refused or did not hear, by cause.", "cause"
        )

    def _make_clockwork(self) -> None:
        self.job_seconds = self._histogram(
            "job_seconds", "Time of one round of a job.", ("job",), Histogram.DEFAULT_BUCKETS
        )
        self.job_failures = self._counter("job_failures", "Rounds of a job that failed.", "job")
        self.job_age = self._gauge(
            "job_age_seconds", "Since a round of the job ended well, or the process began.", "job"
        )
        self.job_every = self._gauge(
            "job_every_seconds", "The pause between two rounds of the job.", "job"
        )
        self.facts_waiting = self._gauge("facts_waiting", "Facts in the outbox, not yet relayed.")
        self.facts_age = self._gauge(
            "facts_age_seconds", "Age of the oldest fact that is not yet relayed."
        )
        self.wall_seconds = self._histogram(
            "wall_seconds",
            "Time to compute and publish the walls.",
            (),
            Histogram.DEFAULT_BUCKETS,
        )
        self.forgotten_rows = self._counter(
            "forgotten_rows", "Rows that retention removed, by kind.", "kind"
        )

    def _make_engines(self) -> None:
        self.sql_connections = self._gauge(
            "sql_connections", "Connections of the pool, by what they do.", "state"
        )
        self.sql_connections_limit = self._gauge(
            "sql_connections_limit", "Connections that the pool may open."
        )

    def _counter(self, name: str, said: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, said, labels, registry=self.registry)

    def _gauge(self, name: str, said: str, *labels: str) -> Gauge:
        return Gauge(PREFIX + name, said, labels, registry=self.registry)

    def _histogram(
        self, name: str, said: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> Histogram:
        return Histogram(PREFIX + name, said, labels, buckets=buckets, registry=self.registry)

    def text(self) -> bytes:
        """The exposition of every figure; its content type is `METRICS_TYPE`."""
        return generate_latest(self.registry)

    def serve(self, port: int, host: str = "127.0.0.1") -> Callable[[], None]:
        """Serve `/metrics` on a port of its own (0: not at all); returns what stops it.

        Processes of one machine share the setting: each serves at `port` and its `STEPS`, and a
        second of its kind ten numbers higher. A port that cannot be had is logged: figures are
        missed then, and no work.
        """
        if port == 0:
            return _nothing
        at = port + STEPS.get(self.process, 0)
        try:
            had, stop = serve_figures(self.registry, at, host)
        except (OSError, OverflowError) as fault:
            log = structlog.get_logger(self.process)
            log.warning("figures are not served", port=at, fault=str(fault))
            return _nothing
        if had != at:
            structlog.get_logger(self.process).info("figures are served higher", port=had, taken=at)
        return stop


def _nothing() -> None:
    return None
