"""Files that a visitor hands in, for readers that want a file: a copy of ours, gone when it was read."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Upload(Protocol):
    """What Streamlit gives of a file that was handed in."""

    name: str

    def getvalue(self) -> bytes:
        """Its content."""


@contextmanager
def as_file(upload: Upload) -> Iterator[Path]:
    """The upload as a file in a folder of ours, under its own name as far as a name may go."""
    plain = re.sub(r"[^\w. -]", "_", Path(upload.name.replace("\\", "/")).name).strip(". ")[-80:] or "berkas"
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path = Path(folder) / plain
        path.write_bytes(upload.getvalue())
        yield path
