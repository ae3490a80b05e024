"""Lists of villages and code tables: columns of code, name, subdistrict, regency.

Columns are told by the words in their names, as Indonesian sources write them (BPS, Kemendagri, BIG, PODES, HDX), else
by content.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coverage.base.errors import ColumnError, Place
from coverage.places.codes import normalise_name, parse_bps, parse_kemendagri, read_code, read_name
from coverage.readers.tables import Note, TextTable, plain, read_table

CODE_WORDS = {"kode", "kd", "code", "id", "pcode", "kdebps", "kdepum", "iddesa", "kodedesa", "mfd", "cd"}
CODE_FUSED = {
    "kdebps", "kdepum", "iddesa", "kodedesa", "kodewilayah", "kddesa", "kdkel", "kdkec", "kdkab", "kdprov", "kdprop",
    "idkec", "idkab", "idprov", "kodekec", "kodekab", "kodeprov", "kodebps",
}  # fmt: skip
LEVEL_WORDS = {
    "village": {
        "desa", "kelurahan", "kel", "village", "villages", "desakel", "nmdesa", "namadesa", "nmkel", "wadmkd", "namobj",
        "adm4", "nagari", "gampong", "pekon", "kampung", "kalurahan", "iddesa", "kodedesa", "kdepum", "kdebps",
        "kddesa", "kdkel", "mfd2020", "bridge", "ds", "kodewilayah", "kodebps", "desakelurahan",
    },
    "subdistrict": {
        "kecamatan", "kec", "subdistrict", "district", "nmkec", "namakec", "wadmkc", "adm3", "kdkec", "idkec",
        "kodekec", "kapanewon", "distrik", "namakecamatan",
    },
    "regency": {
        "kabupaten", "kab", "kota", "regency", "nmkab", "namakab", "wadmkk", "adm2", "kdkab", "idkab", "kodekab",
        "kabkota", "kabupatenkota",
    },
    "province": {
        "provinsi", "prov", "propinsi", "province", "nmprov", "wadmpr", "adm1", "kdprov", "kdprop", "idprov",
        "kodeprov",
    },
}  # fmt: skip
NAME_WORDS = {"nama", "name", "nm", "namobj", "mfd2020", "adm4", "adm3", "adm2"}
NAME_COMPANIONS = {"hdx", "bridge", "wilayah", "resmi", "official", "lama", "baru", "lain", "en", "id", "administrasi"}
"""Words that may stand beside "name" in a column name."""
SYSTEM_WORDS = {
    "bps": {"bps", "mfd", "kdebps", "iddesa", "kodebps"},
    "kemendagri": {"kemendagri", "dagri", "depdagri", "mendagri", "permendagri", "kdepum", "pum"},
}
OTHER_WORDS = {
    "jumlah", "luas", "penduduk", "status", "tipe", "jenis", "kepala", "kades", "lurah", "alamat", "kantor", "lat",
    "lon", "lng", "lintang", "bujur", "nomor", "tahun", "telepon", "telp", "hp", "area", "population", "type", "date",
    "tanggal", "postal", "pos", "codes", "centre", "center", "share", "rank", "operator", "kategori", "iou", "km2",
    "source", "sumber", "country", "valid", "rt", "rw", "dusun", "keterangan", "indeks", "idm", "quality",
}  # fmt: skip
"""Words of columns that hold neither code nor name."""
KNOWN_WORDS = {"no", "urut", "dan", "atau"}.union(
    CODE_WORDS, CODE_FUSED, NAME_WORDS, NAME_COMPANIONS, OTHER_WORDS, *SYSTEM_WORDS.values(), *LEVEL_WORDS.values()
)
ROLES = ("code", "code_bps", "code_kemendagri", "village", "subdistrict", "regency", "parent")


def role_of(column: str) -> str | None:
    """Role of a column by its name: one of :data:`ROLES`, ``part_<level>`` for a part of a code, or None."""
    words = [word for word in plain(column).split("_") if word]
    found = _words(column)
    if not words or found & OTHER_WORDS:
        return None
    if "parent" in found:
        return "parent"
    coded = bool(found & (CODE_WORDS | CODE_FUSED))
    levels = [level for level, names in LEVEL_WORDS.items() if found & names]
    system = next((name for name, names in SYSTEM_WORDS.items() if found & names), None)
    named = bool(found & NAME_WORDS)
    if (coded or (system and not named and not levels)) and not (named and not found & {"kode", "code", "pcode"}):
        if levels and "village" not in levels:
            return f"part_{levels[0]}"
        return f"code_{system}" if system else "code"
    if levels:
        return levels[0] if levels[0] != "province" else None
    rest = {word for word in words if not word.isdigit()} - NAME_WORDS - NAME_COMPANIONS - SYSTEM_WORDS["bps"]
    return "village" if named and not rest - SYSTEM_WORDS["kemendagri"] else None


def _words(column: str) -> set[str]:
    name = plain(column)
    return set(name.split("_")) | {name.replace("_", "")}


def is_header(cell: str) -> bool:
    """Whether a cell is a column name of a list of villages, and not "Desa Sukamaju"."""
    words = {word for word in plain(cell).split("_") if word and not word.isdigit()}
    return bool(words) and (words <= KNOWN_WORDS or plain(cell).replace("_", "") in KNOWN_WORDS)


def find_columns(table: TextTable, villages: pd.DataFrame | None = None) -> dict[str, list[str]]:
    """Tell which columns hold what.

    Parameters
    ----------
    villages : villages of the region, to tell columns by what is in them where their names say nothing

    Returns
    -------
    dict
        From role (see :func:`role_of`) to the columns that have it, the most telling first.
    """
    frame = table.frame
    columns: dict[str, list[str]] = {}
    for name in frame.columns:
        said = role_of(name)
        if said and _plausible(frame[name], said, plain(name)):
            columns.setdefault(said, []).append(name)
    for role, names in columns.items():
        shares = {name: _share_of_role(frame[name], role) for name in names}
        vague = {name: role == "village" and not LEVEL_WORDS[role] & _words(name) for name in names}
        order = {name: (-shares[name], vague[name], len(plain(name).split("_"))) for name in names}
        names.sort(key=lambda name, order=order: order[name])  # type: ignore[misc]
    taken = {name for names in columns.values() for name in names}
    rest = [name for name in frame.columns if name not in taken]
    if not any(role in columns for role in ("code", "code_bps", "code_kemendagri")):
        _add_best(columns, "code", {name: _code_share(frame[name]) for name in rest}, 0.5)
    if villages is not None and len(villages):
        rest = [name for name in rest if name not in columns.get("code", [])]
        for role, column in (("village", "village"), ("subdistrict", "subdistrict")):
            if role not in columns and column in villages.columns:
                keys = {_key(value, role) for value in villages[column]} - {""}
                shares = {name: _known_share(frame[name], role, keys) for name in rest}
                _add_best(columns, role, shares, 0.4)
                rest = [name for name in rest if name not in columns.get(role, [])]
    return columns


def _key(value: object, role: str) -> str:
    return read_name(value, "subdistrict").key if role == "subdistrict" else normalise_name(value)


def _add_best(columns: dict[str, list[str]], role: str, shares: dict[str, float], least: float) -> None:
    best = max(shares, key=lambda name: shares[name], default=None)
    if best is not None and shares[best] >= least:
        columns[role] = [best]


def _filled(values: pd.Series) -> pd.Series:
    return values[values != ""].iloc[:2000]


def _known_share(values: pd.Series, role: str, keys: set[str]) -> float:
    """Share of filled cells that are names of the region."""
    found = [_key(value, role) in keys for value in _filled(values)]
    return sum(found) / len(found) if found else 0.0


def _code_share(values: pd.Series) -> float:
    """Share of filled cells with a village code, possibly damaged by a spreadsheet."""
    filled = _filled(values)
    return (
        float(filled.map(lambda value: read_code(value).system in ("bps", "kemendagri", "damaged")).mean())
        if len(filled)
        else 0.0
    )


def _word_share(values: pd.Series) -> float:
    filled = _filled(values)
    return float(filled.map(lambda value: any(c.isalpha() for c in value)).mean()) if len(filled) else 0.0


def _share_of_role(values: pd.Series, role: str) -> float:
    return round(_code_share(values) if role.startswith("code") else _word_share(values), 1)


def _plausible(values: pd.Series, role: str, name: str) -> bool:
    """Whether content may be what the name says: no numbers for names, no running number for a code."""
    if not len(_filled(values)):
        return False
    if role.startswith("code"):
        return _code_share(values) > 0 or len(name.split("_")) > 1 or name in CODE_FUSED
    return role.startswith("part_") or role == "parent" or _word_share(values) >= 0.5


def read_village_list(
    path: str | Path, villages: pd.DataFrame | None = None, sheet: str | None = None
) -> tuple[pd.DataFrame, list[Note]]:
    """Read any list of villages as it is written, for :func:`coverage.places.reconcile.reconcile`.

    Parameters
    ----------
    path : CSV or Excel, columns in any order
    villages : villages of the region: helps to find columns whose names say nothing
    sheet : sheet of the workbook, where several hold a list

    Returns
    -------
    rows : DataFrame
        ``row`` (number in the file), ``code, village, subdistrict, regency`` as text, empty where there is nothing. Of
        a BPS and a Kemendagri code in the same row, the BPS code.
    notes : list of Note
        What was skipped on the way.

    Raises
    ------
    ColumnError
        No column with a code or a name of a village.
    """
    table = read_table(path, is_header, sheet)
    columns = find_columns(table, villages)
    made = pd.DataFrame({"row": table.frame.index.to_numpy()})
    made["code"] = row_codes(table.frame, columns).to_numpy()
    for role in ("village", "subdistrict", "regency"):
        made[role] = table.frame[columns[role][0]].to_numpy() if role in columns else ""
    if not {"village", "code", "code_bps", "code_kemendagri"} & set(columns) and (made["code"] == "").all():
        raise ColumnError(
            "village_list.no_columns", Place(file=table.file, sheet=table.sheet), columns=list(table.frame.columns)
        )
    return _with_header_row(made, table, columns, villages), table.notes


def _with_header_row(
    made: pd.DataFrame, table: TextTable, columns: dict[str, list[str]], villages: pd.DataFrame | None
) -> pd.DataFrame:
    """Restore a first row taken for a header that names a village."""
    found = {role: names[0] for role, names in columns.items() if role in made.columns}
    if table.header_row is None or villages is None or any(role_of(name) for name in table.frame.columns):
        return made
    if _key(found.get("village", ""), "village") not in {_key(name, "village") for name in villages["village"]} - {""}:
        return made
    first = {role: name for role, name in found.items() if not name.startswith("#")}
    empty = {"row": table.header_row, "code": "", "village": "", "subdistrict": "", "regency": ""}
    return pd.concat([pd.DataFrame([{**empty, **first}]), made], ignore_index=True)


def row_codes(frame: pd.DataFrame, columns: dict[str, list[str]]) -> pd.Series:
    """Village code of each row as written: BPS, else any other, else joined from parts."""
    codes = pd.Series("", index=frame.index, dtype=object)
    parts = [columns.get(f"part_{level}", [None])[0] for level in ("province", "regency", "subdistrict")]
    last = next((columns[role][0] for role in ("code_bps", "code") if role in columns), None)
    if last is not None and _short_numbers(frame[last], 4):
        whole = [frame[name].map(_digits) for name in parts if name]
        tail = frame[last].map(_digits)
        if whole and _short_numbers(frame[parts[2]] if parts[2] else frame[last], 3) and None not in parts:
            codes = whole[0].str.zfill(2) + whole[1].str.zfill(2) + whole[2].str.zfill(3) + tail.str.zfill(3)
        elif parts[2] and not _short_numbers(frame[parts[2]], 6):
            codes = frame[parts[2]].map(_digits) + tail.str.zfill(3)
        return codes.where(tail != "", "").astype(object)
    for role in ("code_bps", "code", "code_kemendagri"):
        for name in columns.get(role, []):
            codes = codes.mask(codes == "", frame[name])
    return codes


def _digits(value: str) -> str:
    text = value[:-2] if value.endswith(".0") else value
    return text if text.isdigit() else ""


def _short_numbers(values: pd.Series, most: int) -> bool:
    filled = _filled(values).map(_digits)
    return bool(len(filled)) and bool((filled.str.len() <= most).all() and (filled != "").all())


def read_crosswalk(path: str | Path) -> pd.DataFrame:
    """Read a table of village codes: BPS and Kemendagri codes side by side, or one of them with the names.

    Parameters
    ----------
    path : CSV or Excel, such as the BPS bridge

    Returns
    -------
    DataFrame
        Text, None where there is nothing: ``village_code_bps``, ``village_code_kemendagri`` (dotted), ``village``,
        ``other_names`` (further spellings in the table, separated by ``|``), ``subdistrict``, ``regency``, ``parent``
        (code of the subdistrict). A row per row of the table that has a code.

    Raises
    ------
    ColumnError
        No column with a code, or none with a name.
    """
    table = read_table(path, is_header)
    frame, columns = table.frame, find_columns(table)
    coded = [role for role in ("code_bps", "code_kemendagri", "code") if role in columns]
    if not coded or "village" not in columns:
        raise ColumnError(
            "crosswalk.no_columns", Place(file=table.file, sheet=table.sheet), columns=list(frame.columns)
        )
    made = pd.DataFrame(index=range(len(frame)))
    for column, parse in (("village_code_bps", parse_bps), ("village_code_kemendagri", parse_kemendagri)):
        made[column] = pd.Series(None, index=made.index, dtype=object)
        other = {"village_code_bps": "code_kemendagri", "village_code_kemendagri": "code_bps"}[column]
        for name in [name for role in coded if role != other for name in columns[role]]:
            found = pd.Series([parse(value) for value in frame[name]], dtype=object)
            made[column] = made[column].where(made[column].notna(), found)
    made["village"] = _or_none(frame[columns["village"][0]])
    made["other_names"] = (
        _or_none(frame[columns["village"][1:]].agg("|".join, axis=1)) if len(columns["village"]) > 1 else None
    )
    for role in ("subdistrict", "regency", "parent"):
        made[role] = _or_none(frame[columns[role][0]]) if role in columns else None
    made = made.astype(object).where(made.notna(), None)
    kept = made["village_code_bps"].notna() | made["village_code_kemendagri"].notna()
    return made[kept].reset_index(drop=True)


def _or_none(values: pd.Series) -> pd.Series:
    return pd.Series([value or None for value in values], dtype=object)
