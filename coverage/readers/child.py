"""Sandboxed process of :mod:`coverage.readers.confined`: opens one untrusted file.

Started by its path, it imports nothing of ours, gives up memory, time, file size and network before it opens the file,
and leaves an Arrow file of plain columns, rows of text, or ``problem.txt``.
"""

import contextlib
import ctypes
import datetime as dt
import importlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEMORY = 2 * 2**30
SECONDS = 50
EXTRACT_SECONDS = 500
"""For an OpenStreetMap extract."""
MAX_CELLS = 5_000_000
MAX_TILE = 4 * 2**20
_LONGEST_KEY = 40
_NOWHERE = dict.fromkeys(
    ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7", "center_zoom", "center_lon_e7", "center_lat_e7"), 0
)
FILE_SIZE = 600 * 2**20
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000


def give_up(memory: int = MEMORY, seconds: int = SECONDS) -> None:
    """Limit resources (bytes, seconds of CPU) and network, as far as the system allows."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        for what, limit in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_FSIZE, FILE_SIZE),
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(what, (limit, limit))
    if sys.platform == "win32":
        with contextlib.suppress(OSError, AttributeError):
            limit_by_job(ctypes.WinDLL("kernel32"), memory, seconds)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NET)


class _JobLimits(ctypes.Structure):
    """``JOBOBJECT_EXTENDED_LIMIT_INFORMATION`` of Windows (winnt.h)."""

    _fields_ = (
        ("process_time", ctypes.c_int64),  # units of 100 ns in user mode
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("working_set_minimum", ctypes.c_size_t),
        ("working_set_maximum", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("process_peak", ctypes.c_size_t),
        ("job_peak", ctypes.c_size_t),
    )


_PROCESS_TIME, _PROCESS_MEMORY, _DIE_ON_FAULT, _KILL_ON_CLOSE = 0x2, 0x100, 0x400, 0x2000
_EXTENDED_LIMITS = 9


def limit_by_job(kernel32: Any, memory: int, seconds: int) -> bool:
    """Limit this process, and those that it starts, by a job object of Windows; whether that was done.

    The job's handle stays open until the process ends, and whatever it has started then ends with it.
    """
    pointer = ctypes.c_void_p
    for name, arguments in (
        ("CreateJobObjectW", (pointer, ctypes.c_wchar_p)),
        ("SetInformationJobObject", (pointer, ctypes.c_int, pointer, ctypes.c_uint32)),
        ("AssignProcessToJobObject", (pointer, pointer)),
        ("GetCurrentProcess", ()),
    ):
        getattr(kernel32, name).argtypes = arguments
    kernel32.CreateJobObjectW.restype = kernel32.GetCurrentProcess.restype = pointer  # an int would cut it off
    job = kernel32.CreateJobObjectW(None, None)
    if not job:
        return False
    limits = _JobLimits(process_time=seconds * 10_000_000, process_memory=memory)
    limits.flags = _PROCESS_TIME | _PROCESS_MEMORY | _DIE_ON_FAULT | _KILL_ON_CLOSE
    size = ctypes.sizeof(limits)
    done = kernel32.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), size)
    return bool(done and kernel32.AssignProcessToJobObject(job, kernel32.GetCurrentProcess()))


def read(path: str, layer: str, driver: str, out: Path, only: dict[str, Any]) -> None:
    """Read a layer with one driver into an Arrow file with metadata; ``only`` says which part of an extract."""
    import pyarrow as pa

    if driver == "Parquet":
        from pyarrow import parquet

        table = parquet.read_table(path)
        about = json.loads((table.schema.metadata or {})[b"geo"])
        column = about["primary_column"]
        meta = {"geometry": column, "crs": about["columns"][column].get("crs", "OGC:CRS84")}
    elif driver == "OSM":
        table, meta = _read_extract(path, out, only)
    else:
        # pyogrio imports these if it can, which takes longer than the reading, and needs none for Arrow.
        sys.modules.update(dict.fromkeys(("geopandas", "pandas", "pyproj", "shapely")))  # type: ignore[arg-type]
        import pyogrio

        if driver == "GPKG":
            _check_pages(path)
        layers = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
        if not layer and len(layers) != 1:
            (out / "layers.json").write_text(json.dumps(layers), "utf-8")
            return
        if layer and layer not in layers and len(layers) == 1:
            layer = ""
        if pyogrio.read_info(path, layer=layer or None)["driver"] != driver:
            raise ValueError("another driver")
        encoding = _encoding(Path(path)) if driver == "ESRI Shapefile" else None
        found, table = pyogrio.read_arrow(
            path, layer=layer or None, read_geometry=True, return_fids=True, encoding=encoding
        )
        geometry = found["geometry_name"] or "wkb_geometry"
        meta = {"geometry": geometry, "crs": found["crs"], "fid": table.column_names[0], "encoding": encoding}
        if driver == "GPKG":
            meta["bounds"] = _bounds(path, layer or layers[0])
    with pa.OSFile(str(out / "features.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    (out / "about.json").write_text(json.dumps(meta), "utf-8")


def read_quadkeys(path: str, out: Path, only: dict[str, Any]) -> None:
    """Write those rows of a Parquet file whose ``quadkey`` begins with one of ``only["within"]`` into an Arrow file."""
    import pyarrow as pa
    from pyarrow import compute, parquet

    file = parquet.ParquetFile(path, memory_map=False)
    names = [name for name in only["columns"] if name in file.schema_arrow.names]
    schema = pa.schema([(name, pa.string() if name == "quadkey" else pa.float64()) for name in names])
    wanted, length, count = pa.array(only["within"]), len(only["within"][0]), 0
    with pa.OSFile(str(out / "features.arrow"), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in file.iter_batches(columns=names) if "quadkey" in names else ():
            keys = compute.utf8_slice_codeunits(batch["quadkey"].cast(pa.string()), 0, _LONGEST_KEY)
            near = compute.is_in(compute.utf8_slice_codeunits(keys, 0, length), value_set=wanted)
            found = batch.set_column(batch.schema.get_field_index("quadkey"), "quadkey", keys).filter(near)
            count += len(found)
            if count > only["most"]:
                raise ValueError(f"more than {only['most']} tiles")
            writer.write_batch(found.select(names).cast(schema))
    (out / "about.json").write_text("{}", "utf-8")


def _read_extract(path: str, out: Path, only: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Layers of an OpenStreetMap extract below one another, each feature with its ``osm_layer``.

    ``only`` holds ``bbox``, and by layer a condition and the wanted columns.
    """
    sys.modules.update(dict.fromkeys(("geopandas", "pyproj", "shapely")))  # type: ignore[arg-type]
    import pyarrow as pa
    import pyogrio

    pyogrio.set_gdal_config_options({"OSM_MAX_TMPFILE_SIZE": 400, "CPL_TMPDIR": str(out)})  # its index of nodes
    if pyogrio.read_info(path, layer="points")["driver"] != "OSM":
        raise ValueError("another driver")
    parts = []
    for layer, (where, columns) in only["layers"].items():
        found, table = pyogrio.read_arrow(path, layer=layer, bbox=tuple(only["bbox"]), where=where, columns=columns)
        shapes = table[found["geometry_name"] or "wkb_geometry"].cast(pa.binary())
        plain = [*(table[name].cast(pa.string()) for name in columns), shapes, pa.repeat(layer, len(table))]
        parts.append(pa.Table.from_arrays(plain, names=[*columns, "wkb", "osm_layer"]))
    return pa.concat_tables(parts, promote_options="default"), {"geometry": "wkb", "crs": "EPSG:4326", "loose": True}


