"""Sending one large file through nginx and taking it back, while memory is watched."""

from __future__ import annotations

import hashlib
import http.client
import re
import secrets
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from benchmarks.harness.cpu import cpu_seconds, resident_mb
from portal.embedded.errors import ServiceError
from portal.embedded.ports import LOOPBACK
from portal.embedded.processes import Child, pause, wait_ready

BLOCK = 1024**2
_CSRF = "c" * 32
_WARM = 1024**2
_EVERY = 0.2  # seconds between two looks at the memory
_STATE = re.compile(r'data-file="([0-9a-f-]{36})".*?data-state="([a-z]+)"', re.DOTALL)


class Watched(NamedTuple):
    """The processes whose memory is watched, with all that they start."""

    web: int
    worker: Child
    proxy: Child


@dataclass(frozen=True)
class Figures:
    """Seconds, bytes, and megabytes (of a million) of memory by process."""

    size: int
    cut_at: int
    resumed_at: int
    sending: float
    checking: float
    downloading: float
    web_cpu: float
    growth_mb: dict[str, float]
    peak_mb: dict[str, float]
    same: bool


class Line:
    """A person's way to the portal: TLS, a session, one form."""

    def __init__(self, port: int, host: str, certificate: Path, session: str) -> None:
        self._port, self._host = port, host
        self._context = ssl.create_default_context(cafile=str(certificate))
        self._headers = {
            "Cookie": f"__Host-session={session}; __Host-csrf={_CSRF}",
            "X-CSRFToken": _CSRF,
            "Origin": f"https://{host}",
            "Tus-Resumable": "1.0.0",
        }
        self._form = str(uuid4())

    def is_open(self) -> bool:
        """Whether nginx listens."""
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self._port)) == 0

    def create(self, name: str, size: int) -> str:
        """The path of a file to come."""
        pairs = {"filename": name, "formtoken": self._form}
        metadata = ",".join(
            f"{key} {b64encode(text.encode()).decode()}" for key, text in pairs.items()
        )
        more = {"Upload-Length": str(size), "Upload-Metadata": metadata}
        with self._asked("POST", "/fichiers/envois/", more) as answer:
            return _expected(answer, 201).headers["Location"]

    def offset(self, path: str) -> int:
        """How much of it is there."""
        with self._asked("HEAD", path, {}) as answer:
            return int(_expected(answer, 200).headers["Upload-Offset"])

    def send(self, path: str, content: Content, offset: int, *, stop_at: int) -> None:
        """One PATCH from `offset` to the end; cut without a word at `stop_at` if that is before."""
        more = {
            "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset),
            "Content-Length": str(content.size - offset),
        }  # fmt: skip
        with self._connected() as link:
            link.putrequest("PATCH", path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": self._host, **self._headers, **more}.items():
                link.putheader(name, value)
            link.endheaders()
            for chunk in content.blocks(offset, stop_at):
                link.send(chunk)
            if stop_at == content.size:
                _expected(link.getresponse(), 204)

    def states(self) -> dict[str, str]:
        """The files of the form, by what the page says of them."""
        with self._asked("GET", f"/fichiers/formulaire/{self._form}/", {}) as answer:
            return dict(_STATE.findall(_expected(answer, 200).read().decode()))

    def download(self, file: str) -> str:
        """The sha256 of what comes back."""
        digest = hashlib.sha256()
        with self._asked("GET", f"/fichiers/{file}/", {}) as answer:
            while chunk := _expected(answer, 200).read(BLOCK):
                digest.update(chunk)
        return digest.hexdigest()

    @contextmanager
    def _connected(self) -> Iterator[http.client.HTTPConnection]:
        raw = socket.create_connection((LOOPBACK, self._port), timeout=180)
        with self._context.wrap_socket(raw, server_hostname=self._host) as secured:
            link = http.client.HTTPConnection(self._host)
            link.sock = secured
            with closing(link):
                yield link

    @contextmanager
    def _asked(
        self, method: str, path: str, more: dict[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        with self._connected() as link:
            link.request(method, path, headers={**self._headers, **more})
            with link.getresponse() as answer:
                yield answer


class Content:
    """A file that stands nowhere: random blocks, each marked by its number."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._block = secrets.token_bytes(BLOCK - 8)

    def blocks(self, begin: int, end: int) -> Iterator[bytes]:
        """The bytes from `begin` to `end`."""
        for number in range(begin // BLOCK, -(-end // BLOCK)):
            block = number.to_bytes(8, "big") + self._block
            first = number * BLOCK
            yield block[max(begin - first, 0) : min(end - first, BLOCK)]

    def sha256(self) -> str:
        """Of the whole."""
        digest = hashlib.sha256()
        for block in self.blocks(0, self.size):
            digest.update(block)
        return digest.hexdigest()


class Memory:
    """The resident memory of processes, watched by a thread."""

    def __init__(self, roots: dict[str, int]) -> None:
        self._roots = roots
        self.before = {name: resident_mb(pid) for name, pid in roots.items()}
        self.peak = dict(self.before)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, float]:
        """What each grew by at most."""
        self._end.set()
        self._thread.join()
        return {name: self.peak[name] - self.before[name] for name in self._roots}

    def _watch(self) -> None:
        while not self._end.wait(_EVERY):
            for name, pid in self._roots.items():
                self.peak[name] = max(self.peak[name], resident_mb(pid))


def measured(line: Line, size: int, watched: Watched) -> Figures:
    """Warm up with a small file, then send, check and take back the large one."""
    wait_ready(watched.proxy, line.is_open, seconds=30)
    _warm_up(line)
    content = Content(size)
    path = line.create("maquette.rvt", size)
    file = path.rstrip("/").rpartition("/")[2]
    cut_at = size // 2 + 12_345
    memory = Memory({"web": watched.web, "worker": watched.worker.pid, "proxy": watched.proxy.pid})
    began, began_cpu = time.monotonic(), cpu_seconds([watched.web])
    line.send(path, content, 0, stop_at=cut_at)
    resumed_at = _settled(line, path)
    line.send(path, content, resumed_at, stop_at=size)
    sent, web_cpu = time.monotonic(), cpu_seconds([watched.web]) - began_cpu
    _until_available(line, file)
    checked = time.monotonic()
    came_back = line.download(file)
    downloaded = time.monotonic()
    return Figures(
        size=size, cut_at=cut_at, resumed_at=resumed_at, sending=sent - began,
        checking=checked - sent, downloading=downloaded - checked, web_cpu=web_cpu,
        growth_mb=memory.stop(), peak_mb=memory.peak, same=came_back == content.sha256(),
    )  # fmt: skip


def _warm_up(line: Line) -> None:
    small = Content(_WARM)
    path = line.create("petit.rvt", _WARM)
    line.send(path, small, 0, stop_at=_WARM)
    file = path.rstrip("/").rpartition("/")[2]
    _until_available(line, file)
    line.download(file)


def _settled(line: Line, path: str) -> int:
    """Where the upload stands once the server has seen that the line was cut."""
    offset = -1
    while (found := line.offset(path)) != offset:
        offset = found
        time.sleep(0.5)
    return offset


def _until_available(line: Line, file: str) -> None:
    while (state := line.states().get(file)) != "available":
        if state not in {"checking", "arriving"}:
            raise ServiceError(f"the file is {state}")
        pause()
        time.sleep(_EVERY)


def _expected(answer: http.client.HTTPResponse, status: int) -> http.client.HTTPResponse:
    if answer.status != status:
        raise ServiceError(f"status {answer.status}: {answer.read(300)!r}")
    return answer
