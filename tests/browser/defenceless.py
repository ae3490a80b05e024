"""The app with its defences taken out: what an attack does to it shows that the attack is one.

Run as a program; the data folder is that of the environment.
"""

from __future__ import annotations

import sys

from starlette.middleware import Middleware

from coverage.store import Actor
from coverage.web import store_access
from coverage.web.server import headers
from coverage.web.server.app import OPTIONS, app_settings
from coverage.web.server.headers import GuardedPages
from coverage.web.server.serving import listen, run, url_of


def main() -> None:
    """Serve without asking who fetches a file, who presses a button, and from which page a request comes."""
    import streamlit as st

    store_access.acting = lambda: Actor("budi", "editor")  # whoever the page was drawn for, as if captured then
    headers.policy = lambda *_: "img-src *"  # a policy that says nothing of scripts
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
