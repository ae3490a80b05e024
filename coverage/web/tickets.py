"""Signing in and out: the cookie by which a browser is known again, and who an outside service says somebody is.

A page of Streamlit's talks over a web socket and can set no cookie. So whoever signed in is given a ticket on the page;
``page.js`` hands it in at ``/sesi`` at once, gets the cookie for it, and loads the page anew. The cookie holds nothing
but the token of a session that the store keeps (256 random bits, in the store as a hash): there is nothing in it to be
forged, so nothing to sign, and a session that the store ended is worth nothing wherever its cookie is.
"""

from __future__ import annotations

import datetime as dt
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
"""Seconds within which a ticket is to be handed in."""
PATH = "/sesi"
_LONGEST_TICKET = 200


class Tickets:
    """Tokens waiting for their browser: each is given out once, to whoever holds its ticket."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._waiting: dict[str, tuple[str, float]] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def issue(self, token: str) -> str:
        """Return a ticket for ``token``."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._waiting[ticket] = (token, self._clock() + TICKET_S)
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """Return the token that ``ticket`` stands for, once and within its time; else None."""
        with self._lock:
            now = self._clock()
            self._waiting = {name: held for name, held in self._waiting.items() if held[1] > now}
            held = self._waiting.pop(ticket, None)
        return held[0] if held else None


TICKETS = Tickets()


async def session_cookie(request: Request) -> Response:
    """Answer ``/sesi``: POST gives the cookie for a ticket, DELETE takes the cookie away.

    Only a page of this very address is listened to: another site could otherwise sign a visitor in under a name that is
    not theirs, and read what they enter.
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
    """Have the browser keep a token, out of reach for scripts and other sites."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _from_our_page(request: Request) -> bool:
    """Whether a request was made by a page of this address, as the browser tells (``Origin``)."""
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host", "")


def outside_name(said: Mapping[str, Any], now: float | None = None) -> str | None:
    """The account name of somebody whom an outside service (OIDC) vouches for: their e-mail address.

    Parameters
    ----------
    said
        The claims, as Streamlit's ``st.user`` gives them.
    now
        Seconds since 1970; the present if left out.

    Returns
    -------
    str or None
        None where nobody is signed in there, the service says that the address is not verified, or the sign-in there
        is older than a session of ours may get (:data:`~coverage.store.accounts.LIFETIME`).
    """
    if said.get("is_logged_in") is not True or said.get("email_verified") is False:
        return None
    name, issued = said.get("email"), said.get("iat")
    if not isinstance(name, str) or not name.strip() or not isinstance(issued, int | float):
        return None
    if (time.time() if now is None else now) - issued > dt.timedelta(days=LIFETIME.days).total_seconds():
        return None
    return name
