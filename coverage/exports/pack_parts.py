"""What proves a proposal, gathered: its files, the run's profiles, and reports from the field around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from coverage.base.errors import FileRefusedError
from coverage.base.field_report import SOURCE
from coverage.exports.evidence_pack import PackPoint, Photo, part_name
from coverage.language.words import Words
from coverage.proposals.proposal import Attachment, Proposal
from coverage.readers.apart import read_apart
from coverage.readers.proofs import read_proof
from coverage.readers.proposals import proposal_rules
from coverage.run.proposals import PointFound, Review, profiles_of
from coverage.run.result import Analysis
from coverage.store import Actor, Store
from coverage.store.photos import photo_file
from coverage.store.proofs import proof_files
from coverage.store.region_files import RegionFiles
from coverage.villages_served.field_reports import reports_near

READINGS = ["operator", "class", "rsrp_dbm", "time", "device", "accuracy_m", "distance_m"]


def pack_points(
    analysis: Analysis,
    proposals: Sequence[Proposal],
    found: Review,
    store: Store,
    region: str,
    viewer: Actor | None,
    words: Words,
) -> list[PackPoint]:
    """Gather the packs of proposals of one region.

    Raises
    ------
    PermissionDeniedError
        If ``viewer`` may not see evidence.
    FileRefusedError
        If a file is missing.
    """
    reports = store.reports.table(region, viewer)
    return [_gathered(analysis, one, found.points.get(one.proposal_id), reports, words) for one in proposals]


def _gathered(
    analysis: Analysis, one: Proposal, found: PointFound | None, reports: pd.DataFrame, words: Words
) -> PackPoint:
    photos, parts = _own_files(one)
    readings = pd.DataFrame(columns=READINGS)
    if found is not None:
        near = reports_near(reports, found.lon, found.lat, proposal_rules().measured_m) if len(reports) else reports
        readings = _readings(found, near)
        for report in near.to_dict("records"):
            for photo in report["photos"]:
                if photo["received_at"] is not None:
                    _add_field_photo(one, report, photo, photos, parts, words)
    return PackPoint(one, found, None if found is None else profiles_of(analysis, found), photos, parts, readings)


def _own_files(one: Proposal) -> tuple[list[Photo], dict[str, bytes]]:
    """Photos and files that are attached, under their item's number."""
    files, photos, parts = RegionFiles(one.region), list[Photo](), dict[str, bytes]()
    for number, file in enumerate(one.files, start=1):
        whole, small = proof_files(files, file)
        parts[part_name(one, file.item, f"{number:02d} {file.name}")] = whole.read_bytes()
        if small is not None:
            photos.append(Photo(small.read_bytes(), file.note or file.name, file))
    return photos, parts


def _readings(found: PointFound, near: pd.DataFrame) -> pd.DataFrame:
    """Measurements around a point, with the device and the accuracy of those that came by a report."""
    devices = {row["report_id"]: (row["device"], row["accuracy_m"]) for row in near.to_dict("records")}
    of = [devices.get(str(key).partition(":")[0], (None, None)) for key in found.measured["measurement_id"]]
    rows = found.measured.assign(device=[one for one, _ in of], accuracy_m=[metres for _, metres in of])
    return rows[READINGS].round({"distance_m": 0}).reset_index(drop=True)


def _add_field_photo(
    one: Proposal,
    report: dict[Any, Any],
    photo: dict[str, Any],
    photos: list[Photo],
    parts: dict[str, bytes],
    words: Words,
) -> None:
    """A photo that came with a report from the phone."""
    path = photo_file(report["region"], photo["sha256"])
    try:
        content, small = path.read_bytes(), read_apart(read_proof, path).small
    except OSError as error:
        raise FileRefusedError("region_files.missing", kind="photos") from error
    name = f"{SOURCE} {photo['photo_id'][:8]}.jpg"
    place = photo["lon"], photo["lat"]
    about = Attachment(photo["photo_id"], name, "photos", photo["sha256"], len(content), photo["taken_at"], *place)
    parts[part_name(one, "photos", name)] = content
    said = words("proposals.pack.field_photo", who=report["sent_by"], when=words.moment(report["made_at"]))
    photos.append(Photo(small, said, about))
