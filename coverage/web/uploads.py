"""Uploads as temporary files, for readers that want a path."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from coverage.language.words import Words
from coverage.store import may
from coverage.web import store_access
from coverage.web.fair_queue import stepping_aside


class Upload(Protocol):
    """A Streamlit upload."""

    name: str

    def getvalue(self) -> bytes:
        """Its content."""


def uploader(words: Words, label: str, **options: Any) -> Any:
    """``st.file_uploader`` for signed-in users; None for others, with a hint.

    The server refuses their uploads too (:mod:`coverage.web.server.file_guard`).
    """
    if not may(store_access.who(), "view_cctv"):
        st.caption(words("web.upload.sign_in", what=label))
        return None
    return st.file_uploader(label, **options)


@contextmanager
def as_file(upload: Upload) -> Iterator[Path]:
    """The upload as a temporary file under its own (sanitised) name, while others are drawn their pages."""
    plain = re.sub(r"[^\w. -]", "_", Path(upload.name.replace("\\", "/")).name).strip(". ")[-80:] or "berkas"
    with stepping_aside(), tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path = Path(folder) / plain
        path.write_bytes(upload.getvalue())
        yield path