def _encoding(path: Path) -> str | None:
    """Encoding of a Shapefile's attributes if undeclared or not the declared one; else None."""
    data = path.with_suffix(".dbf").read_bytes()
    page = path.with_suffix(".cpg")
    declared = page.read_text("ascii", "replace").strip().upper() if page.is_file() else ""
    records = data[int.from_bytes(data[8:10], "little") :]
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        unsaid = declared.replace("-", "") in ("UTF8", "65001") or (not declared and data[29:30] == b"\0")
        return "cp1252" if unsaid else None
    return None if records.isascii() else "utf-8"


def _check_pages(path: str) -> None:
    """SQLite's integrity check of a GeoPackage."""
    _read_only(path).close()


def _read_only(path: str) -> sqlite3.Connection:
    """Open a SQLite file of a stranger; refused where its pages are damaged."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
        raise ValueError("damaged pages")
    return connection


def _bounds(path: str, layer: str) -> dict[int, list[float]]:
    """Boxes of a GeoPackage's spatial index, to verify the features."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        column = connection.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()
        index = f"rtree_{layer}_{column[0]}".replace('"', '""')
        try:
            rows = connection.execute(f'SELECT id, minx, miny, maxx, maxy FROM "{index}"').fetchall()  # noqa: S608
        except sqlite3.DatabaseError:
            return {}
    return {row[0]: list(row[1:]) for row in rows}


