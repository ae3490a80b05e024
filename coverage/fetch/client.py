"""HTTP client for public data: allowed hosts only, limited time and size, retries.

Proxies are those of the environment (``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``). Only the hosts of the source are
asked, redirects included, and no private address unless the source says that the server is the office's own: names are
resolved before each request (a proxy resolves by itself).
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
"""Timeouts of connection, next bytes, and whole answer."""
TRIES = 4
REDIRECTS = 5
_AGAIN = {408, 429, 500, 502, 503, 504}
_LONGEST_PAUSE = 30.0
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """Status, headers (any case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Client:
    """Client of one source.

    Attributes
    ----------
    source : allowed hosts and volume
    waits : timeouts in seconds: connection, next bytes, whole answer
    received : bytes received; more than the source's ``max_mb`` are refused
    """

    source: Source
    waits: tuple[float, float, float] = (CONNECT_S, READ_S, WHOLE_S)
    pause: Callable[[float], None] = time.sleep
    received: int = 0
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.headers.update({"user-agent": f"Jangkau/{__version__}", "accept-encoding": "identity"})
        self._session.auth = lambda request: request  # ignores .netrc: no password goes out

    def get(self, url: str, headers: Mapping[str, str] | None = None, limit: int | None = None) -> Answer:
        """GET ``url``, retrying after a broken connection, a timeout or a busy server.

        Parameters
        ----------
        url : on one of the source's hosts
        headers : such as ``Range``
        limit : maximum bytes; by default what is left of ``max_mb``

        Returns
        -------
        Answer
            Of status 200, 206 or 404.

        Raises
        ------
        UnavailableError
            No network, a timeout, or a refusal or foreign redirect.
        FileRefusedError
            If the answer is too large.
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
        """One try, with at most :data:`REDIRECTS` redirects within the source's hosts."""
        ends = time.monotonic() + self.waits[2]
        for _ in range(REDIRECTS + 1):
            host = self._require_allowed(url)
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

    def _require_allowed(self, url: str) -> str:
        """Refuse foreign hosts and private addresses; returns the host."""
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
    """Error of an unexpected status."""
    after = response.headers.get("retry-after", "")
    return UnavailableError(
        "fetch.refused",
        Place(value=host),
        status=response.status_code,
        again=response.status_code in _AGAIN,
        after=float(after) if after.isdigit() else None,
    )


def is_json(answer: Answer) -> bool:
    """Whether the answer claims to be JSON; a captive portal sends HTML."""
    said = Message()
    said["content-type"] = answer.headers.get("content-type", "")
    return said.get_content_subtype().endswith("json") or said.get_content_type() == "text/plain"
