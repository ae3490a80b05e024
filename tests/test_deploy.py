"""What an office sets up from ``scripts/deploy``: the files agree with the app and with each other, and their steps work."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from coverage.cli import serve as serve_command
from coverage.cli.app import run
from coverage.store import Actor, open_store
from coverage.web.server.serving import listen

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "scripts" / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
TEMPLATE = (DEPLOY / "nginx.conf.template").read_text("utf-8")
TOLD = (ROOT / "docs/manual/id/kantor.md").read_text("utf-8")


def steps() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile, with their arguments."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text("utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def only(instruction: str) -> str:
    (found,) = [rest for word, rest in steps() if word == instruction]
    return found


def words_of(instruction: str) -> list[str]:
    """A command of the Dockerfile."""
    return [str(word) for word in json.loads(only(instruction))]


def copied(folder: Path) -> Path:
    """Fill a folder as the Dockerfile fills that of the image, from what ``.dockerignore`` leaves."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert lines[0] == "*"
    left = {line[1:] for line in lines if line.startswith("!")}
    ignored = [line.removeprefix("**/") for line in lines if line.startswith("**/")]
    for word, rest in steps():
        if word != "COPY":
            continue
        *names, to = rest.split()
        for name in names:
            assert name in left, f"{name} is copied, and left out of the context"
            target = folder / to / name if to.endswith("/") else folder / to
            if (ROOT / name).is_dir():
                shutil.copytree(
                    ROOT / name,
                    target,
                    ignore=lambda _, found: [n for n in found if any(fnmatch(n, i) for i in ignored)],
                )
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target)
    return folder


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder in the image."""
    return copied(tmp_path / "image")


def test_the_image_has_all_that_the_package_is_built_from(image: Path) -> None:
    project = tomllib.loads((image / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [project["project"]["readme"], *project["project"]["license-files"], *wheel["packages"]]
    for name in (*needed, *wheel["force-include"], "constraints.txt"):
        assert (image / name).exists(), name
    assert not list(image.rglob("__pycache__"))
    assert re.search(r"FROM python:3\.(1[1-9])-slim", (DEPLOY / "Dockerfile").read_text("utf-8"))
    assert "--constraint constraints.txt" in dict(steps())["RUN"]
    assert (
        f'requires-python = ">={only("FROM").split(":")[1].removesuffix("-slim")}"'
        in (image / "pyproject.toml").read_text()
    )


@pytest.mark.slow
def test_what_the_image_starts_refuses_without_an_account_and_is_healthy_with_one(image: Path, tmp_path: Path) -> None:
    with listen(0) as free:
        port = str(free.getsockname()[1])
    kept = tmp_path / "kept"
    kept.mkdir()
    command = [*words_of("ENTRYPOINT"), *words_of("CMD")]
    assert command[0] == "jangkau"
    command = [
        sys.executable,
        "-m",
        "coverage.cli",
        *(port if word == only("EXPOSE") else word for word in command[1:]),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(image),
        "JANGKAU_DATA_DIR": str(kept),
        "JANGKAU_BASE_PATH": "/jangkau",
    }
    options: dict[str, Any] = {"cwd": kept, "env": environment, "text": True}
    refused = subprocess.run(command, **options, capture_output=True, timeout=120, check=False)
    assert refused.returncode == 1
    assert "users add" in refused.stderr
    store = open_store(str(kept / "jangkau.db"))
    store.accounts.add("ani", "admin", "kata sandi yang panjang 2026", Actor("pengelola", "admin"))
    store.close()
    health = only("HEALTHCHECK").partition("CMD ")[2].replace(only("EXPOSE"), port)
    check = [sys.executable if word == "python" else word for word in json.loads(health)]
    with (tmp_path / "said").open("w") as said:
        running = subprocess.Popen(command, **options, stdout=said, stderr=said)
    try:
        for _ in range(240):
            if subprocess.run(check, capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.5)
        else:
            pytest.fail((tmp_path / "said").read_text())
    finally:
        running.terminate()
        running.wait(30)
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0


def test_the_services_agree_with_the_app_and_with_each_other() -> None:
    known = set(
        re.findall(r"JANGKAU_[A-Z_]+", "".join(p.read_text("utf-8") for p in (ROOT / "coverage").rglob("*.py")))
    )
    known |= {f"JANGKAU_{name.upper()}" for name in ("region",)}
    assert {name for name in COMPOSE["app"]["environment"] if name.startswith("JANGKAU_")} <= known
    build = COMPOSE["app"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]) == DEPLOY / "Dockerfile"
    assert f"proxy_pass http://app:{only('EXPOSE')};" in TEMPLATE
    assert set(re.findall(r"\$\{(\w+)\}", TEMPLATE)) == set(COMPOSE["nginx"]["environment"])
    mounted = dict(volume.rpartition(":ro")[0].rpartition(":")[::2] for volume in COMPOSE["nginx"]["volumes"])
    assert (DEPLOY / "nginx.conf.template").samefile(DEPLOY / next(iter(mounted)))
    assert "ssl_certificate     /etc/nginx/tls/" in TEMPLATE
    assert "/etc/nginx/tls" in mounted.values()
    assert all(re.search(r":\d+(\.\d+|-\d)", service["image"]) for service in COMPOSE.values() if "image" in service)
    assert [name for name, service in COMPOSE.items() if "ports" in service] == ["nginx"]
    for name in re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")):
        assert name in TOLD, f"docs/manual/id/kantor.md does not say what {name} is"


def test_the_app_takes_what_nginx_lets_through() -> None:
    from coverage.web.server.app import OPTIONS

    (limit,) = re.findall(r"client_max_body_size (\d+)m;", TEMPLATE)
    assert OPTIONS["server.maxUploadSize"] < int(limit) < OPTIONS["server.maxUploadSize"] + 10


@pytest.mark.parametrize("base", ["", "/jangkau"])
def test_nginx_takes_the_configuration(base: str, tmp_path: Path) -> None:
    from tests.browser.test_base_path import AROUND, NGINX, certificate, site

    if not Path(NGINX).exists() or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed")
    certificate(tmp_path)
    (tmp_path / "conf").write_text(AROUND.format(folder=tmp_path))

    def tried(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "jangkau.conf").write_text(text)
        command = [NGINX, "-t", "-c", str(tmp_path / "conf"), "-e", str(tmp_path / "error.log")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    with listen(0) as free:
        port = free.getsockname()[1]
    text = site(tmp_path, port, "http://127.0.0.1:8501", base=base)
    assert tried(text).returncode == 0, tried(text).stderr
    assert tried(text.replace("location /", "location")).returncode != 0


def test_the_service_starts_with_options_that_there_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unit = (DEPLOY / "jangkau.service").read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    program, *words = shlex.split(command)
    assert program == "/opt/jangkau/.venv/bin/jangkau"
    called: list[str | None] = []
    monkeypatch.setattr(serve_command, "_run", lambda _, opened, processes: called.append(opened))
    with listen(0) as free:
        port = str(free.getsockname()[1])
    assert run([port if word == "8501" else word for word in words]) == 0
    assert called == [None]
    verify = shutil.which("systemd-analyze")
    if not verify:
        pytest.skip("systemd-analyze is not installed")

    def verified(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "jangkau.service").write_text(text)
        command = [verify, "verify", "--man=no", str(tmp_path / "jangkau.service")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    unit = unit.replace(program, "/bin/true").replace("User=jangkau", "User=root")
    assert verified(unit).stderr == ""
    assert "NoNewPrivilegs" in verified(unit.replace("NoNewPrivileges=", "NoNewPrivilegs=")).stderr


def test_the_start_for_windows_runs_the_start_script() -> None:
    text = (ROOT / "scripts" / "Jangkau.cmd").read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") > 10
    assert rb"%PYTHON% scripts\start.py %*" in text
    text.decode("ascii")  # the console of Windows has another code page than this file would


WINE, MINGW = shutil.which("wine"), shutil.which("x86_64-w64-mingw32-gcc")
STAND_IN = """
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
int main(int n, char **a) {
  for (int i = 1; i < n; i++) printf("[%s]", a[i]);
  fflush(stdout);
  return n > 1 && strcmp(a[n - 1], "--version") && getenv("FAIL") ? 3 : 0;
}
"""


@pytest.mark.slow
@pytest.mark.skipif(not (WINE and MINGW), reason="Wine and MinGW are not installed")
def test_a_double_click_finds_python_and_keeps_an_error_in_sight(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "Jangkau.cmd", tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    (tmp_path / "py.c").write_text(STAND_IN)

    def clicked(*words: str, **more: str) -> tuple[int, str]:
        environment = {**os.environ, "WINEPREFIX": str(tmp_path / "wine"), "WINEDEBUG": "-all", **more}
        environment["WINEPATH"] = "Z:" + str(tmp_path / "bin").replace("/", "\\")
        file = "Z:" + str(tmp_path / "scripts" / "Jangkau.cmd").replace("/", "\\")
        done = subprocess.run(
            [WINE, "cmd", "/c", file, *words],
            env=environment,
            input="\n",
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return done.returncode, done.stdout

    status, said = clicked()
    assert status == 1
    assert "Python tidak ditemukan" in said
    assert "Press any key" in said
    for name, given in (("python", ""), ("py", "[-3]")):
        subprocess.run([MINGW, "-o", tmp_path / "bin" / f"{name}.exe", tmp_path / "py.c"], check=True)
        assert clicked("serve", "--lang", "en") == (0, rf"{given}[scripts\start.py][serve][--lang][en]")
    status, said = clicked(FAIL="1")
    assert status == 1
    assert "Jangkau berhenti karena kesalahan" in said
    assert "Press any key" in said
