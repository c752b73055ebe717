"""Runs an ASGI application under uvicorn with the limits that our sockets need.

uvicorn's own command cannot name a WebSocket class of ours, nor raise the limit of open files. Started as
`python -m app.launch.serve MODULE:FACTORY [PROCESSES]`; the address comes from the environment. Several
processes share one listening socket: uvicorn's supervisor replaces one that dies, and on SIGHUP each by a
new one, which is ready before the old one drains.
"""

from __future__ import annotations

import os
import signal
import sys

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.launch.children import tied_to
from app.launch.engines import raise_open_file_limit
from app.settings import drain_seconds

BACKLOG = 4096  # a floor that reconnects all at once queues here, within net.core.somaxconn
LARGEST_FRAME_BYTES = 64 * 1024
PING_SECONDS = 25.0  # keeps proxies open; our own beat finds the dead (D5)
PING_TIMEOUT_SECONDS = 60.0
WORKER_SECONDS = 20  # for one of several to start or to answer; 5 are too few at a high load
SPARE_SECONDS = 2  # beyond the drain, for requests under way; then uvicorn ends what is left
PAGES, SOCKETS = "realtime.transport:DirectHandshake", "realtime.transport:DirectProtocol"


def configuration(application: str, processes: int = 1) -> uvicorn.Config:
    """Everything that uvicorn is told. Addresses are logged nowhere: URLs may hold ids."""
    return uvicorn.Config(
        application,
        factory=True,
        workers=processes,
        host=os.environ.get("PACELINE_HOST") or "127.0.0.1",
        port=int(os.environ.get("PACELINE_PORT") or 8000),
        loop="uvloop",
        http=PAGES,
        ws=SOCKETS,
        ws_max_size=LARGEST_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_TIMEOUT_SECONDS,
        backlog=BACKLOG,
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_worker_healthcheck=WORKER_SECONDS,
        timeout_graceful_shutdown=drain_seconds(os.environ) + SPARE_SECONDS,
    )


def serve(application: str, processes: int) -> None:
    """Serve until told to end."""
    raise_open_file_limit()
    config = configuration(application, processes)
    if processes == 1:
        uvicorn.Server(config).run()
    else:
        Multiprocess(config, [config.bind_socket()]).run()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)  # noqa: PLR2004 - our own two words
elif __name__ == "__mp_main__":  # one of several: it does not outlive the supervisor
    tied_to(os.getppid(), signal.SIGTERM)()
