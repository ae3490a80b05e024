"""Uploads come in no faster than pages can be answered between their parts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from coverage.web import store_access
from coverage.web.server import file_guard

PART = b"x" * 65_536


async def handed_in(parts: int) -> int:
    """Hand in a file in parts; gives how many bytes arrived."""
    left, arrived = [PART] * parts, 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def send(_: Any) -> None:
        """Nothing is answered here."""

    async def app(_: Any, receive: Any, __: Any) -> None:
        nonlocal arrived
        more = True
        while more:
            message = await receive()
            arrived, more = arrived + len(message["body"]), message["more_body"]

    headers = [(b"content-length", str(len(PART) * parts).encode())]
    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/visit/file", "headers": headers}
    await file_guard.GuardedFiles(app)(scope, receive, send)
    return arrived


@pytest.mark.parametrize("uploads", [1, 20])
def test_all_uploads_together_keep_to_one_pace(monkeypatch: pytest.MonkeyPatch, uploads: int) -> None:
    held: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        held.append(seconds)
        await sleep(0)

    monkeypatch.setattr(store_access, "sees_cameras", lambda _: True)
    monkeypatch.setattr(file_guard.asyncio, "sleep", noted)

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(handed_in(8) for _ in range(uploads)))

    assert asyncio.run(all_at_once()) == [8 * len(PART)] * uploads
    assert len(held) == 8 * uploads
    alone = len(PART) / file_guard.PACE
    # Each part waits for as many as are under way: first and last ones may be alone.
    assert uploads / 2 * alone <= max(held) <= uploads * alone * (1 + 1e-9)
    assert min(held) >= alone * (1 - 1e-9)
    assert file_guard._under_way == []
