"""BPS and Kemendagri codes of a regency's villages, from the code bridge of BPS, level by level."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from coverage.base.errors import FileRefusedError, Place
from coverage.fetch.client import Client
from coverage.fetch.features import any_json
from coverage.fetch.windows import Progress
from coverage.places.codes import parse_bps, parse_kemendagri

COLUMNS = ("kode_bps", "kode_kemendagri", "nama_desa", "nama_desa_bps", "kecamatan", "kabupaten")
_UPPER = re.compile(r"\d{2}(\.\d{2}){0,2}\Z")


def fetch_bridge(client: Client, code: str, target: Path, progress: Progress) -> dict[str, Any]:
    """Fetch the codes of a regency into a CSV file.

    Parameters
    ----------
    client : for a source of form ``bridge``
    code : BPS code of the regency
    target : file to write, columns :data:`COLUMNS`

    Returns
    -------
    dict
        ``url, villages`` (count), ``kemendagri`` (code of the regency, dotted), ``regency`` (its name).

    Raises
    ------
    UnavailableError, FileRefusedError
        If the server does not answer, or unexpectedly.
    """
    regency = next((row for row in _level(client, "kabupaten", code[:2]) if row["bps"] == code), None)
    if regency is None or not _UPPER.match(regency["kemendagri"]):
        raise FileRefusedError("fetch.nothing_found", Place(value=client.source.url), region=code)
    subdistricts = _level(client, "kecamatan", code)
    rows = []
    for number, above in enumerate(subdistricts):
        for row in _level(client, "desa", above["bps"]):
            if parse_bps(row["bps"]) is None or not row["bps"].startswith(code):
                raise FileRefusedError("fetch.wrong_reply", Place(value=client.source.url))
            kemendagri = parse_kemendagri(row["kemendagri"]) or ""
            rows.append(
                (
                    row["bps"],
                    kemendagri,
                    row["name_kemendagri"] or row["name"],
                    row["name"],
                    above["name"],
                    regency["name"],
                )
            )
        progress("codes", (number + 1) / len(subdistricts))
    if not rows:
        raise FileRefusedError("fetch.nothing_found", Place(value=client.source.url), region=code)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return {
        "url": client.source.url,
        "villages": len(rows),
        "kemendagri": regency["kemendagri"],
        "regency": regency["name"],
    }


def _level(client: Client, level: str, parent: str) -> list[dict[str, str]]:
    url = client.source.url.format(level=level, parent=parent)
    found = any_json(client.get(url), url)
    names = {"bps": "kode_bps", "name": "nama_bps", "kemendagri": "kode_dagri", "name_kemendagri": "nama_dagri"}
    if not isinstance(found, list) or not all(isinstance(row, dict) and "kode_bps" in row for row in found):
        raise FileRefusedError("fetch.wrong_reply", Place(value=url))
    return [{ours: str(row.get(theirs) or "").strip() for ours, theirs in names.items()} for row in found]
