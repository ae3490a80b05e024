"""Who sits at this computer, where no account is set up: whoever has the address with the start token in it.

That a request comes from this computer proves nothing: a web server in front, which may say nothing of whom it passes
on, or another user of the computer comes from there too. So the app opens the browser at ``/mulai?kunci=…``, which
gives the browser a cookie with the token. The token is as secret as the inventory, and lies beside it.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from coverage.store.folder import data_folder
from coverage.web.settings import base_path
from coverage.web.tickets import give_cookie

PATH, _KEY, _FILE = "/mulai", "kunci", "mulai.kunci"


def start_token() -> str:
    """The token of this data folder, made at the first start; of this process only where nothing can be written."""
    return _token(data_folder())


@cache
def _token(folder: Path) -> str:
    file, made = folder / _FILE, secrets.token_urlsafe(32)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
                stream.write(made)
        except FileExistsError:
            with contextlib.suppress(UnicodeDecodeError):
                kept = file.read_text("ascii").strip()
                if len(kept) >= len(made):
                    return kept
            file.write_text(made, "ascii")  # damaged, or cut off while it was written
    return made


def is_start_token(said: str | None) -> bool:
    """Whether this is the token."""
    return said is not None and hmac.compare_digest(said.encode("utf-8", "replace"), start_token().encode())


def start_path() -> str:
    """Path and query of the address that opens the browser."""
    return f"{base_path()}{PATH}?{urlencode({_KEY: start_token()})}"


async def let_in(request: Request) -> Response:
    """Answer ``/mulai``: the cookie for the token, and on to the map."""
    said = request.query_params.get(_KEY)
    answer = RedirectResponse("/", 303, headers={"cache-control": "no-store"})
    if is_start_token(said):
        give_cookie(answer, request, start_token())
    return answer
