"""Antenna patterns in the MSI (Planet) format."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from coverage.base.errors import FileRefusedError, Place, RowError
from coverage.reach.antenna import AntennaPattern

MOST_BYTES = 1_000_000
DIPOLE_DBI = 2.15
GAP_DEG = 90.0
"""Most between two angles; in wider gaps loss would be invented."""
_TILT = re.compile(r"(?:ELECTRICAL\s+)?([+-]?\d+(?:[.,]\d+)?)\s*(?:°|deg\w*)?\s*$", re.IGNORECASE)
_GAIN = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*(dbi|dbd)?", re.IGNORECASE)


def read_msi(path: Path) -> AntennaPattern:
    """Read a pattern: lines of name and value, then ``HORIZONTAL n`` and ``VERTICAL n`` with n lines of angle and loss.

    The angle is clockwise from the front, in the vertical cut downwards from the horizon; the loss is below the
    strongest direction. A gain without a unit is in dBd. A number under ``TILT`` or ``ELECTRICAL_TILT`` is that of
    the electrical tilt, which the vertical cut holds. Between angles loss is interpolated linearly.

    Raises
    ------
    InputError
        Naming the file, the row and the value.
    """
    lines, fields = _lines(path), dict[str, str]()
    cuts: dict[str, tuple[float, ...]] = {}
    at = 0
    while at < len(lines):
        name, _, value = lines[at].strip().partition(" ")
        if name.upper() in ("HORIZONTAL", "VERTICAL"):
            cuts[name.upper()], at = _cut(path, lines, at, value.strip())
        else:
            fields.setdefault(name.upper(), value.strip())
            at += 1
    for needed in ("HORIZONTAL", "VERTICAL", "GAIN"):
        if needed not in cuts and needed not in fields:
            raise FileRefusedError("antenna.missing", Place(file=path.name, value=needed))
    gain = _GAIN.fullmatch(fields["GAIN"])
    most = None if gain is None else float(gain[1].replace(",", "."))
    if gain is None or most is None or not -20 <= most <= 40:
        row = next(k for k, line in enumerate(lines, 1) if line.strip().upper().startswith("GAIN"))
        code = "antenna.number" if gain is None else "antenna.range"
        raise RowError(code, Place(file=path.name, row=row, value=fields["GAIN"]))
    tilts = (re.match(_TILT, fields.get(name, "")) for name in ("ELECTRICAL_TILT", "TILT"))
    tilt = next((float(found[1].replace(",", ".")) for found in tilts if found), None)
    over = 0.0 if (gain[2] or "").lower() == "dbi" else DIPOLE_DBI
    return AntennaPattern(
        name=fields.get("NAME") or path.stem,
        gain_dbi=most + over,
        horizontal_db=cuts["HORIZONTAL"],
        vertical_db=cuts["VERTICAL"],
        electrical_tilt_deg=tilt if tilt is not None and -20 <= tilt <= 45 else None,
    )


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileRefusedError("radio.too_large", Place(file=path.name), megabytes=MOST_BYTES // 1_000_000)
        return path.read_text("utf-8-sig", errors="replace").replace("\t", " ").splitlines()
    except FileNotFoundError as error:
        raise FileRefusedError("file.not_found", Place(file=str(path))) from error
    except OSError as error:
        raise FileRefusedError("file.unreadable", Place(file=path.name), problem=error.strerror or "") from error


def _cut(path: Path, lines: list[str], at: int, said: str) -> tuple[tuple[float, ...], int]:
    """Loss at 360 whole degrees from the lines after ``at``, and the line after them."""
    if not said.isdecimal() or not 0 < int(said) <= len(lines) - at - 1:
        raise RowError("antenna.count", Place(file=path.name, row=at + 1, value=said))
    end = at + 1 + int(said)
    pairs = np.zeros((int(said), 2))
    for row in range(at + 1, end):
        try:
            angle, loss = (float(part.replace(",", ".")) for part in lines[row].split())
        except ValueError as error:
            raise RowError("antenna.number", Place(file=path.name, row=row + 1, value=lines[row].strip())) from error
        if not (0 <= angle <= 360 and 0 <= loss <= 100):
            raise RowError("antenna.range", Place(file=path.name, row=row + 1, value=lines[row].strip()))
        pairs[row - at - 1] = angle, loss
    told = np.sort(pairs[:, 0] % 360)
    if np.diff(told, append=told[0] + 360).max() > GAP_DEG:
        raise RowError("antenna.count", Place(file=path.name, row=at + 1, value=said))
    loss_at = np.interp(np.arange(360.0), pairs[:, 0], pairs[:, 1], period=360.0)
    return tuple(loss_at.round(2).tolist()), end
