"""A remote file read by range requests; pieces are cached on disk, so that a retry resumes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
from pathlib import Path

from coverage.base.errors import FileRefusedError, JangkauError, Place, UnavailableError
from coverage.fetch.client import Answer, Client
from coverage.store.replacing import put_in_place

BLOCK = 256 * 1024
MOST_BLOCKS = 16
"""Blocks per request."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)\Z")


class NotThereError(Exception):
    """The server has no such file (404)."""


class RangedFile(io.RawIOBase):
    """A remote file, read by HTTP range requests.

    Parameters
    ----------
    cache : folder for pieces; those of an earlier version of the file are deleted

    Attributes
    ----------
    error : error during a read by GDAL, which passes on none but its own

    Raises
    ------
    NotThereError
        If the server has no such file.
    UnavailableError
        See :meth:`coverage.fetch.client.Client.get`.
    FileRefusedError
        If the server does not support ranges, or sends another one.
    """

    def __init__(self, client: Client, url: str, cache: Path) -> None:
        super().__init__()
        self.error: JangkauError | None = None
        self._client, self._url, self._at = client, url, 0
        self._folder = cache / hashlib.sha256(url.encode()).hexdigest()[:24]
        first = self._ask(0, BLOCK)
        self.size, self.etag = self._told(first, 0, BLOCK)
        self._begin()
        self._keep(0, first.body)

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Position of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte."""
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence])
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes; fewer, and :attr:`error` set, where the server fails."""
        ends = self.size if size < 0 else min(self.size, self._at + size)
        if ends <= self._at or self.error is not None:
            return b""
        try:
            content = self._bytes(self._at, ends)
        except JangkauError as error:
            self.error = error
            return b""
        self._at = ends
        return content

    def forget(self) -> None:
        """Delete the cached pieces."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _bytes(self, begin: int, end: int) -> bytes:
        first, last = begin // BLOCK, (end - 1) // BLOCK
        parts, block = [], first
        while block <= last:
            if self._piece(block).exists():
                parts.append(self._piece(block).read_bytes())
                block += 1
                continue
            until = block
            while until < min(last, block + MOST_BLOCKS - 1) and not self._piece(until + 1).exists():
                until += 1
            parts.append(self._fetch(block, until))
            block = until + 1
        return b"".join(parts)[begin - first * BLOCK : end - first * BLOCK]

    def _fetch(self, first: int, last: int) -> bytes:
        begin, end = first * BLOCK, min((last + 1) * BLOCK, self.size)
        answer = self._ask(begin, end)
        if self._told(answer, begin, end) != (self.size, self.etag):
            self.forget()
            raise UnavailableError("fetch.changed_meanwhile", Place(value=self._url))
        for block in range(first, last + 1):
            self._keep(block, answer.body[(block - first) * BLOCK : (block - first + 1) * BLOCK])
        return answer.body

    def _ask(self, begin: int, end: int) -> Answer:
        answer = self._client.get(self._url, {"range": f"bytes={begin}-{end - 1}"}, limit=end - begin + 4096)
        if answer.status == 404:
            raise NotThereError(self._url)
        return answer

    def _told(self, answer: Answer, begin: int, end: int) -> tuple[int, str]:
        """Size and version of the file, after checking the range."""
        found = _RANGE.match(answer.headers.get("content-range", ""))
        if answer.status != 206 or not found:
            raise FileRefusedError("fetch.no_ranges", Place(value=self._url))
        first, last, size = map(int, found.groups())
        if first != begin or last != min(end, size) - 1 or len(answer.body) != last - first + 1:
            raise FileRefusedError("fetch.wrong_piece", Place(value=self._url))
        return size, answer.headers.get("etag") or answer.headers.get("last-modified") or ""

    def _begin(self) -> None:
        """Keep pieces of an earlier try if of the same version."""
        note = self._folder / "file.json"
        now = {"size": self.size, "etag": self.etag, "block": BLOCK}
        try:
            same = json.loads(note.read_text("utf-8")) == now and bool(self.etag)
        except (OSError, ValueError):
            same = False
        if not same:
            self.forget()
            self._folder.mkdir(parents=True, exist_ok=True)
            note.write_text(json.dumps(now), "utf-8")

    def _piece(self, block: int) -> Path:
        return self._folder / f"{block:08d}"

    def _keep(self, block: int, content: bytes) -> None:
        making = self._folder / f".{block:08d}"
        making.write_bytes(content)
        put_in_place(making, self._piece(block))
