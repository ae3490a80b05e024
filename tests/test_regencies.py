"""Regencies by code, by name, and by words near them."""

import pandas as pd
import pytest

from coverage.base.errors import FileRefusedError
from coverage.places.regencies import codes_of, find_regencies, regency_code, search_regencies, with_keys
from coverage.readers.nation import regencies
from coverage.store.drawn import boundary_file


def names(found):
    return [one.name for one in found]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("brebes", "Kabupaten Brebes"),
        ("kab. brebes", "Kabupaten Brebes"),
        ("KABUPATEN BREBES", "Kabupaten Brebes"),
        ("33.29", "Kabupaten Brebes"),
        ("3329", "Kabupaten Brebes"),
        ("kota bogor", "Kota Bogor"),
        ("Kab Bogor", "Kabupaten Bogor"),
        ("jakarta selatan", "Kota Administrasi Jakarta Selatan"),
        ("merauke", "Kabupaten Merauke"),
        ("93.01", "Kabupaten Merauke"),
        ("9403", "Kabupaten Jayapura"),
        ("91.03", "Kabupaten Jayapura"),
        ("33-29", "Kabupaten Brebes"),
        ("33,29", "Kabupaten Brebes"),
        ("33.29.", "Kabupaten Brebes"),
        ("3329.0", "Kabupaten Brebes"),
        ("３３２９", "Kabupaten Brebes"),
        ("brebes (jawa tengah)", "Kabupaten Brebes"),
        ("Kab. Brebes - Jawa Tengah", "Kabupaten Brebes"),
        ("kabbrebes", "Kabupaten Brebes"),
        ("Dinas Kominfo Kab. Brebes", "Kabupaten Brebes"),
        ("pemkot bogor", "Kota Bogor"),
        ("kotabogor", "Kota Bogor"),
        ("Bogor, Kab.", "Kabupaten Bogor"),
        ("Bogor (Kota), Jawa Barat", "Kota Bogor"),
        ("jayapura kota", "Kota Jayapura"),
        ("lima puluh kota", "Kabupaten Lima Puluh Kota"),
        ("kota baru", "Kabupaten Kotabaru"),
        ("kotamobagu", "Kota Kotamobagu"),
        ("Kep. Mentawai", "Kabupaten Kepulauan Mentawai"),
        ("kab. adm. kep. seribu", "Kabupaten Administrasi Kepulauan Seribu"),
        ("kepulauan siau tagulandang biaro", "Kabupaten Kep. Siau Tagulandang Biaro"),
        ("peg. bintang", "Kabupaten Pegunungan Bintang"),
        ("toba samosir", "Kabupaten Toba"),
        ("kab. mamuju utara", "Kabupaten Pasangkayu"),
        ("pontianak", "Kota Pontianak"),
        ("kab. pontianak", "Kabupaten Mempawah"),
    ],
)
def test_a_code_or_a_name_finds_one_regency(text, name):
    assert names(find_regencies(text, regencies())) == [name]


def test_a_name_of_two_is_never_decided():
    assert names(find_regencies("blitar", regencies())) == ["Kabupaten Blitar", "Kota Blitar"]
    assert names(find_regencies("bogor", regencies())) == ["Kabupaten Bogor", "Kota Bogor"]


def test_four_digits_are_bps_and_never_a_kemendagri_code_without_its_dot():
    # 9401 was Merauke for BPS; 94.01 is Nabire for Kemendagri.
    assert find_regencies("9401", regencies()) == []
    assert names(find_regencies("94.01", regencies())) == ["Kabupaten Nabire"]
    assert names(search_regencies("9401", regencies())) == ["Kabupaten Nabire"]


def test_nothing_is_called_so():
    assert find_regencies("", regencies()) == []
    assert find_regencies("atlantis", regencies()) == []
    assert find_regencies("kabupaten", regencies()) == []
    assert find_regencies("kota bogor, jawa tengah", regencies()) == []


@pytest.mark.slow
def test_every_regency_is_found_by_its_own_codes_and_its_own_name():
    table = regencies()
    for row in table.itertuples():
        for text in filter(None, (row.regency_code_kemendagri, row.regency_code_bps, row.regency)):
            assert [one.kemendagri for one in find_regencies(text, table)] == [row.regency_code_kemendagri], text


def test_the_codes_of_a_table_are_those_of_its_regencies():
    table = regencies()
    known = [one.code for one in search_regencies("", table)]
    assert sorted(codes_of(table)) == sorted(known)
    assert len(set(known)) == len(table)
    assert "3505" in known
    assert any("." in code for code in known)


def test_words_search_names_provinces_and_misspellings():
    assert "Kabupaten Merauke" in names(search_regencies("papua selatan", regencies()))
    assert names(search_regencies("brebs", regencies())) == ["Kabupaten Brebes"]
    assert names(search_regencies("kab. brebes", regencies()))[0] == "Kabupaten Brebes"
    assert len(search_regencies("", regencies())) == 514


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("jaksel", "Kota Administrasi Jakarta Selatan"),
        ("tangsel", "Kota Tangerang Selatan"),
        ("oku timur", "Kabupaten Ogan Komering Ulu Timur"),
        ("tanjabtim", "Kabupaten Tanjung Jabung Timur"),
        ("pangkep", "Kabupaten Pangkajene dan Kepulauan"),
        ("aru", "Kabupaten Kepulauan Aru"),
        ("sula", "Kabupaten Kepulauan Sula"),
        ("tegal jateng", "Kabupaten Tegal"),
        ("dki jakarta", "Kabupaten Administrasi Kepulauan Seribu"),
        ("94.71", "Kota Jayapura"),
        ("33.29.01.2001", "Kabupaten Brebes"),
        ("3329010001", "Kabupaten Brebes"),
        ("darmasraya", "Kabupaten Dharmasraya"),
    ],
)
def test_a_short_or_misspelt_name_is_offered_and_never_decided(text, name):
    assert find_regencies(text, regencies()) == []
    assert names(search_regencies(text, regencies()))[0] == name


def test_words_of_no_regency_offer_nothing():
    for text in ("kota", "x", "9999", "atlantis"):
        assert search_regencies(text, regencies()) == [], text


def test_a_village_without_bps_code_goes_by_its_dotted_code():
    villages = pd.DataFrame(
        {"village_code_kemendagri": ["12.21.01.2001", "93.01.01.2001"], "village_code_bps": ["1221010001", ""]}
    )
    keys = with_keys(villages)["village_code_bps"]
    assert keys.tolist() == ["1221010001", "93.01.01.2001"]
    assert regency_code(keys).tolist() == ["1221", "93.01"]


def test_the_regency_whose_villages_do_not_ship_is_known_by_name() -> None:
    (found,) = find_regencies("fakfak", regencies())
    assert (found.code, found.kemendagri, found.villages) == ("9101", "92.03", 0)
    with pytest.raises(FileRefusedError, match=r"region\.no_villages"):
        boundary_file("fakfak")
