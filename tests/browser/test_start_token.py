"""Without accounts, whoever has the address with the start token is this computer's person; a web server in front is not."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from coverage.web.server.serving import listen
from coverage.web.start_token import start_path
from tests.browser.by_socket import STARTS, cookie_for, visiting
from tests.browser.conftest import Server, Visit, stop

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
PLAIN = """daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {url}; proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }} }} }}"""
"""What the first page of every guide says, with what web sockets need."""


def free_port() -> int:
    with listen(0) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def in_front(server: Server, tmp_path: Path) -> Iterator[str]:
    """The address of a web server in front that tells nothing of whom it passes on."""
    if not Path(NGINX).exists():
        pytest.skip("nginx is not installed")
    port = free_port()
    (tmp_path / "conf").write_text(PLAIN.format(folder=tmp_path, port=port, url=server.url))
    process = subprocess.Popen([NGINX, "-c", str(tmp_path / "conf"), "-e", str(tmp_path / "error.log")])
    for _ in range(100):
        if status(f"http://127.0.0.1:{port}/sehat") == 200:
            break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


def status(url: str, cookie: str = "") -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"cookie": cookie}), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_through_a_plain_web_server_nobody_is_the_person_at_this_computer(server: Server, in_front: str) -> None:
    for path in ("/", "/inventaris", "/data", "/_stcore/host-config", "/aset/jangkau/page.js"):
        assert status(in_front + path) == 403
        assert status(server.url + path) == 403  # nor is another user of this computer
    with pytest.raises(Exception, match="403"), visiting(in_front, origin=server.url) as visit:
        visit.run()


def test_the_address_with_the_token_leads_in(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    visitor.page.context.clear_cookies()
    visitor.page.goto(STARTS[server.url])
    visitor.wait_for_map()
    assert "kunci" not in visitor.page.url
    visitor.page.get_by_role("button", name="Akun", exact=True).click()
    visitor.page.get_by_text("hanya melayani komputer ini").first.wait_for()


def test_streamlit_run_needs_the_token_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("JANGKAU_BOUND_TO", raising=False)
    root, port = Path(__file__).parents[2], free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(root / "app.py"), "--server.port", str(port)]
    url = f"http://127.0.0.1:{port}"
    said = tmp_path / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            [*command, "--server.headless", "true"], cwd=root, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        for _ in range(300):
            if status(f"{url}/sehat"):
                break
            time.sleep(0.2)
        assert status(url) == 403
        found = re.search(r"/mulai\?kunci=(\S+)", said.read_text())
        assert found
        assert found[0] == start_path()
        assert status(url, cookie_for(url, found[1])) == 200
    finally:
        stop(process)
