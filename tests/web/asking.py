"""A browser or program that asks an app without a network."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partialmethod
from typing import Any, ClassVar

import httpx
from starlette.types import ASGIApp

HOST = "https://jangkau.blitarkab.go.id"


class Asking:
    """A browser that has a cookie."""

    app: ClassVar[ASGIApp]

    def __init__(self, cookies: dict[str, str] | None = None) -> None:
        self._cookies = httpx.Cookies(cookies)

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        async def work() -> httpx.Response:
            options: dict[str, Any] = {"base_url": HOST, "headers": {"origin": HOST}, "cookies": self._cookies}
            transport = httpx.ASGITransport(type(self).app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, **options) as client:
                answer = await client.request(method, path, **sent)
                self._cookies = client.cookies
                return answer

        with ThreadPoolExecutor(1) as other:  # an event loop of a browser may run in this thread
            return other.submit(asyncio.run, work()).result()

    get, post, put = partialmethod(ask, "GET"), partialmethod(ask, "POST"), partialmethod(ask, "PUT")
