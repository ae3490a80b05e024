"""Complaints and messages in free text: village, hamlet, operator, place and state are told; nothing is guessed or lost."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coverage.base.schema import LANDMARKS
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.messages import is_chat, without_private
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.result import Interpretation
from coverage.imports.told import Names, told_in
from coverage.imports.villages import as_evidence

CHAT = """05/03/25 10.12 - Pesan dan panggilan dienkripsi secara end-to-end.
05/03/25 10.14 - Budi Santoso: di desa Kalipang tdk ada sinyal telkomsel sama sekali
05/03/25 10.15 - Budi Santoso: lokasi: https://maps.google.com/?q=-8.2009,112.2266
13/03/25 11.02 - +62 812-3456-7890: Dusun Krajan desa Kalipang
sinyal xl lemah min, hub 081234567890
13/03/25 11.05 - Ani: siap
14/03/25 11.25 - Joko: di tulungrejo gak ada jaringan sama sekali
"""


@pytest.fixture(scope="module")
def region() -> Region:
    villages = read_region().villages
    own = villages[villages["village"] == "Kalipang"].iloc[0]
    point = dict.fromkeys(LANDMARKS.names) | {"landmark_id": "1", "kind": "school", "name": "SDN 2 Kalipang"}
    point |= {name: own[name] for name in ("village_code_bps", "village", "subdistrict")}
    return Region(villages, landmarks=pd.DataFrame([point]))


def read_in(path: Path, region: Region) -> Interpretation:
    raw = read(path)
    return interpret(raw, replace(guess(raw), dates="dmy"), region)


def test_a_chat_becomes_dated_statements_without_who_sent_it(tmp_path: Path, region: Region) -> None:
    (tmp_path / "chat.txt").write_text(CHAT, encoding="utf-8")
    found = read_in(tmp_path / "chat.txt", region)
    assert found.choices.record == "complaint"
    rows = as_evidence(found.accepted, "3505/x").set_index("evidence_id")
    first, second = rows.loc["3505/x/chat.txt:2"], rows.loc["3505/x/chat.txt:4"]
    assert (first["claimed_state"], first["operator"], first["date"]) == ("blank", "Telkomsel", "2025-03-05")
    assert (first["lat"], first["lon"]) == (-8.2009, 112.2266)  # its place came as a message of its own
    assert (second["claimed_state"], second["operator"], second["landmark"]) == ("weak", "XL Axiata", "Dusun Krajan")
    assert np.isnan(second["lon"])
    refused = dict(zip(found.refused["row"], found.refused["code"], strict=True))
    assert refused == {6: "import.text_without_state", 7: "import.several_villages"}
    assert found.rows == 4
    kept = found.raw.frame.to_csv() + rows.to_csv()
    assert not any(private in kept for private in ("Budi", "Joko", "0812", "812-3456"))
    with zipfile.ZipFile(tmp_path / "chat.zip", "w") as archive:  # as an iPhone sends it
        archive.writestr(
            "_chat.txt", "[05/03/25, 10:14:33] Ani: desa Kalipang blank spot\n[05/03/25, 10:20:01] Ani: ya\n"
        )
        archive.writestr("foto.jpg", b"x")
    assert read_in(tmp_path / "chat.zip", region).accepted["claimed_state"].tolist() == ["blank"]


def test_a_list_of_complaints_keeps_neither_names_nor_numbers(tmp_path: Path, region: Region) -> None:
    (tmp_path / "lapor.csv").write_text(
        "Tracking ID;Nama Pelapor;No HP;Judul Laporan;Isi Laporan;Lokasi;Tanggal\n"
        "1916449;Siti;081333444555;Sinyal;Kalipang belum ada jaringan, indosat putus-putus;Kec. Sutojayan;2024-05-02\n"
        "1916450;Agus;081333444556;Listrik;Di desa Kalipang belum ada jaringan listrik;Blitar;2024-06-02\n"
    )
    found = read_in(tmp_path / "lapor.csv", region)
    rows = as_evidence(found.accepted, "3505/x")
    assert rows[["kind", "claimed_state", "operator"]].to_numpy().tolist() == [
        ["complaint", "weak", "Indosat Ooredoo Hutchison"]
    ]
    assert found.refused["code"].tolist() == ["import.text_without_state"]
    assert "Siti" not in rows.to_csv()
    assert "0813" not in rows.to_csv()


@pytest.mark.parametrize(
    ("text", "village", "hamlet", "state"),
    [
        ("Ds. Kalipang kec Sutojayan, Telkomsel kadang tidak ada sinyal", "Kalipang", "", "weak"),
        ("di SDN 2 Kalipang sinyalnya sudah bagus", "Kalipang", "SDN 2 Kalipang", "served"),
        ("sinyal tidak kuat di RT 03 RW 1 Kalipang", "Kalipang", "RT 3 RW 1", "weak"),
        ("Pak Kalipang minta tower", "", "", ""),
        ("Kecamatan Sutojayan susah sinyal", "", "", "weak"),
        ("desa Kalipang dan desa Tambakrejo blank spot", "Kalipang / Tambakrejo", "", "blank"),
    ],
)
def test_what_a_text_says(text: str, village: str, hamlet: str, state: str, region: Region) -> None:
    told = told_in(text, Names.of(region))
    assert (told[0], told[2], told[5]) == (village, hamlet, state)


def test_numbers_of_persons_are_taken_out_and_coordinates_stay() -> None:
    assert "345" not in without_private("hubungi +62 812-3456-7890 atau 081234567890, a@b.id, NIK 3505010101010001")
    assert without_private("-8.081234567, 112.081234567") == "-8.081234567, 112.081234567"
    assert not is_chat("2025-03-05 10:14;Kalipang\n2025-03-06 10:14;Bakung\n")
