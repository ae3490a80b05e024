"""Session and device cookies, and identities of an OIDC provider.

Streamlit's pages use a web socket and cannot set cookies. So a user who signed in gets a ticket; ``page.js`` exchanges
it at ``/sesi`` for the cookie and reloads. The cookie holds only a session token (256 random bits, hashed in the
store): there is nothing to sign, and an ended session is void wherever its cookie is. Beside it, a browser that signed
in gets a device cookie (:mod:`coverage.store.sign_in_attempts`).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from coverage.store.accounts import LIFETIME

COOKIE, DEVICE = "jangkau_sesi", "jangkau_perangkat"
"""Cookies of the session and of the device, as they are called on the ports of HTTP and HTTPS: see :func:`named`."""
DEVICE_S = 365 * 86400
"""Seconds for which a browser is known as a device."""
TICKET_S = 60
"""Lifetime of a ticket in seconds."""
PATH = "/sesi"
_LONGEST_TICKET = 200
_CLOCK_SLACK_S = 300
"""Seconds by which the clock of an outside service may be ahead of ours."""


class Tickets:
    """One-time tickets for session tokens."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._waiting: dict[str, tuple[str, str, float]] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def issue(self, token: str, device: str = "") -> str:
        """Issue a ticket for ``token``, and the value of the device cookie."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._waiting[ticket] = (token, device, self._clock() + TICKET_S)
        return ticket

    def redeem(self, ticket: str) -> tuple[str, str] | None:
        """Redeem a valid ticket, once, for what it was issued for; else None."""
        with self._lock:
            now = self._clock()
            self._waiting = {name: held for name, held in self._waiting.items() if held[2] > now}
            held = self._waiting.pop(ticket, None)
        return held[:2] if held else None


TICKETS = Tickets()


async def session_cookie(request: Request) -> Response:
    """Endpoint ``/sesi``: POST exchanges a ticket for the cookie, DELETE deletes it.

    Same-origin requests only: another site could otherwise sign a visitor in under a foreign account (login CSRF), and
    read what they enter.
    """
    if not from_our_page(request):
        return Response(status_code=403)
    if request.method == "DELETE":
        answer = Response(status_code=204)
        answer.delete_cookie(
            named(COOKIE, request.headers), httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_TICKET:
            return Response(status_code=413)
    held = TICKETS.redeem(body.decode("ascii", "replace"))
    if held is None:
        return Response(status_code=403)
    answer = Response(status_code=204, headers={"cache-control": "no-store"})
    give_cookie(answer, request, held[0])
    if held[1]:
        give_cookie(answer, request, held[1], DEVICE, DEVICE_S)
    return answer


def named(cookie: str, headers: Mapping[str, str]) -> str:
    """Name of a cookie at the port of the ``Host`` that was asked: browsers send cookies to every port of a host."""
    port = headers.get("host", "").rpartition(":")[2]
    return f"{cookie}_{port}" if port.isdecimal() else cookie


def cookie_in(request: HTTPConnection, cookie: str = COOKIE) -> str | None:
    """Value of a cookie of ours that came with a request."""
    return request.cookies.get(named(cookie, request.headers))


def give_cookie(
    answer: Response, request: Request, value: str, cookie: str = COOKIE, age_s: float = LIFETIME.total_seconds()
) -> None:
    """Set a cookie (HttpOnly, SameSite)."""
    answer.set_cookie(
        named(cookie, request.headers),
        value,
        max_age=int(age_s),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def from_our_page(request: Request) -> bool:
    """Whether a request is same-origin, by its ``Origin`` header."""
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host", "")


def outside_name(said: Mapping[str, Any], now: float | None = None) -> str | None:
    """Account name of an OIDC identity: the e-mail address in its claims (``st.user``).

    None if not signed in, not said to be verified (``true``), signed in longer ago than a session lasts
    (:data:`~coverage.store.accounts.LIFETIME`), or ahead of the clock.
    """
    if said.get("is_logged_in") is not True or said.get("email_verified") is not True:
        return None
    name, issued = said.get("email"), said.get("iat")
    if not isinstance(name, str) or not name.strip() or not isinstance(issued, int | float):
        return None
    age_s = (time.time() if now is None else now) - issued
    if isinstance(issued, bool) or not -_CLOCK_SLACK_S <= age_s <= LIFETIME.total_seconds():
        return None
    return name
