"""What operators are handed to stand in front and around: nginx as Debian has it, and manifests for Kubernetes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import yaml
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from app.launch.programs import MODULES
from app.launch.serve import SPARE_SECONDS
from app.settings import load
from realtime.client import Client, Welcomed
from tests.support.clock import SetClock
from tests.support.house import House, free_port
from tests.support.people import an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.db import Database

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
SITE = (DEPLOY / "nginx" / "paceline.conf").read_text(encoding="utf-8")
MAIN = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
MANIFESTS: list[dict[str, Any]] = list(
    yaml.safe_load_all((DEPLOY / "kubernetes" / "paceline.yaml").read_text(encoding="utf-8"))
)
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed on this machine")


def of_kind(kind: str) -> list[dict[str, Any]]:
    """The manifests of a kind."""
    return [each for each in MANIFESTS if each["kind"] == kind]


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    """The only one of a deployment."""
    (found,) = deployment["spec"]["template"]["spec"]["containers"]
    told: dict[str, Any] = found
    return told


# --- Kubernetes ---


def test_every_process_is_deployed_by_the_command_that_runs_it() -> None:
    names = {each["metadata"]["name"]: container(each) for each in of_kind("Deployment")}
    assert set(names) == {"web", "hub", "dialer", "worker"}
    for name, found in names.items():
        assert found["args"] == ["paceline", name]
        assert name in MODULES
        assert ":latest" not in found["image"]


def test_settings_of_the_manifests_are_ones_that_are_read() -> None:
    (plain,), (secret,) = of_kind("ConfigMap"), of_kind("Secret")
    environ = {**plain["data"], **secret["stringData"], "PACELINE_SECRET": "5a" * 32}
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in environ if f"`{name}`" not in page] == []
    settings = load(environ)
    assert settings.host == "0.0.0.0"
    assert settings.metrics_port == 9100


def test_ports_and_probes_are_those_that_the_processes_have() -> None:
    plain = of_kind("ConfigMap")[0]["data"]
    first = int(plain["PACELINE_METRICS_PORT"])
    for step, name in enumerate(("web", "dialer", "worker", "hub")):
        (deployment,) = (d for d in of_kind("Deployment") if d["metadata"]["name"] == name)
        found = container(deployment)
        ports = {port["name"]: port["containerPort"] for port in found["ports"]}
        assert ports["metrics"] == first + step
        assert found["livenessProbe"]["httpGet"]["port"] in ports
        if name in {"web", "hub"}:
            assert ports["http"] == int(plain["PACELINE_PORT"])
            assert found["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert found["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_a_pod_is_given_the_time_to_drain_that_it_takes() -> None:
    drain = int(of_kind("ConfigMap")[0]["data"]["PACELINE_DRAIN_SECONDS"])
    for each in of_kind("Deployment"):
        stop = (
            container(each).get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command")
        )
        before = int(stop[1]) if stop else 0
        grace = each["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        assert grace >= before + drain + SPARE_SECONDS + 5, each["metadata"]["name"]


def test_budgets_and_services_mean_pods_that_there_are() -> None:
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in of_kind("Deployment")]
    chosen = [each["spec"]["selector"]["matchLabels"] for each in of_kind("PodDisruptionBudget")]
    assert sorted(map(str, chosen)) == sorted(map(str, labels))
    for deployment in of_kind("Deployment"):
        assert deployment["spec"]["replicas"] > 1  # a budget of one would hold every eviction up
    for service in of_kind("Service"):
        assert service["spec"]["selector"] in labels


def test_sockets_and_pages_go_to_services_that_there_are() -> None:
    (ingress,) = of_kind("Ingress")
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    services = {each["metadata"]["name"] for each in of_kind("Service")}
    assert {each["path"]: each["backend"]["service"]["name"] in services for each in paths} == {
        "/ws": True, "/": True,
    }  # fmt: skip


# --- nginx ---


@pytest.fixture(scope="module")
def house(
    database_url: str, redis_url: str, organised: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    port = free_port()
    origin = {"PACELINE_ORIGINS": f"https://desk.bank.example,https://127.0.0.1:{port}"}
    with House(database_url, redis_url, tmp_path_factory.mktemp("behind"), origin) as house:
        house.start("web")
        yield house


@pytest.fixture(scope="module")
async def organised(database: Database) -> None:
    await an_organisation(database, SetClock(seed=9))


@pytest.fixture(scope="module")
def proxy(house: House) -> Iterator[int]:
    """The port of TLS of a real nginx with our configuration, its paths and ports moved."""
    assert NGINX is not None
    folder = house.folder / "nginx"
    folder.mkdir()
    port, plain = free_port(), free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=desk.bank.example", "-days", "2",
         "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (
        SITE.replace("/etc/paceline/tls", str(folder))
        .replace("127.0.0.1:8000", f"127.0.0.1:{house.port}")
        .replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        .replace("listen 80", f"listen 127.0.0.1:{plain}")
    )
    (folder / "paceline.conf").write_text(site)
    (folder / "mime.types").write_text("types { }\n")
    own = (
        MAIN.replace("/etc/nginx/mime.types", str(folder / "mime.types"))
        .replace("/etc/nginx/paceline.conf", str(folder / "paceline.conf"))
        .replace("/run/nginx.pid", str(folder / "pid"))
        .replace("/var/log/nginx/error.log", str(folder / "error.log"))
    )
    temporary = "".join(
        f"    {name}_temp_path {folder / name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(own.replace("http {\n", "http {\n" + temporary, 1))
    command = [
        NGINX,
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        str(folder / "error.log"),
    ]
    checked = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    with subprocess.Popen([*command, "-g", "daemon off;"]) as running:
        yield port
        running.terminate()


@pytest.fixture
async def visitor(proxy: int) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=f"https://127.0.0.1:{proxy}", verify=False, headers={"Host": "desk.bank.example"}
    ) as client:
        for _ in range(100):
            try:
                await client.get("/login")
            except httpx2.TransportError:
                await asyncio.sleep(0.1)
            else:
                break
        yield client


@needs_nginx
async def test_pages_come_over_tls_and_their_cookies_are_for_tls_only(
    visitor: httpx2.AsyncClient,
) -> None:
    visitor.cookies.clear()
    answer = await visitor.get("/login")
    assert answer.status_code == 200
    assert "Strict-Transport-Security" in answer.headers
    assert "secure" in answer.headers["Set-Cookie"].lower()


@needs_nginx
async def test_figures_and_health_are_not_passed_on(visitor: httpx2.AsyncClient) -> None:
    for path in ("/metrics", "/healthz", "/readyz"):
        assert (await visitor.get(path)).status_code == 404


@needs_nginx
async def test_a_socket_is_opened_through_it_and_beats(
    house: House, proxy: int, visitor: httpx2.AsyncClient
) -> None:
    done = await asyncio.to_thread(house.paceline, "loadtest", "prepare", "--viewers", "1")
    session = json.loads(done.stdout)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    client = Client(session["ticket"])
    async with connect(
        f"wss://desk.bank.example:{proxy}/ws", host="127.0.0.1", port=proxy, ssl=trusting,
        origin=Origin("https://desk.bank.example"), compression=None,
    ) as socket:  # fmt: skip
        await socket.send(client.connected(0))
        heard: list[object] = []
        async with asyncio.timeout(30):
            while not any(isinstance(event, Welcomed) for event in heard):
                data = await socket.recv()
                assert isinstance(data, bytes)
                heard += client.receive(data, 0)
            while not client.outbox:  # a beat asks for a pong
                data = await socket.recv()
                assert isinstance(data, bytes)
                client.receive(data, 0)
    with pytest.raises(InvalidStatus):
        async with connect(
            f"wss://desk.bank.example:{proxy}/ws", host="127.0.0.1", port=proxy, ssl=trusting,
            origin=Origin("https://elsewhere.example"), compression=None,
        ):  # fmt: skip
            pass


def test_the_proxy_waits_longer_than_the_server_is_ever_silent() -> None:
    from app.launch.serve import PING_SECONDS

    (block,) = re.findall(r"location = /ws \{(.*?)\n    \}", SITE, re.DOTALL)
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        seconds = int(re.findall(rf"{name} (\d+)s;", block)[0])
        assert seconds > 2 * PING_SECONDS
