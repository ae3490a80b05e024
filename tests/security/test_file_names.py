"""Names of files in headers of answers: whatever a file is called, its name stays one value of one header."""

from __future__ import annotations

import asyncio
from email.message import Message
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.web.server.starlette.starlette_routes import create_media_routes

from coverage.web.server.file_guard import GuardedFiles
from coverage.web.server.headers import GuardedPages

NAMES = (
    'laporan"; filename="x.exe',
    "laporan\r\nSet-Cookie: jangkau_sesi=tanam\r\n\r\n<script>",
    "Désa Sumberagung – \u202egnp.csv",
    'laporan\\".csv',
    "../../etc/passwd",
    "laporan; filename*=utf-8''x.exe",
    "desa\x00.csv",
)
"""Names as a region, a village or a list might have them; no file of ours is named after any so far."""


def told(header: str) -> str | None:
    """The name that a reader of the header takes it for."""
    message = Message()
    message["content-disposition"] = header
    return message.get_filename()


async def answer_of(app: Any, path: str) -> tuple[Headers, bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"x")]}
    await app({**scope, "raw_path": path.encode(), "root_path": "", "scheme": "http"}, receive, send)
    return Headers(raw=sent[0]["headers"]), b"".join(part.get("body", b"") for part in sent[1:])


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_stays_one_value_of_one_header(name: str) -> None:
    files = MemoryMediaFileStorage("/media")
    file_id = files.load_and_get_id(b"isi", "text/csv", MediaFileKind.DOWNLOADABLE, name)
    app = Starlette(
        routes=create_media_routes(files, None), middleware=[Middleware(GuardedPages), Middleware(GuardedFiles)]
    )
    headers, body = asyncio.run(answer_of(app, files.get_url(file_id)))
    assert body == b"isi"
    assert "set-cookie" not in headers
    (header,) = headers.getlist("content-disposition")
    assert header.startswith("attachment; ")
    assert header.isascii()
    assert header.isprintable()
    assert told(header) == name


def test_pasted_into_the_header_as_it_is_a_name_would_be_another_or_end_it() -> None:
    pasted = [f'attachment; filename="{name}"' for name in NAMES]
    assert told(pasted[0]) != NAMES[0]
    assert "\r\nSet-Cookie: " in pasted[1]
