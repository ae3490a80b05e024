"""``jangkau serve``: the app in a browser, for this computer; with accounts also for others."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer

from coverage.base.errors import PermissionDeniedError
from coverage.base.installation import require_extra
from coverage.cli.common import LanguageOption, collect_seldom, console, words_of
from coverage.cli.run_options import with_sources
from coverage.run.sources import Sources
from coverage.store import open_store
from coverage.store.accounts import is_this_computer

EPILOG = "Contoh / Example: jangkau serve --region desa.geojson --assets menara.csv"
FIRST_PORT = 8501
TRIES = 50


@with_sources
def serve(
    sources: Sources,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Porta; tanpa ini 8501 atau berikutnya yang bebas. / Port; 8501 or the next free one if not given.",
        ),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            help="Alamat yang didengarkan; selain komputer ini perlu akun (`jangkau users add`). / "
            "Address to listen on; other than this computer needs accounts (`jangkau users add`)."
        ),
    ] = "127.0.0.1",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Jangan buka peramban. / Do not open the browser.")
    ] = False,
    lang: LanguageOption = "id",
) -> None:
    """Buka aplikasi di peramban; tanpa akun hanya di komputer ini. / Open the app in a browser, on this computer."""
    words = words_of(lang)
    require_extra("web", "streamlit", "streamlit_folium", "folium", "altair", "starlette", "uvicorn")
    _must_have_accounts(address)
    os.environ.update(sources.to_environment(), JANGKAU_LANG=lang, JANGKAU_BOUND_TO=address)
    free = free_port(port, address)
    named = f"[{address}]" if ":" in address else address
    console.print(words("web.serve.running", url=f"http://{named}:{free}"))
    _run(free, address, headless=no_browser)
    console.print(words("web.serve.stopped"))


serve.__doc__ = f"{serve.__doc__}\n\n{EPILOG}"


def _must_have_accounts(address: str) -> None:
    """Refuse to listen for other computers where nobody can sign in.

    Raises
    ------
    PermissionDeniedError
        If there is no account.
    """
    if is_this_computer(address):
        return
    store = open_store()
    try:
        if not store.has_accounts():
            raise PermissionDeniedError("store.accounts_first")
    finally:
        store.close()


def free_port(wanted: int | None, address: str = "127.0.0.1") -> int:
    """Return the port asked for, or the first free one from 8501; 0 asks the system for any."""
    candidates = [wanted] if wanted is not None else range(FIRST_PORT, FIRST_PORT + TRIES)
    for candidate in candidates:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            if os.name == "posix":  # elsewhere the option would share the port of a running program
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise typer.BadParameter(str(wanted if wanted is not None else FIRST_PORT), param_hint="--port")


def _run(port: int, address: str, headless: bool) -> None:
    """Run the server until it is stopped."""
    import streamlit as st  # slow to import, and no other command needs it

    from coverage.web.server.app import OPTIONS, app_settings

    collect_seldom()
    options = {**OPTIONS, "server.port": port, "server.address": address, "server.headless": headless}
    st.App(**app_settings()).run(config=options)
