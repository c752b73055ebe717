"""What people use today, for bench-sockets: nchan (nginx, in C), socket.io (Node) and Channels (Django).

Each is fetched once by its ordinary client (apt, npm, pip) into a folder of the bench, never into the
machine or our environment, and runs as its documentation advises: one process, deflate off, no access log.
Who cannot be fetched is told as absent.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack

from loadtests.bench_sockets_peers import FEW, Greeting, NotHere, Peer, RedisFed, free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

FETCH_SECONDS = 300.0
SHELF = Path(".paceline/bench/peers").resolve()  # what was fetched stays there
DEBIAN = ("nginx", "libnginx-mod-nchan")
NODE = ("socket.io@4.8.4", "@socket.io/redis-adapter@8.3.0", "redis@5")
DJANGO = (
    "channels==4.3.2",
    "channels_redis==4.3.0",
    "uvicorn",
    "websockets",
    "uvloop",
    "httptools",
)

NGINX = """
load_module {module};
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000; nchan_shared_memory_size 256M;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  client_body_buffer_size 64k; client_max_body_size 1m;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /sub {{
      nchan_subscriber websocket; nchan_subscriber_first_message newest;
      nchan_channel_id $arg_id; nchan_channel_id_split_delimiter ",";
    }}
    location = /pub {{
      nchan_publisher http; nchan_channel_id $arg_id;
      nchan_message_buffer_length 50; nchan_message_timeout 1m;
    }}
  }}
}}
"""

# Debian's nginx with nchan insists on a folder of its own there: it sees one, the machine does not.
ITS_FOLDER = "mount -t tmpfs none /var/lib && mkdir /var/lib/nginx"

SOCKET_IO = """
const { createServer } = require("http"), { Server } = require("socket.io");
const { createAdapter } = require("@socket.io/redis-adapter"), { createClient } = require("redis");
const [port, path, few] = process.argv.slice(2);
(async () => {
  const pub = createClient({ socket: { path } }), sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  const http = createServer(), io = new Server(http, { perMessageDeflate: false });
  io.adapter(createAdapter(pub, sub));
  io.on("connection", (socket) => {
    const number = socket.handshake.query.n;
    socket.join([number, "all"]);
    if (Number(number) < Number(few)) socket.join("few");
  });
  http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
})();
"""

CHANNELS = """
import os
from urllib.parse import parse_qs
from django.conf import settings
settings.configure(CHANNEL_LAYERS={"default": {
    "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
    "CONFIG": {"hosts": ["unix://" + os.environ["ENGINE"]]}}})
import django
django.setup()
from channels.generic.websocket import AsyncWebsocketConsumer

class Desk(AsyncWebsocketConsumer):
    async def connect(self):
        number = parse_qs(self.scope["query_string"].decode())["n"][0]
        self.mine = [number, "all"] + (["few"] if int(number) < int(os.environ["FEW"]) else [])
        for group in self.mine:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        for group in self.mine:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def told(self, event):
        await self.send(text_data=event["text"])

application = Desk.as_asgi()
"""


class Nchan(Peer):
    """nchan in nginx with its own memory: a POST for each message."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def open(self) -> None:
        """Fetch and run nginx with the module."""
        root = SHELF / "nginx"
        module = root / "usr/lib/nginx/modules/ngx_nchan_module.so"
        if not module.exists():
            fetch("nchan", ["apt-get", "download", *DEBIAN], root)
            for package in root.glob("*.deb"):
                fetch("nchan", ["dpkg", "-x", str(package), str(root)], root)
        port = free_port()
        settings = self.folder / "nginx.conf"
        settings.write_text(NGINX.format(module=module, folder=self.folder, port=port))
        nginx = f"{root}/usr/sbin/nginx -p {self.folder} -c {settings}"
        self._start(["unshare", "--mount", "sh", "-c", f"{ITS_FOLDER} && exec {nginx}"], port, {})
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)

    def greeting(self, sockets: int) -> Greeting:
        """The channels in the address."""
        return Greeting([f"/sub?id={','.join(_places(n))} - -" for n in range(sockets)])

    async def publish(self, messages: Sequence[tuple[int, str]]) -> None:
        """POSTs, one behind the other on one connection."""
        await self._post([(f"n{number}", payload) for number, payload in messages])

    async def broadcast(self, few: bool, payload: str) -> None:  # noqa: FBT001 -- see Peer
        """One POST."""
        await self._post([("few" if few else "all", payload)])

    async def close(self) -> None:
        """End it, and our connection."""
        self.writer.close()
        await super().close()

    async def _post(self, messages: Sequence[tuple[str, str]]) -> None:
        for channel, payload in messages:
            head = (
                f"POST /pub?id={channel} HTTP/1.1\r\nHost: here\r\nContent-Length: {len(payload)}"
            )
            self.writer.write(f"{head}\r\n\r\n{payload}".encode())
        for _ in messages:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
            await self.reader.readexactly(int(head.partition("content-length: ")[2].split()[0]))


