"""``jangkau data match``: outlines without codes matched with the villages that ship, as a proposal to confirm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import typer

from coverage.cli.common import DEFAULT_WORDS, FileArgument, WordsOption, say, write_file
from coverage.places.village_matching import MATCHES, VILLAGE
from coverage.readers.proposed_codes import UNSURE, read_proposal

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
    polygons, proposal, _ = read_proposal(file, name)
    matched = ~proposal["how"].isin(UNSURE)
    kept = gpd.GeoDataFrame(
        proposal.loc[matched, [*VILLAGE, "how"]],
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
