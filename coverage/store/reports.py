"""Reports from the field and their photos: each kept once, marked wrong at most, never deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import RowError, StoreError
from coverage.base.field_report import FieldReport, ReportPhoto
from coverage.store.database import Database, Writing
from coverage.store.models import field_photos, field_reports
from coverage.store.permissions import Actor, require

_JSON = ("signals", "photos")
COLUMNS = [column.name for column in field_reports.c if column.name != "digest"]


class FieldReports:
    """The reports that are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, report: FieldReport, who: Actor) -> None:
        """Keep a report; the same one again is the same one.

        Raises
        ------
        StoreError
            ``store.report_id_taken``: another report has this identifier.
        """
        said = report.model_dump(mode="json", exclude=set(_JSON))
        parts = {name: json.dumps(report.model_dump(mode="json")[name]) for name in _JSON}
        digest = hashlib.sha256(report.model_dump_json().encode()).hexdigest()
        row = {**said, **parts, "made_at": report.made_at_utc, "digest": digest}

        def work(writing: Writing) -> str:
            known = sa.select(field_reports.c.digest).where(field_reports.c.report_id == report.report_id)
            kept: str | None = writing.connection.execute(known).scalar()
            if kept is None:  # else it came by a backup, without its change
                received = {"received_at": writing.at, "sent_by": writing.who.name}
                writing.connection.execute(field_reports.insert().values(**row, **received))
            return kept or digest

        change = f"report-{report.report_id}"
        if self._database.write(who, "report", work, report.report_id, change) != digest:
            raise StoreError("store.report_id_taken", value=report.report_id)

    def photo_said(self, report_id: str, photo_id: str, who: Actor) -> tuple[str, ReportPhoto]:
        """Region and announcement of a photo.

        Raises
        ------
        RowError
            ``field.no_such_photo``: no report announced it.
        """
        require(who, "report")
        asked = sa.select(field_reports.c.region, field_reports.c.photos)
        for row in self._database.rows(asked.where(field_reports.c.report_id == report_id)):
            for one in json.loads(row["photos"]):
                if one["photo_id"] == photo_id:
                    return row["region"], ReportPhoto(**one)
        raise RowError("field.no_such_photo")

    def has_photo(self, photo_id: str) -> bool:
        """Whether a photo arrived."""
        asked = sa.select(field_photos.c.photo_id).where(field_photos.c.photo_id == photo_id)
        return self._database.scalar(asked) is not None

    def add_photo(self, report_id: str, photo: ReportPhoto, exif: dict[str, Any], who: Actor) -> None:
        """Note that a photo lies in its place; ``exif`` has ``taken_at, lon, lat``, None where it tells none."""
        told = {"photo_id": photo.photo_id, "sha256": photo.sha256, "original_sha256": photo.original_sha256}

        def work(writing: Writing) -> None:
            known = sa.select(field_photos.c.report_id).where(field_photos.c.photo_id == photo.photo_id)
            if writing.connection.execute(known).first() is None:
                writing.connection.execute(
                    field_photos.insert().values(report_id=report_id, received_at=writing.at, **told, **exif)
                )

        self._database.write(who, "report", work, report_id, f"photo-{photo.photo_id}")

    def mark_wrong(self, report_ids: Sequence[str], wrong: bool, who: Actor, note: str | None = None) -> int:
        """Mark reports as wrong, so that they count no more, or take that back; returns how many changed."""

        def work(writing: Writing) -> int:
            changed = field_reports.update().where(
                field_reports.c.report_id.in_(report_ids), field_reports.c.withdrawn_at.is_(None) == sa.literal(wrong)
            )
            values = {"withdrawn_at": writing.at, "withdrawn_by": who.name}
            return int(writing.connection.execute(changed.values(values if wrong else dict.fromkeys(values))).rowcount)

        told = f"{'-' if wrong else '+'} {', '.join(report_ids)}" + (f": {note}" if note else "")
        return self._database.write(who, "withdraw_evidence", work, told)

    def table(self, region: str, viewer: Actor | None, wrong: bool = False) -> pd.DataFrame:
        """Reports of a region in order of arrival, or those marked as wrong: :data:`COLUMNS`.

        ``signals`` is a list of ``operator, signal, rsrp_dbm, mbit_s``; ``photos`` a list of the announced, each with
        ``received_at, taken_at, lon, lat``, None where it has not arrived.
        """
        require(viewer, "view_evidence")
        marked = field_reports.c.withdrawn_at.is_not(None) if wrong else field_reports.c.withdrawn_at.is_(None)
        of_region = sa.and_(field_reports.c.region == region, marked)
        with self._database.reading() as connection:
            asked = sa.select(field_reports).where(of_region).order_by(field_reports.c.received_at)
            rows = [dict(row) for row in connection.execute(asked).mappings()]
            arrived = sa.select(field_photos).join(field_reports).where(of_region)
            photos = {row["photo_id"]: dict(row) for row in connection.execute(arrived).mappings()}
        nothing = dict.fromkeys(("received_at", "taken_at", "lon", "lat"))
        for row in rows:
            row["signals"] = json.loads(row["signals"])
            row["photos"] = [{**one, **nothing, **photos.get(one["photo_id"], {})} for one in json.loads(row["photos"])]
        numbers = dict.fromkeys(("lon", "lat", "accuracy_m"), float)
        return pd.DataFrame(rows, columns=COLUMNS).astype(numbers)

    def photo(self, photo_id: str, viewer: Actor | None) -> tuple[str, str] | None:
        """Region and SHA-256 of a photo that arrived; None where none did."""
        require(viewer, "view_evidence")
        asked = sa.select(field_reports.c.region, field_photos.c.sha256).join_from(field_photos, field_reports)
        rows = self._database.rows(asked.where(field_photos.c.photo_id == photo_id))
        return (rows[0]["region"], rows[0]["sha256"]) if rows else None

    def revision(self) -> str:
        """Token that changes with every report that comes, or is marked."""
        columns = (field_reports.c.received_at, field_reports.c.withdrawn_at)
        asked = sa.select(*(sa.func.max(column) for column in columns), sa.func.count(columns[1]))
        return "/".join(str(value or "") for value in self._database.rows(asked)[0].values())
