"""Files of proposals: a photo or a paper kept among the files of its region, never changed once it is there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from coverage.proposals.proposal import Attachment
from coverage.readers.apart import read_apart
from coverage.readers.proofs import read_proof
from coverage.store.permissions import Actor
from coverage.store.region_files import RegionFiles


def keep_proof(
    files: RegionFiles, path: Path, item: str, who: Actor, note: str | None = None, name: str | None = None
) -> Attachment:
    """Read a file in a process apart and keep it whole; of a photo a small copy beside it.

    Raises
    ------
    FileRefusedError
        If it is no photo and no PDF, damaged or too large.
    """
    found = read_apart(read_proof, path)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        sources = [path]
        if found.small:
            sources.append(Path(folder) / "kecil.jpg")
            sources[1].write_bytes(found.small)
        about = {"title": name or path.name, "origin": "upload", "item": item, "taken_at": found.taken_at}
        version = files.put("proposals", sources, {**about, "lon": found.lon, "lat": found.lat}, who)
    whole = version.files[0]
    return Attachment(
        version.name,
        name or path.name,
        item,
        version.about["sha256"][whole.name],
        whole.stat().st_size,
        found.taken_at,
        found.lon,
        found.lat,
        note,
    )


def proof_files(files: RegionFiles, file: Attachment) -> tuple[Path, Path | None]:
    """A kept file and, of a photo, its small copy; FileRefusedError where it is missing."""
    version = files.version("proposals", file.version)
    return version.files[0], version.files[1] if len(version.files) > 1 else None
