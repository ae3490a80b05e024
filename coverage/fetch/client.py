"""Asking a server for public data: only the hosts of the source, in bounded time and size, again after a hiccup.

Proxies are those of the environment (``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``). A host that is not named by the
source is never asked, wherever a server sends us on to, and neither is an address of a private network unless the
source says that the server is the office's own: the name is resolved before each request (a proxy resolves by itself).
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import select_proxy

from coverage import __version__
from coverage.base.errors import FileRefusedError, Place, UnavailableError
from coverage.fetch.sources import Source

CONNECT_S, READ_S, WHOLE_S = 10.0, 30.0, 180.0
"""Seconds to wait for a connection, for the next bytes, and for one whole answer."""
TRIES = 4
REDIRECTS = 5
_AGAIN = {408, 429, 500, 502, 503, 504}
_LONGEST_PAUSE = 30.0
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What a server answered: status, headers (any case), and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Client:
    """Asks the server of one source.

    Attributes
    ----------
    source
        Says which hosts may be asked, and how much may be fetched.
    waits
        Seconds to wait for a connection, for the next bytes, and for a whole answer.
    pause
        Sleeps; for tests.
    received
        Bytes received so far; more than the source's ``max_mb`` are refused.
    """

    source: Source
    waits: tuple[float, float, float] = (CONNECT_S, READ_S, WHOLE_S)
    pause: Callable[[float], None] = time.sleep
    received: int = 0
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.headers.update({"user-agent": f"Jangkau/{__version__}", "accept-encoding": "identity"})
        self._session.auth = lambda request: request  # no password of this computer goes out, whatever .netrc holds

    def get(self, url: str, headers: Mapping[str, str] | None = None, limit: int | None = None) -> Answer:
        """Ask for ``url``; again after a break, a time-out or a server that is busy.

        Parameters
        ----------
        url
            On one of the source's hosts.
        headers
            Such as ``Range``.
        limit
            Most bytes of this answer; all that is left of the source's ``max_mb`` if not given.

        Returns
        -------
        Answer
            Of status 200, 206 or 404.

        Raises
        ------
        UnavailableError
            No network, no answer in time, or a server that refuses or sends us elsewhere.
        FileRefusedError
            If more comes than may.
        """
        problem: UnavailableError | None = None
        for attempt in range(TRIES):
            if attempt:
                self.pause(self._pause_before(attempt, problem))
            try:
                return self._followed(url, headers or {}, limit)
            except UnavailableError as error:
                if not error.details.get("again"):
                    raise
                problem = error
        assert problem is not None
        raise problem

    @staticmethod
    def _pause_before(attempt: int, problem: UnavailableError | None) -> float:
        asked = problem.details.get("after") if problem else None
        return min(float(asked), _LONGEST_PAUSE) if asked else 0.5 * 2**attempt

    def _followed(self, url: str, headers: Mapping[str, str], limit: int | None) -> Answer:
        """One try, through at most :data:`REDIRECTS` redirects within the source's hosts."""
        ends = time.monotonic() + self.waits[2]
        for _ in range(REDIRECTS + 1):
            host = self._must_be_allowed(url)
            try:
                with self._session.get(
                    url, headers=dict(headers), timeout=self.waits[:2], stream=True, allow_redirects=False
                ) as response:
                    if response.is_redirect:
                        url = urljoin(url, response.headers["location"])
                        continue
                    if response.status_code not in (200, 206, 404):
                        raise _refused(host, response)
                    return Answer(response.status_code, response.headers, self._body(response, host, ends, limit))
            except requests.Timeout as error:
                raise UnavailableError("fetch.timed_out", Place(value=host), again=True) from error
            except requests.exceptions.ProxyError as error:
                raise UnavailableError("fetch.no_proxy", Place(value=host), again=True) from error
            except requests.exceptions.SSLError as error:
                raise UnavailableError("fetch.not_secure", Place(value=host)) from error
            except requests.ConnectionError as error:
                if "timed out" in str(error):  # while the body came in
                    raise UnavailableError("fetch.timed_out", Place(value=host), again=True) from error
                raise UnavailableError("fetch.no_network", Place(value=host), again=True) from error
            except requests.RequestException as error:
                raise UnavailableError("fetch.broken_off", Place(value=host), again=True) from error
        raise UnavailableError("fetch.too_many_redirects", Place(value=urlsplit(url).hostname))

    def _body(self, response: requests.Response, host: str, ends: float, limit: int | None) -> bytes:
        most = self.source.max_mb * 2**20 - self.received if response.status_code != 404 else _CHUNK
        if limit is not None:
            most = min(most, limit)
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            self.received += len(chunk)
            if len(body) > most:
                raise FileRefusedError("fetch.too_large", Place(value=host), limit_mb=self.source.max_mb)
            if time.monotonic() > ends:
                raise UnavailableError("fetch.timed_out", Place(value=host), again=True)
        told = response.headers.get("content-length")
        if told and told.isdigit() and int(told) != len(body) and "content-encoding" not in response.headers:
            raise UnavailableError("fetch.broken_off", Place(value=host), again=True)
        return bytes(body)

    def _must_be_allowed(self, url: str) -> str:
        """Refuse hosts that the source does not name, and private addresses; the host if neither."""
        parts, first = urlsplit(url), urlsplit(self.source.url)
        host = (parts.hostname or "").lower()
        if (
            host not in self.source.allowed_hosts
            or parts.username
            or (parts.scheme != "https" and parts.scheme != first.scheme)
        ):
            raise UnavailableError("fetch.other_host", Place(value=host or url[:80]))
        if self.source.private or select_proxy(url, _proxies(url)):
            return host
        try:
            found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError as error:
            raise UnavailableError("fetch.no_network", Place(value=host)) from error
        if not all(ipaddress.ip_address(str(entry[4][0]).split("%")[0]).is_global for entry in found):
            raise UnavailableError("fetch.private_address", Place(value=host))
        return host


def _proxies(url: str) -> dict[str, str]:
    found: dict[str, str] = requests.utils.get_environ_proxies(url)
    return found


def _refused(host: str, response: requests.Response) -> UnavailableError:
    """A status that is neither an answer nor "not there"."""
    after = response.headers.get("retry-after", "")
    return UnavailableError(
        "fetch.refused",
        Place(value=host),
        status=response.status_code,
        again=response.status_code in _AGAIN,
        after=float(after) if after.isdigit() else None,
    )


def is_json(answer: Answer) -> bool:
    """Whether the answer says it is JSON; a sign-in page of a network says it is HTML."""
    said = Message()
    said["content-type"] = answer.headers.get("content-type", "")
    return said.get_content_subtype().endswith("json") or said.get_content_type() == "text/plain"
