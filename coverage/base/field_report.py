"""A report from the field: where somebody stood, and which operators were heard there, with photos and a note."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from coverage.base.errors import Place, RowError

MOST_PHOTOS = 8
MOST_PHOTO_BYTES = 6 * 2**20
SOURCE = "laporan lapangan"
"""What tables name as the source of what reports say."""
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Uuid = Annotated[str, StringConstraints(pattern=_UUID)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class _ReportPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class OperatorSignal(_ReportPart):
    """The signal of one operator; RSRP as 3GPP TS 36.133 reports it."""

    operator: Annotated[Short, StringConstraints(min_length=1)]
    signal: Literal["none", "weak", "strong"]
    rsrp_dbm: float | None = Field(default=None, ge=-156, le=-31)
    mbit_s: float | None = Field(default=None, ge=0, le=10_000)


class ReportPhoto(_ReportPart):
    """A photo that belongs to a report and is sent by itself; ``original_sha256`` is of the file before it was made
    small.
    """

    photo_id: Uuid
    sha256: Sha256
    original_sha256: Sha256
    bytes: int = Field(ge=1, le=MOST_PHOTO_BYTES)


class FieldReport(_ReportPart):
    """One report; its identifier is made on the phone, so that it is kept once however often it is sent.

    Attributes
    ----------
    region : code of the region, see :func:`coverage.places.regencies.region_of`
    made_at : by the clock of the phone
    lon, lat : EPSG:4326; None where the phone found no place, and the village was chosen
    accuracy_m : radius in which the phone believes to be with 68 %, of the best of ``fixes`` fixes
    village_code_bps : as chosen on the phone
    """

    report_id: Uuid
    region: Annotated[str, StringConstraints(pattern=r"^(\d{4}|\d{2}\.\d{2})(\+(\d{4}|\d{2}\.\d{2}))*$")]
    made_at: AwareDatetime
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    accuracy_m: float | None = Field(default=None, ge=0)
    fixes: int = Field(default=0, ge=0, le=10_000)
    village_code_bps: Annotated[str, StringConstraints(pattern=r"^[\d.]{10,13}$")] | None = None
    hamlet: Short | None = None
    device: Short | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None
    signals: tuple[OperatorSignal, ...] = Field(min_length=1, max_length=20)
    photos: tuple[ReportPhoto, ...] = Field(default=(), max_length=MOST_PHOTOS)

    @model_validator(mode="after")
    def _tells_where(self) -> FieldReport:
        if (self.lon is None) != (self.lat is None) or (self.lon is None and self.village_code_bps is None):
            raise ValueError("place")
        if len({heard.operator.casefold() for heard in self.signals}) < len(self.signals):
            raise ValueError("operator")
        return self

    @property
    def made_at_utc(self) -> str:
        """ISO, UTC."""
        return self.made_at.astimezone(dt.UTC).isoformat(timespec="seconds")


def read_report(body: bytes | str) -> FieldReport:
    """A report from JSON.

    Raises
    ------
    RowError
        ``field.bad_report``, naming the field and its value.
    """
    try:
        return FieldReport.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or str(first["msg"]).removeprefix("Value error, ")
        value = first["input"] if isinstance(first["input"], str | int | float) else None
        raise RowError("field.bad_report", Place(column=field, value=value and str(value)[:80])) from error
