"""A process serves its figures on a port of its own, when it is told one."""

from __future__ import annotations

import socket
import urllib.request

from app.observe import Metrics


def test_figures_are_served_until_stopped() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    metrics = Metrics("worker")
    metrics.job_failures.labels("walls").inc()
    stop = metrics.serve(port)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            assert b'paceline_job_failures_total{job="walls"} 1.0' in answer.read()
    finally:
        stop()
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0
