"""``jangkau data match``: outlines without codes matched with the villages that ship, as a proposal to confirm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
import typer

from coverage.base.errors import ColumnError, FileRefusedError, Place
from coverage.cli.common import DEFAULT_WORDS, FileArgument, WordsOption, say, write_file
from coverage.places.regencies import Regency, find_regencies
from coverage.places.village_matching import MATCHES, propose_codes
from coverage.places.villages import ALIASES, find_columns
from coverage.readers.geofiles import read_geofile
from coverage.readers.nation import outlines, regencies, villages_of

SHOWN = 20


def match_command(
    file: FileArgument,
    out: Annotated[Path, typer.Option(help="Berkas batas dengan kode usulan. / Outlines with the proposed codes.")],
    name: Annotated[str | None, typer.Option(help="Kolom nama desa. / Column with the village's name.")] = None,
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Usulkan kode untuk batas desa tanpa kode, menurut nama dan letak. / Propose codes for outlines without any.

    Contoh / Example: jangkau data match batas_osm.geojson --out usulan.geojson
    """
    features = read_geofile(file, prefer="villages")
    polygons = features[features.geometry.geom_type.isin(("Polygon", "MultiPolygon"))].reset_index(drop=True)
    if polygons.empty:
        raise FileRefusedError("villages.none", Place(file=file.name))
    columns = [str(column) for column in polygons.columns if column != polygons.geometry.name]
    named = [name] if name else find_columns(columns, "village")
    if not named or named[0] not in columns:
        raise ColumnError(
            "villages.no_name_column", Place(file=file.name), columns=columns[:30], offered=list(ALIASES["village"])
        )
    proposal = propose_codes(polygons, named[0], _villages_around(polygons, file.name))
    matched = ~proposal["how"].isin(("place_only", "none"))
    kept = gpd.GeoDataFrame(
        proposal.loc[matched, ["village_code_bps", "village_code_kemendagri", "village", "subdistrict", "how"]],
        geometry=polygons.geometry[matched.to_numpy()].to_numpy(),
        crs="EPSG:4326",
    )
    table = out.with_suffix(".csv")
    write_file(out, kept.to_json(drop_id=True).encode())
    write_file(table, proposal.to_csv(index=False).encode("utf-8-sig"))
    for how in MATCHES:
        part = proposal[proposal["how"] == how]
        if len(part):
            told = words(f"villages.match.{how}", count=len(part))
            unsure = "" if how == MATCHES[0] else ": " + "; ".join(map(_label, part.head(SHOWN).to_dict("records")))
            say(f"  {told}{unsure}")
    say(words("villages.match.written", file=str(out), table=str(table)))


def _label(line: dict[Any, Any]) -> str:
    if not isinstance(line["village"], str):
        return str(line["name"])
    return f"{line['name']} → {line['village']} ({line['subdistrict']})"


def _villages_around(polygons: gpd.GeoDataFrame, file: str) -> pd.DataFrame:
    """The villages that ship of every regency that the outlines touch."""
    known = outlines()
    box = polygons.total_bounds
    touched = known.cx[box[0] : box[2], box[1] : box[3]].index
    found: list[Regency] = [one for code in touched for one in find_regencies(str(code), regencies())]
    if not found:
        raise FileRefusedError("villages.outside_indonesia", Place(file=file, value=", ".join(f"{x:.4f}" for x in box)))
    return pd.concat([villages_of(one) for one in found], ignore_index=True)
