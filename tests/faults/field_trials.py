"""Phones send reports with photos, twice at once, to a server that is killed in the middle, again and again."""

from __future__ import annotations

import hashlib
import http.client
import os
import queue
import random
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from coverage.base.field_report import FieldReport
from coverage.store import Actor, open_store
from coverage.store.photos import photo_file
from coverage.web.server import field as server
from coverage.web.server.serving import listen
from coverage.web.tickets import COOKIE
from tests.faults.trials import _processes, _started
from tests.store.field_reports import a_photo, a_report, picture

_processes.set_forkserver_preload(["tests.faults.trials", __name__])
OFFICE = Actor("kantor", "admin")
PHONES = 3


@dataclass
class Outcome:
    """What came of it: reports made, and what is wrong with what was kept."""

    kills: int = 0
    made: int = 0
    sent: int = 0
    """Requests, of which many were not answered."""
    acknowledged_before_a_kill: int = 0
    lost: int = 0
    doubled: int = 0
    photos_lost: int = 0
    left_over: int = 0
    """Files that belong to no photo."""


@dataclass
class Item:
    """A report on a phone, with its photo."""

    report: FieldReport
    photo: bytes
    kept: set[str] = field(default_factory=set)


def _serve(folder: Path, port: int) -> None:
    """Serve, and look at photos here: a process apart takes seconds, and hardly any kill would come after it."""
    os.environ["JANGKAU_DATA_DIR"] = str(folder)
    server.read_apart = lambda reader, path: reader(path)  # type: ignore[assignment]
    listening = listen(port)
    uvicorn.Server(uvicorn.Config(Starlette(routes=server.routes()), log_level="critical")).run(sockets=[listening])


class Office:
    """A server that can be killed, and its address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with listen(0) as free:
            self.port = free.getsockname()[1]
        store = open_store(str(folder / "jangkau.db"))
        store.accounts.add("budi", "surveyor", "kata sandi yang panjang 2026", OFFICE)
        self.token = store.accounts.begin_session("budi")
        store.close()

    def start(self) -> None:
        self._process = _started(_serve, self.folder, self.port)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.answers("GET", "/lapangan/kata.json"):
                return
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()

    def answers(self, method: str, path: str, body: bytes | None = None) -> bool:
        """Ask; whether the answer is that it was done. Without a server there is a moment's rest."""
        here = f"127.0.0.1:{self.port}"
        connection = http.client.HTTPConnection(here, timeout=10)
        try:
            connection.request(
                method, path, body, {"origin": f"http://{here}", "cookie": f"{COOKIE}_{self.port}={self.token}"}
            )
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
            return False
        finally:
            connection.close()
        return answer.status == 200


def _phone(office: Office, items: queue.Queue[Item], outcome: Outcome, new_names: bool, stop: threading.Event) -> None:
    """Send each report and then its photo, each twice at once, until both are acknowledged."""
    with ThreadPoolExecutor(2) as both:
        while not stop.is_set():
            try:
                item = items.get(timeout=0.05)
            except queue.Empty:
                continue
            for what in ("report", "photo"):
                while what not in item.kept and not stop.is_set():
                    if any(list(both.map(_send, *zip(*[(office, item, what, new_names)] * 2, strict=True)))):
                        item.kept.add(what)
                    outcome.sent += 2


def _send(office: Office, item: Item, what: str, new_names: bool) -> bool:
    report = item.report.model_copy(update={"report_id": str(uuid.uuid4())} if new_names else {})
    if what == "report":
        return office.answers("POST", "/lapangan/laporan", report.model_dump_json().encode())
    address = f"/lapangan/foto/{report.report_id}/{report.photos[0].photo_id}"
    return office.answers("PUT", address, item.photo) or new_names


def kill_trials(folder: Path, kills: int, seed: int = 0, new_names: bool = False) -> Outcome:
    """Kill the server so many times while phones send; then let them finish, and look at what was kept.

    Parameters
    ----------
    new_names
        The defence taken out: a phone that gives a report a new identifier with each try.
    """
    chance, outcome, office = random.Random(seed), Outcome(), Office(folder)
    items: queue.Queue[Item] = queue.Queue()
    made: list[Item] = []
    stop = threading.Event()
    phones = [threading.Thread(target=_phone, args=(office, items, outcome, new_names, stop)) for _ in range(PHONES)]
    for thread in phones:
        thread.start()
    try:
        for _ in range(kills):
            for _ in range(PHONES):
                made.append(_item(len(made)))
                items.put(made[-1])
            office.start()
            time.sleep(chance.random() * 0.6)
            office.kill()
            outcome.kills += 1
            outcome.acknowledged_before_a_kill = sum(len(item.kept) for item in made)
        office.start()
        finishing = time.monotonic() + 60 + kills
        while any(item.kept != {"report", "photo"} for item in made) and time.monotonic() < finishing:
            time.sleep(0.05)
        office.kill()
    finally:
        stop.set()
        for thread in phones:
            thread.join()
    outcome.made = len(made)
    return _looked_at(folder, made, outcome)


def _item(number: int) -> Item:
    photo = picture(grey=number % 250, size=(60 + number // 250, 40))
    return Item(a_report(number, [a_photo(photo, number)], note=f"laporan {number}"), photo)


def _looked_at(folder: Path, made: list[Item], outcome: Outcome) -> Outcome:
    """Hold what is kept against what was made."""
    store = open_store(str(folder / "jangkau.db"))
    table: Any = store.reports.table("3505", OFFICE)
    store.close()
    times = table["note"].value_counts()
    outcome.lost = sum(item.report.note not in times for item in made)
    outcome.doubled = int((times - 1).sum())
    there = {photo["sha256"] for photos in table["photos"] for photo in photos if photo["received_at"]}
    for item in made:
        said = item.report.photos[0].sha256
        file = photo_file("3505", said, folder)
        whole = file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == said
        outcome.photos_lost += said not in there or not whole
    kept = photo_file("3505", "x", folder).parent
    outcome.left_over = sum(file.stem not in there for file in kept.glob("[!.]*.jpg")) if kept.is_dir() else 0
    return outcome
