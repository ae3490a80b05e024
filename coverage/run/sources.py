"""The files of a run, under one name each: for every command, for the app, and as ``JANGKAU_...`` variables."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self, get_origin

from pydantic import BaseModel, ConfigDict, Field

from coverage.base.model_options import DateOrder, Measure, ReachModel
from coverage.store.region_files import Kind

PREFIX = "JANGKAU_"


class Sources(BaseModel):
    """What a run is made from; nothing named means the region that ships, and what the office keeps.

    A list that is named stands in place of what is kept of its kind. The text of each field is the help of its option;
    its variable is :data:`PREFIX` and its name in capitals, several files parted as the system parts paths (``:``, on
    Windows ``;``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str | None = Field(
        default=None,
        description="Berkas batas desa, atau kode/nama kabupaten/kota (brebes, 3329, 33.29). / "
        "File of village boundaries, or code or name of a regency.",
    )
    assets: tuple[Path, ...] = Field(default=(), description="Daftar aset (boleh berulang). / Asset list, repeatable.")
    assets_kind: str | None = Field(default=None, description="Jenis semua aset. / Kind of every asset: tower, ...")
    assets_column: tuple[str, ...] = Field(default=(), description="Kolom / Columns: lat=KOLOM, name=KOLOM, ...")
    assets_sheet: str | None = Field(default=None, description="Lembar, * untuk semua. / Sheet or layer, * for all.")
    assets_crs: str | None = Field(default=None, description="Sistem koordinat / Coordinate system: EPSG:32749")
    assets_dates: DateOrder | None = Field(default=None, description="Urutan tanggal / Order of day and month.")
    assets_repair: tuple[str, ...] = Field(
        default=(), description="Terima perbaikan / Accept repairs: swap, minus, point, utm."
    )
    assets_skip_refused: bool = Field(
        default=False, description="Sisihkan baris aset yang ditolak. / Leave refused rows of asset lists out."
    )
    people: Path | None = Field(
        default=None,
        description="Penduduk per desa (CSV, Excel), raster penduduk (GeoTIFF), titik permukiman atau bangunan. / "
        "People per village, a population raster, settlement points or buildings.",
    )
    people_measure: Measure | None = Field(
        default=None, description="Isi raster penduduk, bila namanya tidak jelas. / What the population raster holds."
    )
    evidence: tuple[Path, ...] = Field(
        default=(), description="Daftar resmi blank spot (boleh berulang). / Official list, repeatable."
    )
    crosswalk: Path | None = Field(default=None, description="Padanan kode BPS dan Kemendagri. / BPS-Kemendagri codes.")
    elevation: tuple[Path, ...] = Field(
        default=(),
        description="Ketinggian medan: GLO-30, SRTM, DEMNAS (GeoTIFF, HGT; boleh berulang). / "
        "Elevation tiles, repeatable.",
    )
    clutter: tuple[Path, ...] = Field(
        default=(),
        description="Tutupan lahan (ESA WorldCover, Copernicus), model permukaan (GeoTIFF), atau tapak bangunan "
        "(boleh berulang). / Land cover, surface model, or footprints of buildings, repeatable.",
    )
    measurements: tuple[Path, ...] = Field(
        default=(),
        description="Uji lapangan dan aduan: posisi, operator, RSRP atau Mbit/s (boleh berulang). / "
        "Drive tests, speed tests and complaints, repeatable.",
    )
    hints: tuple[Path, ...] = Field(
        default=(),
        description="Petunjuk layanan: sel yang terdengar ponsel (CSV OpenCelliD, Mozilla), uji kecepatan Ookla "
        "(boleh berulang). / Hints of service: cells heard by phones (CSV of OpenCelliD, Mozilla), tiles of Ookla's "
        "speed tests, repeatable.",
    )
    calibrate: bool = Field(
        default=False,
        description="Geser perkiraan sinyal menurut uji lapangan. / Shift the prediction to what was measured.",
    )
    reach_model: ReachModel | None = Field(
        default=None,
        description="Model jangkauan menara; tanpa ini: sinyal bila ada ketinggian, selain itu lingkaran. / "
        "How far towers reach; if not given: signal where elevation is given, else circles.",
    )
    parameters: Path | None = Field(default=None, description="Parameter sendiri (TOML). / Own parameters (TOML).")
    criteria: Path | None = Field(
        default=None, description="Angka sendiri per kode desa, untuk prioritas. / Own figures by village code."
    )
    facilities: Path | None = Field(
        default=None,
        description="Titik layanan publik, dihitung per desa. / Public-service points, counted by village.",
    )
    landmarks: tuple[Path, ...] = Field(
        default=(),
        description="Dusun, titik layanan publik, tempat ramai (boleh berulang). / "
        "Hamlets, public-service points, busy places, repeatable.",
    )
    no_inventory: bool = Field(
        default=False, description="Tanpa aset dari inventaris: berkas saja. / Without the inventory: files alone."
    )
    no_evidence: bool = Field(default=False, description="Tanpa bukti yang pernah diimpor: berkas saja. / Files alone.")
    no_figures: bool = Field(
        default=False, description="Tanpa angka desa yang pernah diimpor: berkas saja. / Files alone."
    )
    no_settings: bool = Field(
        default=False,
        description="Tanpa aturan, bobot, dan rencana kantor. / Without the office's rule, weights and plan.",
    )
    tried: tuple[tuple[str, Kind, str], ...] = Field(default=(), exclude=True)
    """Versions of a region's files that are tried before they count: region, kind and name of the version."""

    @classmethod
    def options(cls) -> tuple[str, ...]:
        """Names of the fields that a command, or a variable, may set."""
        return tuple(name for name in cls.model_fields if name != "tried")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """What the variables say."""
        given = {name: environment.get(variable(name), "") for name in cls.options()}
        return cls(**{name: _parsed(cls, name, text) for name, text in given.items() if text})

    def to_environment(self) -> dict[str, str]:
        """The same as variables, empty where nothing is named: the inverse of :meth:`from_environment`."""
        return {variable(name): _text(getattr(self, name)) for name in self.options()}

    def of_region(self, code: str) -> Self:
        """The same settings for another region, without the files that are of this one."""
        kept = ("reach_model", "parameters", "no_inventory", "no_evidence", "no_figures", "no_settings")
        return type(self)(region=code, **{name: getattr(self, name) for name in kept})

    def files(self) -> list[Path]:
        """Every file named, in a fixed order; a region given by its code is no file."""
        region = [Path(self.region)] if self.region and Path(self.region).is_file() else []
        return [*region, *self._paths()]

    def _paths(self) -> Iterator[Path]:
        for name in self.options():
            value = getattr(self, name)
            yield from (path for path in (value if isinstance(value, tuple) else (value,)) if isinstance(path, Path))


def variable(name: str) -> str:
    """The environment variable of a field."""
    return f"{PREFIX}{name.upper()}"


def _parsed(model: type[Sources], name: str, text: str) -> Any:
    is_list = get_origin(model.model_fields[name].annotation) is tuple
    return tuple(part for part in text.split(os.pathsep) if part) if is_list else text


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return os.pathsep.join(map(str, value))
    return "" if value is None or value is False else str(value)
