"""A server on this computer that answers as the public ones do, and as they should not."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from coverage.fetch import Client, Source

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Served:
    """What the server has, and what it was asked.

    ``files`` are answered whole or in ranges; ``replies`` answer by themselves; ``before`` may answer in their place
    (it returns True then) and is how a test makes a server misbehave.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0
    etag: str = '"a"'
    before: Callable[[BaseHTTPRequestHandler], bool] = lambda handler: False

    def source(self, path: str = "/", **more: Any) -> Source:
        return Source.model_validate(
            {"name": "uji", "title": "Uji", "form": "cog", "url": self.url + path, "private": True, **more}
        )

    def client(self, path: str = "/", **more: Any) -> Client:
        return Client(self.source(path, **more), waits=(2.0, 2.0, 10.0), pause=lambda seconds: None)


def send(
    handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, kind: str = "application/json", **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("content-type", kind)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "content_length" not in headers:
        handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def send_json(handler: BaseHTTPRequestHandler, content: Any) -> None:
    send(handler, json.dumps(content).encode())


@contextmanager
def serving() -> Iterator[Served]:
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            served.asked.append((self.path, self.headers.get("range") or ""))
            try:
                if served.before(self):
                    return
                if path in served.replies:
                    served.replies[path](self)
                elif path in served.files:
                    self.ranged(served.files[path])
                else:
                    send(self, b"not here", 404, "text/plain")
            except (BrokenPipeError, ConnectionResetError):
                return

        def ranged(self, content: bytes) -> None:
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range") or "")
            if not found:
                send(self, content, kind="image/tiff", etag=served.etag)
                return
            begin, end = int(found[1]), min(int(found[2]) + 1, len(content))
            served.sent += end - begin
            send(
                self,
                content[begin:end],
                206,
                "image/tiff",
                etag=served.etag,
                content_range=f"bytes {begin}-{end - 1}/{len(content)}",
            )

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def failing_after(count: int, status: int = 503) -> Callable[[BaseHTTPRequestHandler], bool]:
    """Answers ``count`` requests and refuses all later ones."""
    left = [count]

    def before(handler: BaseHTTPRequestHandler) -> bool:
        left[0] -= 1
        if left[0] >= 0:
            return False
        send(handler, b"busy", status, "text/plain")
        return True

    return before


def failing_first(count: int, status: int = 503) -> Callable[[BaseHTTPRequestHandler], bool]:
    """Refuses ``count`` requests and answers all later ones."""
    left = [count]

    def before(handler: BaseHTTPRequestHandler) -> bool:
        left[0] -= 1
        if left[0] < 0:
            return False
        send(handler, b"busy", status, "text/plain")
        return True

    return before


def sleeping(seconds: float) -> Callable[[BaseHTTPRequestHandler], bool]:
    def before(handler: BaseHTTPRequestHandler) -> bool:
        time.sleep(seconds)
        return False

    return before


class MapService:
    """An ArcGIS layer: counts, pages of at most ``page`` features, its errors in the body of a good answer."""

    def __init__(self, features: list[dict[str, Any]], page: int = 100, inner: bool = False) -> None:
        self.features, self.page, self.inner = features, page, inner
        self.counted: int | None = None
        self.error: dict[str, Any] | None = None
        self.where: list[str] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        self.where.append(asked.get("where", ""))
        if self.error is not None:
            send_json(handler, {"error": self.error})
        elif asked.get("returnCountOnly") == "true":
            send_json(handler, {"count": len(self.features) if self.counted is None else self.counted})
        else:
            begin = int(asked["resultOffset"])
            end = begin + min(self.page, int(asked["resultRecordCount"]))
            more = end < len(self.features)
            page: dict[str, Any] = {"type": "FeatureCollection", "features": self.features[begin:end]}
            if more:
                page |= (
                    {"properties": {"exceededTransferLimit": True}} if self.inner else {"exceededTransferLimit": True}
                )
            send_json(handler, page)
