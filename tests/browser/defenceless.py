"""The app with its defences taken out: what an attack does to it shows that the attack is one.

Run as a program; the data folder is that of the environment.
"""

from __future__ import annotations

import os
import sys

import sqlalchemy as sa
import uvicorn
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from coverage.base import log
from coverage.store import Actor
from coverage.store.accounts import Accounts, token_hash
from coverage.web import store_access
from coverage.web.server import headers, mounts
from coverage.web.server.app import OPTIONS, app_settings
from coverage.web.server.headers import GuardedPages
from coverage.web.server.serving import listen, run, url_of

_begin = Accounts.begin_session


def _keep_session(accounts: Accounts, name: str, old_token: str | None = None) -> str:
    """Make the cookie that the browser came with the session."""
    token = _begin(accounts, name)
    if not old_token:
        return token
    hashes = {"new": token_hash(token), "old": token_hash(old_token)}
    with accounts._database.transaction() as (connection, _):
        connection.execute(sa.text("UPDATE sessions SET token_hash = :old WHERE token_hash = :new"), hashes)
    return old_token


def _anywhere(files: StaticFiles, path: str) -> tuple[str, os.stat_result]:
    """Find a file by putting the path after the folder."""
    found = os.path.join(str(files.directory), path)
    return found, os.stat(found)


def main() -> None:
    """Serve without asking who fetches a file, who presses a button, and from which page a request comes."""
    import streamlit as st
    from streamlit.web.server.starlette import starlette_path_security_middleware as paths

    store_access.acting = lambda: Actor("budi", "editor")  # whoever the page was drawn for, as if captured then
    Accounts.begin_session = _keep_session  # type: ignore[method-assign]
    headers.policy = lambda *_: "img-src *"  # a policy that says nothing of scripts
    log.configure("info")
    log._without_words = lambda record: record.getMessage()  # whatever a library says
    log.masked = str
    configured = uvicorn.Config
    uvicorn.Config = lambda app, **given: configured(app, **{**given, "access_log": True, "log_level": "info"})  # type: ignore[assignment,misc]
    paths.is_unsafe_path_pattern = lambda _: False  # Streamlit's own look at them
    mounts._Files.lookup_path = _anywhere  # type: ignore[method-assign,assignment]
    options = {
        **OPTIONS,
        "server.headless": True,
        "server.enableXsrfProtection": False,
        "server.enableCORS": False,
        "server.maxUploadSize": 5000,
        "client.showErrorDetails": "full",
    }
    listening = listen(0)
    sys.stdout.write(f"{url_of(listening)}\n")
    run(st.App(**{**app_settings(), "middleware": [Middleware(GuardedPages)]}), listening, options)


if __name__ == "__main__":
    main()
