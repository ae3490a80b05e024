"""Runs what ``scripts/deploy`` describes without containers: app, PostGIS and nginx with TLS, together.

``python scripts/try_deploy.py`` takes the values of ``compose.yaml``, the files and commands of the ``Dockerfile`` and the
configuration of nginx as they are, at free ports and in a temporary folder; PostgreSQL with PostGIS, nginx and openssl are
those installed here. ``--install`` installs the package as the image does, from its files alone (minutes, needs pip's
index). Then an administrator is added, and Chromium signs in through TLS, brings in a list, is refused one that nginx does
not take, and sees the database stop and come back; a backup goes into a store of SQLite. Exit status 1 where a step fails.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import OFFICE, PASSWORD, WAIT, Visitor, stop
from tests.browser.test_base_path import AROUND, answers, certificate, site
from tests.browser.test_import_page import confirm, hand_in, sign_in
from tests.browser.test_start_token import NGINX, free_port
from tests.conftest import chromium_path
from tests.store.stores import binaries
from tests.test_deploy import COMPOSE, copied, only, steps, words_of

BASE = "/jangkau"
SECRET = secrets.token_urlsafe(12)
TOWERS = "Nama,Lintang,Bujur\nMenara Satu,-8.09,112.2\nMenara Dua,-8.15,112.3\n"


class Database:
    """Service ``db``: a cluster as the image of PostgreSQL makes it, with the user and database that compose names."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port, self.values = folder, port, COMPOSE["db"]["environment"]
        folder.mkdir()
        (folder / "secret").write_text(SECRET)
        shutil.chown(folder, "postgres", "postgres")
        user = f"--username={self.values['POSTGRES_USER']}"
        self.run(
            "initdb", "--auth=scram-sha-256", f"--pwfile={folder}/secret", user, "-E", "UTF8", "-D", f"{folder}/data"
        )
        self.start()
        self.run(
            "createdb",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            self.values["POSTGRES_USER"],
            self.values["POSTGRES_DB"],
        )
        check = [*COMPOSE["db"]["healthcheck"]["test"][1:], "-h", "127.0.0.1", "-p", str(port)]
        subprocess.run(check, check=True, capture_output=True)

    def run(self, program: str, *words: str) -> str:
        found = binaries()
        assert found is not None, "PostgreSQL is not installed"
        command = ["runuser", "-u", "postgres", "--", str(found / program), *words]
        environment = {**os.environ, "PGPASSWORD": SECRET}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=self.folder, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        self.run("pg_ctl", "start", "-w", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", f"{self.folder}/data")

    def count(self, table: str) -> int:
        words = ("-h", "127.0.0.1", "-p", str(self.port), "-U", self.values["POSTGRES_USER"])
        return int(self.run("psql", *words, "-At", "-c", f"select count(*) from {table}", self.values["POSTGRES_DB"]))


@contextmanager
def step(said: str) -> Iterator[None]:
    """Print what is tried, and how long it took."""
    since = time.monotonic()
    yield
    print(f"{time.monotonic() - since:6.1f} s  {said}", flush=True)


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_for(wanted: int, url: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while status_of(url) != wanted:
        assert time.monotonic() < until, f"{url} does not answer {wanted}"
        time.sleep(0.3)


def installed(image: Path, folder: Path) -> list[str]:
    """The command of the image, installed by its own ``RUN pip install`` in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    (line,) = [rest for word, rest in steps() if word == "RUN" and rest.startswith("pip install")]
    subprocess.run(f"{folder}/bin/{line}", shell=True, cwd=image, check=True, capture_output=True)
    return [str(folder / "bin" / words_of("ENTRYPOINT")[0])]


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="jangkau-deploy-"))
    folder.chmod(0o755)
    image, kept, app_port, tls_port = folder / "image", folder / "kept", free_port(), free_port()
    kept.mkdir()
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        with step("files of the image"):
            copied(image)
        command = [sys.executable, "-m", "coverage.cli"]
        environment = {**os.environ, "PYTHONPATH": str(image), "JANGKAU_DATA_DIR": str(kept)}
        if "--install" in sys.argv:
            with step("installed as the image does"):
                command = installed(image, folder / "venv")
                del environment["PYTHONPATH"]
        with step("db: PostgreSQL, its user and database, and its health check"):
            database = Database(folder / "db", free_port())
            ends.callback(database.stop)
        filled = {"JANGKAU_DB_PASSWORD": SECRET, "JANGKAU_BASE_PATH": BASE, "JANGKAU_REGION": "3505"}
        for name, value in COMPOSE["app"]["environment"].items():
            environment[name] = re.sub(r"\$\{(\w+)[^}]*\}", lambda found: filled[found[1]], value)
        address = environment["JANGKAU_DATABASE_URL"].replace("@db/", f"@127.0.0.1:{database.port}/")
        environment["JANGKAU_DATABASE_URL"] = address

        def jangkau(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
            options = {"cwd": kept, "env": {**environment, **more}, "capture_output": True, "text": True}
            return subprocess.run([*command, *words], check=False, **options)  # type: ignore[call-overload]

        serve = [str(app_port) if word == only("EXPOSE") else word for word in words_of("CMD")]
        with step("app: refuses to start without an account"):
            refused = jangkau(*serve)
            assert (refused.returncode, "users add" in refused.stderr) == (1, True), refused.stderr
        with step("docker compose run --rm app users add ani --role admin"):
            added = jangkau("users", "add", "ani", "--role", "admin", "--password", PASSWORD)
            assert added.returncode == 0, added.stderr
        with step("app: starts, and its health check passes"):
            log = (folder / "app.log").open("w")
            app = subprocess.Popen([*command, *serve], cwd=kept, env=environment, stdout=log, stderr=log)
            ends.callback(stop, app)
            wait_for(200, f"http://127.0.0.1:{app_port}/health")
        with step("nginx: takes its configuration, and answers by TLS"):
            certificate(folder)
            (folder / "conf").write_text(AROUND.format(folder=folder))
            (folder / "jangkau.conf").write_text(site(folder, tls_port, f"http://127.0.0.1:{app_port}", base=BASE))
            nginx = subprocess.Popen([NGINX, "-c", str(folder / "conf"), "-e", str(folder / "error.log")])
            ends.callback(stop, nginx)
            url = f"https://127.0.0.1:{tls_port}{BASE}"
            until = time.monotonic() + 180
            while not answers(f"{url}/health"):
                assert time.monotonic() < until, (folder / "error.log").read_text()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
            window = {"width": OFFICE[0], "height": OFFICE[1]}
            context = browser.new_context(viewport=window, locale="id-ID", ignore_https_errors=True)  # type: ignore[arg-type]
            context.set_default_timeout(WAIT)
            expect.set_options(timeout=WAIT)
            visitor, sockets = Visitor(context.new_page(), url), []
            visitor.page.on("websocket", lambda socket: sockets.append(socket.url))
            with step("Chromium: signs in through TLS, and a list goes into PostGIS"):
                sign_in(visitor, "ani")
                towers = folder / "menara.csv"
                towers.write_text(TOWERS, "utf-8")
                hand_in(visitor, towers)
                confirm(visitor)
                visitor.press("Terapkan: 2 aset baru")
                visitor.page.get_by_text("selesai dan tersimpan").wait_for()
                assert database.count("assets") == 2
            with step("Chromium: the map, live by a web socket through TLS"):
                visitor.open()
                visitor.wait_for_map()
                assert {one.startswith(f"wss://127.0.0.1:{tls_port}{BASE}/") for one in sockets} == {True}, sockets
            with step("nginx: a file larger than it takes is refused in the reader's words"):
                (folder / "jangkau.conf").write_text(
                    site(folder, tls_port, f"http://127.0.0.1:{app_port}", base=BASE, takes="1m")
                )
                subprocess.run([NGINX, "-c", str(folder / "conf"), "-s", "reload"], check=True, capture_output=True)
                visitor.open("/impor")
                towers.write_text(TOWERS * 50_000, "utf-8")
                visitor.page.locator("input[type=file]").set_input_files(towers)
                visitor.page.get_by_text("Server tidak menerima berkas sebesar ini").first.wait_for()
            with step("db: stopped, /health says 503; started again, pages go on"):
                database.stop()
                wait_for(503, f"http://127.0.0.1:{app_port}/health")
                database.start()
                wait_for(200, f"http://127.0.0.1:{app_port}/health")
                visitor.open("/inventaris")
                visitor.page.get_by_text("Menara Satu").first.wait_for(state="attached")
            browser.close()
        with step("a backup of the region, from PostGIS into SQLite"):
            made = jangkau("backup", "blitar.zip", "--region", "3505")
            assert made.returncode == 0, made.stderr
            elsewhere = {"JANGKAU_DATABASE_URL": str(folder / "lain.db"), "JANGKAU_DATA_DIR": str(folder / "lain")}
            restored = jangkau("restore", "blitar.zip", "--yes", **elsewhere)
            assert restored.returncode == 0, restored.stderr
            listed = jangkau("assets", "list", **elsewhere)
            assert "Menara Dua" in listed.stdout, listed.stdout + listed.stderr
    return 0


if __name__ == "__main__":
    sys.exit(main())
