"""Session cookies, and identities of an OIDC provider.

Streamlit's pages use a web socket and cannot set cookies. So a user who signed in gets a ticket; ``page.js`` exchanges
it at ``/sesi`` for the cookie and reloads. The cookie holds only a session token (256 random bits, hashed in the
store): there is nothing to sign, and an ended session is void wherever its cookie is.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from coverage.store.accounts import LIFETIME

COOKIE = "jangkau_sesi"
TICKET_S = 60
"""Lifetime of a ticket in seconds."""
PATH = "/sesi"
_LONGEST_TICKET = 200
_CLOCK_SLACK_S = 300
"""Seconds by which the clock of an outside service may be ahead of ours."""


class Tickets:
    """One-time tickets for session tokens."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._waiting: dict[str, tuple[str, float]] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def issue(self, token: str) -> str:
        """Issue a ticket for ``token``."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._waiting[ticket] = (token, self._clock() + TICKET_S)
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """Redeem a valid ticket, once; else None."""
        with self._lock:
            now = self._clock()
            self._waiting = {name: held for name, held in self._waiting.items() if held[1] > now}
            held = self._waiting.pop(ticket, None)
        return held[0] if held else None


TICKETS = Tickets()


async def session_cookie(request: Request) -> Response:
    """Endpoint ``/sesi``: POST exchanges a ticket for the cookie, DELETE deletes it.

    Same-origin requests only: another site could otherwise sign a visitor in under a foreign account (login CSRF), and
    read what they enter.
    """
    if not _from_our_page(request):
        return Response(status_code=403)
    if request.method == "DELETE":
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return answer
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_TICKET:
            return Response(status_code=413)
    token = TICKETS.redeem(body.decode("ascii", "replace"))
    if token is None:
        return Response(status_code=403)
    answer = Response(status_code=204, headers={"cache-control": "no-store"})
    give_cookie(answer, request, token)
    return answer


def give_cookie(answer: Response, request: Request, token: str) -> None:
    """Set the cookie (HttpOnly, SameSite)."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _from_our_page(request: Request) -> bool:
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
