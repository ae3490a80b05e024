"""The evidence pack: every part with its checksum, in the order the channel asks, and what is missing said."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.exports.evidence_pack import PackPoint, Photo, part_name, write_pack_pdf, write_pack_zip
from coverage.language.words import Words
from coverage.proposals.proposal import Attachment, Proposal, checked
from coverage.readers.parameters import read_parameters
from coverage.readers.proofs import read_proof
from coverage.readers.proposals import proposal_rules
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from coverage.run.proposals import points_of, profiles_of
from tests.exports.conftest import CODES, Small
from tests.exports.test_papers import needs_poppler, pages
from tests.made_valley import EAST, NORTH, UTM, write_elevation, write_towers, write_villages
from tests.readers.test_proofs import write_photo
from tests.store.stores import asked_at

WORDS = Words("id")


def made(code: str = CODES[0], **more: Any) -> Proposal:
    base = {"proposal_id": "3505-2026-001", "stage": "draft", "stage_on": "2026-03-01"}
    return checked({**base, **asked_at(code), **more}, proposal_rules())


def full(folder: Path, code: str = CODES[0]) -> PackPoint:
    one = made(code, lon=112.25, lat=-8.126, answers={"electricity": "PLN 900 VA"})
    parts, photos = {}, []
    for number, side in enumerate(("utara", "timur"), start=1):
        path = write_photo(folder / f"{side}.jpg", size=(400, 300))
        name = part_name(one, "photos", f"{number:02d} {path.name}")
        parts[name] = path.read_bytes()
        found = read_proof(path)
        about = Attachment(side, path.name, "photos", hashlib.sha256(parts[name]).hexdigest(), 1, found.taken_at)
        photos.append(Photo(found.small, f"sisi {side}", replace(about, lon=found.lon, lat=found.lat)))
    readings = pd.DataFrame(
        {
            "operator": ["Satu"], "class": ["none"], "rsrp_dbm": [-124.0], "time": ["2026-05-01T09:31"],
            "device": ["Android 14"], "accuracy_m": [8.0], "distance_m": [40.0],
        }
    )  # fmt: skip
    return PackPoint(one, None, None, photos, parts, readings)


def test_the_zip_has_every_part_with_its_checksum_in_the_order_the_channel_asks(small: Small, tmp_path: Path) -> None:
    archive = zipfile.ZipFile(io.BytesIO(write_pack_zip(small, WORDS, [full(tmp_path)])))
    assert archive.namelist() == [
        "bukti usulan.pdf",
        "register usulan.csv",
        "10-photos/01 utara.jpg",
        "10-photos/02 timur.jpg",
        "04-signal/hasil ukur.csv",
        "SHA256SUMS.txt",
    ]
    sums = dict(reversed(line.split("  ", 1)) for line in archive.read("SHA256SUMS.txt").decode().splitlines())
    assert sums == {
        name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != "SHA256SUMS.txt"
    }
    assert archive.read("10-photos/01 utara.jpg") == (tmp_path / "utara.jpg").read_bytes()
    assert b"Android 14" in archive.read("04-signal/hasil ukur.csv")


@needs_poppler
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_paper_says_what_is_there_what_is_missing_and_from_whom(
    small: Small, tmp_path: Path, language: str
) -> None:
    words = Words(language)
    text = " ".join(" ".join(pages(write_pack_pdf(small, words, [full(tmp_path)]), tmp_path)).split())
    for told in (
        "PLN 900 VA",
        words("proposals.by.owner"),
        words("proposals.pack.no_elevation"),
        "Android 14",
        words("proposals.pack.from_point", distance="111 m"),
        words("proposals.pack.letter_title"),
        hashlib.sha256((tmp_path / "utara.jpg").read_bytes()).hexdigest()[:20],
    ):
        assert told in text, told


@needs_poppler
def test_a_signed_letter_takes_the_place_of_the_template(small: Small, tmp_path: Path) -> None:
    signed = Attachment("v", "surat.pdf", "village_letter", "0" * 64, 1)
    point = PackPoint(replace(made(), files=(signed,)))
    assert WORDS("proposals.pack.letter_hint") not in " ".join(pages(write_pack_pdf(small, WORDS, [point]), tmp_path))


def test_names_of_files_stay_within_their_folder() -> None:
    assert part_name(made(), "photos", "../../etc/passwd") == "10-photos/_.._etc_passwd"
    assert part_name(made(), "unknown", "") == "14-unknown/berkas"


@pytest.mark.slow
def test_the_profile_behind_a_ridge_is_blocked_and_drawn(tmp_path: Path) -> None:
    """As in the made valley: a mast at km 5, the point at km 7, a ridge 300 m high between."""
    write_villages(tmp_path / "desa.geojson")
    whole = shapely.transform(shapely.box(4200, -400, 7300, 400), lambda p: p + np.array([EAST, NORTH + 5000]))
    village = gpd.read_file(tmp_path / "desa.geojson").iloc[:1].to_crs(UTM)
    village.set_geometry([whole]).assign(population=600).to_crs(4326).to_file(tmp_path / "desa.geojson")
    write_towers(tmp_path / "menara.csv", ("M1", 5.0, 0.0, "Satu"))
    write_elevation(tmp_path / "dem.tif")
    inputs = load_inputs(tmp_path / "desa.geojson", [tmp_path / "menara.csv"], elevation=[tmp_path / "dem.tif"])
    ground = prepare(inputs, read_parameters())
    run = analyze(inputs, read_parameters(), ground)
    place = gpd.GeoSeries([shapely.Point(EAST + 7000, NORTH + 5000)], crs=UTM).to_crs(4326).iloc[0]
    one = made(str(run.villages["village_code_bps"].iloc[0]), lon=place.x, lat=place.y)
    found = points_of(run, ground.land, [one], proposal_rules())[one.proposal_id]
    profiles = profiles_of(run, found)
    assert profiles is not None
    assert [(one.name, round(one.distance_m, -2)) for one in profiles] == [("M1", 2000)]
    assert profiles[0].link.sight.blocked
    paper = write_pack_pdf(run, WORDS, [PackPoint(one, found, profiles)])
    (tmp_path / "bukti.pdf").write_bytes(paper)
    assert paper.startswith(b"%PDF")