class SocketIo(RedisFed):
    """socket.io with its Redis adapter, published to as its emitter does."""

    async def serve(self) -> None:
        """Fetch and run it under Node."""
        home = SHELF / "socketio"
        if not (home / "node_modules/socket.io").exists():
            words = ["npm", "install", "--silent", "--no-audit", "--no-fund", *NODE]
            fetch("socket.io", words, home)
        (home / "server.js").write_text(SOCKET_IO)
        port = free_port()
        words = ["node", str(home / "server.js"), str(port), str(self.engine.socket), str(FEW)]
        self._start(words, port, {})

    def greeting(self, sockets: int) -> Greeting:
        """Its handshake; whole once the server has connected the namespace."""
        path = "/socket.io/?EIO=4&transport=websocket&n="
        return Greeting([f"{path}{n} {b'40'.hex()} -" for n in range(sockets)], "40{", 1)

    def packet(self, place: str, payload: str) -> tuple[str, bytes]:
        """A packet for a room."""
        packet = {"type": 2, "data": ["m", payload], "nsp": "/"}
        flags = {"rooms": [place], "except": [], "flags": {}}
        return f"socket.io#/#{place}#", msgpack.packb(["bench", packet, flags])


class Channels(RedisFed):
    """Django Channels with the newer of its Redis layers, under uvicorn; published to as group_send does."""

    async def serve(self) -> None:
        """Fetch and run it in an environment of its own."""
        home = SHELF / "channels"
        program = home / "bin/python"
        if not (home / "bin/uvicorn").exists():
            fetch("Channels", [sys.executable, "-m", "venv", str(home)], SHELF)
            fetch("Channels", [str(program), "-m", "pip", "install", "-q", *DJANGO], home)
        (home / "desk.py").write_text(CHANNELS)
        port = free_port()
        words = [str(program), "-m", "uvicorn", "desk:application", "--app-dir", str(home)]
        words += ["--port", str(port), "--backlog", "4096", "--no-access-log"]
        words += ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]
        words += ["--log-level", "critical", "--lifespan", "off"]
        self._start(words, port, {"ENGINE": str(self.engine.socket), "FEW": str(FEW)})

    def greeting(self, sockets: int) -> Greeting:
        """Accepted means that the groups are joined."""
        return Greeting([f"/?n={number} - -" for number in range(sockets)])

    def packet(self, place: str, payload: str) -> tuple[str, bytes]:
        """An event for a group."""
        return f"asgi__group__{place}", msgpack.packb({"type": "told", "text": payload})


def fetch(name: str, words: Sequence[str], folder: Path) -> None:
    """Run a package client in a folder. Raises `NotHere` with what it said."""
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which(words[0]) is None:
        raise NotHere(f"{words[0]} is not on this machine.")
    try:
        subprocess.run(  # noqa: S603 -- a package client with words of ours
            words, cwd=folder, check=True, capture_output=True, text=True, timeout=FETCH_SECONDS
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines()
        raise NotHere(f"{name} cannot be fetched: {said[-1] if said else words[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise NotHere(f"{name} cannot be fetched within {FETCH_SECONDS:.0f} s.") from error


def _places(number: int) -> list[str]:
    """The channels of one socket."""
    return [f"n{number}", "all", *(["few"] if number < FEW else [])]
