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
    start_http_server,
)

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import TextIO

STEPS: Final = {"web": 0, "dialer": 1, "worker": 2}  # from the port of the figures, by process
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
        self._make_clockwork()

    def _make_web(self) -> None:
        registry = self.registry
        self.http_seconds = Histogram(
            "paceline_http_seconds",
            "Time to answer a request, by route pattern and status.",
            ("route", "method", "status"),
            buckets=_HTTP_BUCKETS,
            registry=registry,
        )
        self.signins = Counter(
            "paceline_signins", "Attempts to sign in, by result.", ("result",), registry=registry
        )
        self.refusals = Counter(
            "paceline_refusals", "Requests refused, by code.", ("code",), registry=registry
        )
        self.sockets = Gauge("paceline_sockets", "Open sockets of this process.", registry=registry)
        self.socket_closes = Counter(
            "paceline_socket_closes", "Sockets closed, by close code.", ("code",), registry=registry
        )
        self.intents = Counter(
            "paceline_intents",
            "Intents handed to the dialer, by kind.",
            ("kind",),
            registry=registry,
        )
        self.intents_waiting = Gauge(
            "paceline_intents_waiting",
            "Socket news not yet handed to the dialer.",
            registry=registry,
        )

    def _make_calls(self) -> None:
        registry = self.registry
        self.pop_seconds = Histogram(
            "paceline_pop_seconds",
            "From assignment to a painted screen, by campaign.",
            ("campaign",),
            buckets=_POP_BUCKETS,
            registry=registry,
        )
        self.pop_received_seconds = Histogram(
            "paceline_pop_received_seconds",
            "From assignment to the browser's receipt, by campaign.",
            ("campaign",),
            buckets=_POP_BUCKETS,
            registry=registry,
        )
        self.pop_unacknowledged = Counter(
            "paceline_pop_unacknowledged",
            "Screens that nobody acknowledged in time (D6).",
            ("campaign",),
            registry=registry,
        )
        self.screens = Counter(
            "paceline_screens", "Screens, by how they were ready.", ("how",), registry=registry
        )
        self.calls = Counter(
            "paceline_calls", "Calls ended, by cause.", ("campaign", "cause"), registry=registry
        )
        self.lines = Gauge(
            "paceline_lines", "Lines in flight, by campaign.", ("campaign",), registry=registry
        )
        self.refused_dials = Counter(
            "paceline_refused_dials", "Dials refused, by rule.", ("rule",), registry=registry
        )

    def _make_clockwork(self) -> None:
        registry = self.registry
        self.job_seconds = Histogram(
            "paceline_job_seconds", "Time of one round of a job.", ("job",), registry=registry
        )
        self.job_failures = Counter(
            "paceline_job_failures", "Rounds of a job that failed.", ("job",), registry=registry
        )
        self.facts_waiting = Gauge(
            "paceline_facts_waiting", "Facts in the outbox, not yet relayed.", registry=registry
        )
        self.wall_seconds = Histogram(
            "paceline_wall_seconds", "Time to compute and publish the walls.", registry=registry
        )

    def text(self) -> bytes:
        """The exposition of every figure; its content type is `METRICS_TYPE`."""
        return generate_latest(self.registry)

    def serve(self, port: int, host: str = "127.0.0.1") -> Callable[[], None]:
        """Serve `/metrics` on a port of its own (0: not at all); returns what stops it.

        Processes of one machine share the setting: each serves at `port` and its `STEPS`. A port
        that cannot be had is logged: figures are missed then, and no work.
        """
        if port == 0:
            return _nothing
        at = port + STEPS.get(self.process, 0)
        try:
            server, thread = start_http_server(at, addr=host, registry=self.registry)
        except (OSError, OverflowError) as fault:
            log = structlog.get_logger(self.process)
            log.warning("figures are not served", port=at, fault=str(fault))
            return _nothing

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop


def _nothing() -> None:
    return None
