"""Lists of evidence for a run: states read or the list refused, and no row lost."""

from pathlib import Path

import pytest

from coverage.base.errors import ColumnError, RowError
from coverage.base.schema import EVIDENCE
from coverage.imports.evidence_lists import read_evidence
from coverage.imports.places import Region
from coverage.language.words import LANGUAGES, Words
from coverage.run.inputs import load_inputs


@pytest.fixture(scope="module")
def region() -> Region:
    return Region(load_inputs().villages)


def write(folder: Path, text: str, name: str = "resmi_2023.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_seven_of_the_region_that_ships() -> None:
    evidence = load_inputs().evidence
    assert evidence is not None
    assert evidence["village_code_bps"].tolist() == [
        "3505030003", "3505030001", "3505030006", "3505060010", "3505040001", "3505020001", "3505020006",
    ]  # fmt: skip
    assert evidence["match"].value_counts().to_dict() == {"agreed": 6, "code_conflict": 1}
    assert set(evidence["claimed_state"]) == {"blank"}
    assert set(evidence["date"]) == {"2023"}


def test_an_official_list_becomes_evidence_and_a_village_that_is_not_found_stays(
    tmp_path: Path, region: Region
) -> None:
    text = "Kode,Desa,Kecamatan\n3505030003,Kali Gambir,Panggungrejo\n3505060014,Kaulon,Sutojayan\n,Atlantis,\n"
    table = read_evidence(write(tmp_path, text, "blankspot_2023.csv"), region)
    assert list(table.columns) == EVIDENCE.names
    assert table["evidence_id"].tolist() == ["blankspot_2023.csv:2", "blankspot_2023.csv:3", "blankspot_2023.csv:4"]
    assert table["village_code_bps"].tolist() == ["3505030003", "3505060010", None]
    assert table["match"].tolist() == ["agreed", "code_conflict", "not_found"]
    assert table["given_village"].tolist() == ["Kali Gambir", "Kaulon", "Atlantis"]
    assert set(table["claimed_state"]) == {"blank"}
    assert set(table["date"]) == {"2023"}


@pytest.mark.parametrize("header", ["status", "Kondisi Sinyal", "sinyal", "keterangan"])
def test_an_official_list_with_a_column_of_states_is_read_by_it(tmp_path: Path, region: Region, header: str) -> None:
    text = f"kode_desa,nama_desa,{header}\n3505030003,Kaligambir,served\n3505030006,Panggungrejo,lemah\n"
    assert read_evidence(write(tmp_path, text), region)["claimed_state"].tolist() == ["served", "weak"]


@pytest.mark.parametrize("word", ["Desa", "Mandiri"])
def test_what_a_village_is_says_nothing_of_its_signal(tmp_path: Path, region: Region, word: str) -> None:
    text = f"kode_desa,nama_desa,status\n3505030003,Kaligambir,{word}\n3505030006,Panggungrejo,{word}\n"
    assert read_evidence(write(tmp_path, text), region)["claimed_state"].tolist() == ["blank", "blank"]


@pytest.mark.parametrize("words", [("served", "sudah dibangun"), ("belum tahu", "sudah dibangun")])
def test_a_state_that_is_no_word_for_one_refuses_the_list(
    tmp_path: Path, region: Region, words: tuple[str, str]
) -> None:
    text = f"kode_desa,nama_desa,status\n3505030003,Kaligambir,{words[0]}\n3505030006,Panggungrejo,{words[1]}\n"
    with pytest.raises(RowError) as refused:
        read_evidence(write(tmp_path, text), region)
    assert refused.value.code == "import.unknown_claim"
    assert refused.value.place.row == (3 if words[0] == "served" else 2)
    for language in LANGUAGES:
        told = Words(language).error(refused.value)
        assert "resmi_2023.csv" in told
        assert "blank" in told
        assert "--skip-refused" not in told


def test_a_list_that_names_no_village_is_refused(tmp_path: Path, region: Region) -> None:
    with pytest.raises(ColumnError, match=r"imports\.no_village"):
        read_evidence(write(tmp_path, "nama pelapor,isi\nBudi,tidak ada sinyal\n"), region)
