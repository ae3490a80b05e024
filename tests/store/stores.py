"""Stores for tests: every test that asks for ``store`` runs on SQLite and on a real PostGIS.

PostGIS is the server that JANGKAU_TEST_DATABASE_URL names (an account that may create databases), else a private
cluster made from the Debian packages, reached through a socket in a temporary folder; else these tests are skipped.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import argon2
import geopandas as gpd
import pytest
import sqlalchemy as sa
from shapely import LineString, Point

from coverage.store import Actor, Store, accounts, open_store

HASHER = accounts._hasher
"""The hasher of passwords as it is in use; tests sign in often, and have one that takes no time."""
VIEWER, EDITOR, ADMIN = Actor("vina", "viewer"), Actor("eko", "editor"), Actor("adi", "admin")
_numbers = itertools.count(1)


class Clock:
    """A clock that goes forward by a second whenever it is looked at, and can be set."""

    def __init__(self, start: str = "2026-03-01T08:00:00+00:00") -> None:
        self.now = dt.datetime.fromisoformat(start)

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now

    def set(self, moment: str) -> None:
        self.now = dt.datetime.fromisoformat(moment)

    def wait(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class Cluster:
    """A PostgreSQL server of our own in a temporary folder."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="jangkau-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", self.data)
        self.start()

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs; not as root, which it refuses."""
        command = [str(self.binaries / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, timeout=120)

    def start(self) -> None:
        settings = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c shared_buffers=64MB -c max_connections=60"
        self.run("pg_ctl", "start", "-w", "-D", self.data, "-l", str(self.folder / "log"), "-o", settings)

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "stop", "-w", "-m", mode, "-D", self.data)

    def remove(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server that Debian's packages installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def administer(url: str, *statements: str) -> None:
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def at_database(url: str, database: str) -> str:
    return sa.make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords with the least that Argon2 takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of our own: who stops it starts it again."""
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed")
    made = Cluster(folder)
    yield made
    made.remove()


def ready_to_be_copied(url: str) -> Iterator[tuple[str, str]]:
    """A server's address and the name of a database on it that has our tables."""
    name = f"jangkau_template_{os.getpid()}"
    administer(url, f"CREATE DATABASE {name}")
    administer(at_database(url, name), "CREATE EXTENSION postgis")
    open_store(at_database(url, name)).close()
    yield url, name
    administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def copy_of(template: tuple[str, str]) -> Iterator[str]:
    """The address of a fresh database with our tables."""
    url, ready = template
    name = f"jangkau_test_{os.getpid()}_{next(_numbers)}"
    administer(url, f"CREATE DATABASE {name} TEMPLATE {ready}")
    yield at_database(url, name)
    administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def cluster_template(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """What is copied where the server itself is to be stopped."""
    yield from ready_to_be_copied(cluster.url)


@pytest.fixture(scope="session")
def postgis_template(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """What is copied where any server will do: that of JANGKAU_TEST_DATABASE_URL, else our own."""
    given = os.environ.get("JANGKAU_TEST_DATABASE_URL")
    if given:
        yield from ready_to_be_copied(given)
    else:
        yield request.getfixturevalue("cluster_template")


@pytest.fixture
def postgis_url(postgis_template: tuple[str, str]) -> Iterator[str]:
    """A fresh PostGIS database with our tables."""
    with copy_of(postgis_template) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store that is ready to be copied."""
    path = tmp_path_factory.mktemp("template") / "jangkau.db"
    open_store(str(path)).close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite store."""
    return str(shutil.copyfile(sqlite_template, tmp_path / "jangkau.db"))


@pytest.fixture(params=["sqlite", "postgis"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh store of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    opened = open_store(url, clock)
    yield opened
    opened.close()


def make_assets(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Assets of which only what matters is said; the rest is a working Wi-Fi point near Blitar."""
    full = [
        {
            "asset_id": f"wifi-{n}",
            "kind": "wifi",
            "status": "operational",
            "name": f"Titik {n}",
            "owner": "Diskominfo",
            "geometry": LineString([(112.1, -8.1), (112.2, -8.15)])
            if row.get("kind") == "fiber_route"
            else Point(112.1 + n / 100, -8.1),
        }
        | row
        for n, row in enumerate(rows, start=1)
    ]
    return gpd.GeoDataFrame(full, crs=4326)


def asked_at(village: str, **more: Any) -> dict[str, Any]:
    """A proposal of which only what matters is said."""
    asked = {"name": "Balai desa", "asked": "small_tower", "channel": "bakti", "year": 2026}
    return {**asked, "village_code_bps": village, **more}


@pytest.fixture
def three(store: Store) -> Store:
    """A store with three assets: a Wi-Fi point, a route and a camera."""
    store.assets.add(
        make_assets(
            {},
            {"asset_id": "rute-1", "kind": "fiber_route", "name": "Rute Kanigoro"},
            {"asset_id": "cctv-1", "kind": "cctv", "name": "Simpang Lima"},
        ),
        EDITOR,
        "awal",
    )
    return store
