"""``jangkau serve``: the app in a browser, for this computer; with accounts also for others."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import webbrowser
from typing import Annotated

import typer

from coverage.base.errors import JangkauError, ParameterError, PermissionDeniedError
from coverage.base.installation import require_extra
from coverage.cli.common import DEFAULT_WORDS, WordsOption, console, say
from coverage.cli.run_options import with_sources
from coverage.language.words import Words
from coverage.run.sources import Sources
from coverage.store import open_store
from coverage.store.accounts import is_this_computer
from coverage.web import settings
from coverage.web.responsiveness import raise_gc_threshold
from coverage.web.server.serving import FIRST_PORT, listen, run, url_of


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
    base_path: Annotated[
        str,
        typer.Option(
            envvar="JANGKAU_BASE_PATH",
            show_envvar=False,
            help="Jalur di server web kantor, misalnya /jangkau. / Path at the office's web server, as /jangkau.",
        ),
    ] = "",
    processes: Annotated[
        int,
        typer.Option(
            min=1,
            max=32,
            envvar="JANGKAU_PROCESSES",
            show_envvar=False,
            help="Proses aplikasi di balik satu porta, untuk banyak pengunjung sekaligus (Linux dan macOS). / "
            "Processes of the app behind one port, for many visitors at once (Linux and macOS).",
        ),
    ] = 1,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Jangan buka peramban. / Do not open the browser.")
    ] = False,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau serve``.

    Contoh / Example: jangkau serve --region desa.geojson --assets menara.csv
    """
    require_extra("web", "streamlit", "streamlit_folium", "folium", "altair", "starlette", "uvicorn")
    base = _base_path(base_path)
    own = {"JANGKAU_LANG": words.language, "JANGKAU_BOUND_TO": address, "JANGKAU_BASE_PATH": base}
    os.environ.update(sources.to_environment() | own)
    _check_processes(processes, words)
    path = _path(address)
    with _listen(port, address) as listening:
        url = url_of(listening) + path
        console.print(words("web.serve.running", url=url), soft_wrap=True)
        _run(listening, None if no_browser else url, processes)
    say(words("web.serve.stopped"))


def _path(address: str) -> str:
    """The path to open: with the start token while nobody can sign in; others are served with accounts only."""
    from coverage.web.start_token import start_path

    base = settings.base_path()
    try:
        store = open_store()
    except JangkauError:
        if is_this_computer(address):
            return base  # pages say what is the matter with the inventory
        raise
    try:
        if store.accounts.exist():
            return base
    finally:
        store.close()
    if not is_this_computer(address):
        raise PermissionDeniedError("store.accounts_first")
    return start_path()


def _base_path(given: str) -> str:
    """The base path as it is served; wrong usage where it is none."""
    try:
        return settings.base_path({"JANGKAU_BASE_PATH": given})
    except ParameterError:
        raise typer.BadParameter(given, param_hint="--base-path") from None


def _listen(port: int | None, address: str) -> socket.socket:
    """Listen on the port asked for, or the first free one; wrong usage where that cannot be."""
    try:
        return listen(port, address)
    except OSError as error:
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        given, option = (str(port if port is not None else FIRST_PORT), "--port") if taken else (address, "--address")
        raise typer.BadParameter(given, param_hint=option) from None


def _check_processes(processes: int, words: Words) -> None:
    """Refuse several processes where connections cannot be handed to them, or their heads cannot be read."""
    if processes == 1:
        return
    if not hasattr(socket, "send_fds"):
        raise typer.BadParameter(words("web.serve.no_processes"), param_hint="--processes")
    from streamlit import config

    if config.get_option("server.sslCertFile"):
        raise typer.BadParameter(words("web.serve.no_processes_tls"), param_hint="--processes")


def _run(listening: socket.socket, opened: str | None, processes: int) -> None:
    """Run the server until it is stopped."""
    if processes > 1:
        from coverage.web.server.processes import Front

        if opened:
            webbrowser.open(opened)  # answered as soon as a process is there
        asyncio.run(Front(listening, processes).run())
        return
    import streamlit as st  # slow to import, and no other command needs it

    from coverage.web.server.app import OPTIONS, app_settings

    raise_gc_threshold()
    run(st.App(**app_settings()), listening, OPTIONS, opened)
