"""Serves a process's figures to Prometheus on a port of their own, beside other processes of its kind."""

import errno
from collections.abc import Callable

from prometheus_client import CollectorRegistry, start_http_server

KIND_STEP = 10  # each further process of one kind on this machine serves that much higher
MOST_OF_A_KIND = 64


def serve_figures(
    registry: CollectorRegistry, port: int, host: str
) -> tuple[int, Callable[[], None]]:
    """Serve `/metrics` at the first free of `port`, `port + KIND_STEP`, ...; return which, and what stops it.

    Raises OSError when none can be had.
    """
    last = port + KIND_STEP * (MOST_OF_A_KIND - 1)
    for at in range(port, last + 1, KIND_STEP):
        try:
            server, thread = start_http_server(at, addr=host, registry=registry)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and at < last:
                continue
            raise
        break

    def stop() -> None:
        """Close the port."""
        server.shutdown()
        server.server_close()
        thread.join()

    return at, stop
