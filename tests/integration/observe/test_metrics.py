"""A process serves its figures on a port of its own, when it is told one."""

from __future__ import annotations

import socket
import urllib.request
from contextlib import ExitStack
from typing import TYPE_CHECKING

from app.observe import STEPS, Metrics, configure_logging
from realtime.exposition import KIND_STEP

if TYPE_CHECKING:
    import pytest


def free_port() -> int:
    """A port, with those free that processes beside it take, as far as one can tell."""
    while True:
        with ExitStack() as held:
            first = held.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                for step in (1, 2, 3, KIND_STEP):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port + step))
            except (OSError, OverflowError):
                continue
            return port


def read(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        found: bytes = answer.read()
    return found


def test_figures_are_served_until_stopped() -> None:
    port = free_port()
    metrics = Metrics("web")
    metrics.job_failures.labels("walls").inc()
    stop = metrics.serve(port)
    try:
        assert b'paceline_job_failures_total{job="walls"} 1.0' in read(port)
    finally:
        stop()
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0


def test_processes_of_one_machine_share_the_setting() -> None:
    port = free_port()
    with ExitStack() as running:
        for process in STEPS:
            metrics = Metrics(process)
            metrics.job_failures.labels(process).inc()
            running.callback(metrics.serve(port))
        for process, step in STEPS.items():
            assert f'job="{process}"'.encode() in read(port + step)


def test_a_second_process_of_a_kind_serves_ten_higher_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("web")
    port = free_port()
    first, second = Metrics("web"), Metrics("web")
    second.job_failures.labels("second").inc()
    with ExitStack() as running:
        running.callback(first.serve(port))
        running.callback(second.serve(port))
        assert b'job="second"' not in read(port)
        assert b'job="second"' in read(port + KIND_STEP)
    assert f'"port": {port + KIND_STEP}' in capsys.readouterr().err


def test_a_port_that_cannot_be_had_is_logged_and_stops_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")
    Metrics("worker").serve(9_100, "203.0.113.1")()  # no address of this machine
    assert '"port": 9102' in capsys.readouterr().err