def read_workbook(path: str, sheet: str, out: Path) -> None:
    """Write the rows of a workbook as text, and which sheets are visible.

    Parameters
    ----------
    path : Excel or OpenDocument
    sheet : the wanted sheet; empty for all visible ones
    out
        Folder for ``rows.json``: ``names, shown, tables`` (by sheet: rows of number and cells), ``merged`` (by sheet:
        first row, column, last row of cells merged over rows), ``too_many``.
    """
    import python_calamine as calamine

    made: dict[str, object] = {}
    try:
        book = calamine.load_workbook(path)
        shown = [item.name for item in book.sheets_metadata if item.visible == calamine.SheetVisibleEnum.Visible]
        made = {"names": book.sheet_names, "shown": shown}
        tables: dict[str, list[tuple[int, list[str]]]] = {}
        merged: dict[str, list[list[int]]] = {}
        for name in [sheet] if sheet else shown or book.sheet_names:
            if name in book.sheet_names:
                found = book.get_sheet_by_name(name)
                if found.height * found.width > MAX_CELLS:
                    made["too_many"] = name
                    break
                first, left = found.start or (0, 0)
                rows = [
                    (first + at + 1, [""] * left + [cell_text(cell) for cell in cells])
                    for at, cells in enumerate(found.to_python(skip_empty_area=True))
                ]
                tables[name] = [(number, cells) for number, cells in rows if any(cells)]
                merged[name] = [
                    [top + 1, left, bottom + 1]
                    for (top, left), (bottom, _) in found.merged_cell_ranges or []
                    if bottom > top
                ]
        made["tables"], made["merged"] = tables, merged
    except calamine.PasswordError:
        made = {"protected": True}
    (out / "rows.json").write_text(json.dumps(made, ensure_ascii=False), "utf-8", "surrogatepass")


def rewrite_tiles(path: str, out: Path) -> None:
    """Write the pictures of an MBTiles or PMTiles file into a PMTiles file, and ``about.json`` beside it."""
    reader: Any = importlib.import_module("pmtiles.reader")
    kinds, zooms, count = set(), set(), 0
    with contextlib.ExitStack() as stack:
        if Path(path).read_bytes().startswith(b"SQLite"):
            about, tiles = _mbtiles(stack.enter_context(contextlib.closing(_read_only(path))))
        else:
            source = reader.MmapSource(stack.enter_context(Path(path).open("rb")))
            about, tiles = reader.Reader(source).metadata(), reader.all_tiles(source)
        form: Any = importlib.import_module("pmtiles.tile")
        writer = importlib.import_module("pmtiles.writer").Writer(
            stack.enter_context((out / "tiles.pmtiles").open("wb"))
        )
        for (zoom, x, y), data in tiles:
            count += 1
            if len(data) > MAX_TILE or count > MAX_CELLS:
                raise ValueError("too large")
            kinds.add(data[: 2 if data.startswith(b"\xff\xd8") else 4])
            zooms.add(zoom)
            writer.write_tile(form.zxy_to_tileid(zoom, x, y), data)
        if not count or not kinds <= {b"\x89PNG", b"\xff\xd8", b"RIFF"}:
            raise ValueError("no pictures (PNG, JPEG, WebP)")
        writer.finalize({"tile_type": form.TileType.UNKNOWN, "tile_compression": form.Compression.NONE, **_NOWHERE}, {})
    told = {"attribution": str(about.get("attribution") or ""), "count": count, "least": min(zooms), "most": max(zooms)}
    (out / "about.json").write_text(json.dumps(told), "utf-8")


def _mbtiles(database: sqlite3.Connection) -> tuple[dict[str, str], Iterator[tuple[tuple[int, int, int], bytes]]]:
    """Metadata and tiles of an MBTiles file, whose rows count from the south."""
    about = dict(database.execute("SELECT name, value FROM metadata").fetchall())
    rows = database.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles")
    return about, (((z, x, 2**z - 1 - y), bytes(data)) for z, x, y, data in rows if 0 <= z <= 24)


def cell_text(cell: object) -> str:
    """A cell as text: numbers as Python writes them, dates in ISO format."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return clean(str(cell))


def clean(cell: str) -> str:
    """Trimmed text; Unicode spaces become spaces."""
    return cell.strip() if cell.isascii() else cell.replace("\u00a0", " ").replace("\ufeff", "").strip()


def main() -> None:
    """Arguments: path, layer or sheet, driver, output folder."""
    path, layer, driver, folder, only = sys.argv[1:6]
    give_up(seconds=EXTRACT_SECONDS if driver == "OSM" else SECONDS)
    try:
        if driver == "Workbook":
            read_workbook(path, layer, Path(folder))
        elif driver == "Quadkeys":
            read_quadkeys(path, Path(folder), json.loads(only))
        elif driver == "Tiles":
            rewrite_tiles(path, Path(folder))
        else:
            read(path, layer, driver, Path(folder), json.loads(only))
    except BaseException as error:  # any error of a damaged file
        (Path(folder) / "problem.txt").write_text(f"{type(error).__name__}: {error}"[:300], "utf-8")
        os._exit(3)


if __name__ == "__main__":
    main()
