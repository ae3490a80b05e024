"""Files by path or URL."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from coverage.base.errors import UnavailableError
from coverage.readers.remote import local_copy


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_path_is_itself_and_a_url_is_copied_under_its_own_name(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    (tmp_path / "aset.csv").write_text("lon,lat\n", "utf-8")
    assert local_copy(str(tmp_path / "aset.csv")) == tmp_path / "aset.csv"
    assert local_copy(r"C:\\data\\aset.csv") == Path(r"C:\\data\\aset.csv")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        for url in (
            f"{address}/aset.csv",
            str(Path(f"{address}/aset.csv")),
            (file := (tmp_path / "aset.csv").as_uri()),
            str(Path(file)),
        ):
            copied = local_copy(url)
            assert copied.name == "aset.csv"
            assert copied.parent != tmp_path
            assert copied.read_text("utf-8") == "lon,lat\n"
            assert local_copy(url) == copied
        with pytest.raises(UnavailableError, match="not_fetched"):
            local_copy(f"{address}/tidak_ada.csv")
        server.shutdown()
