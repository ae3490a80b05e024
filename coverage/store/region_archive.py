"""Region files packed into one file, carried by a backup.

Only versions that are or were current are packed, and all photos. As versions and photos are immutable, unpacking adds
them and sets the current versions; what was current meanwhile stays available for undo.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

from coverage.base.errors import FileRefusedError, Place
from coverage.places.regencies import REGENCY_CODE
from coverage.store.permissions import Actor, require
from coverage.store.photos import FOLDER as PHOTOS
from coverage.store.region_files import KEPT, Kind, RegionFiles, active_code, choose_region, regions_folder
from coverage.store.replacing import put_in_place, scratch, sha256_of

_VERSION = re.compile(
    rf"({REGENCY_CODE.pattern})/({'|'.join(KEPT)})/(\d{{8}}T\d{{6}}-[0-9a-f]{{8}})/([A-Za-z0-9_]+\.[a-z]+)\Z"
)
_PHOTO = re.compile(rf"(?:{REGENCY_CODE.pattern})/{PHOTOS}/([0-9a-f]{{64}})\.jpg")
_STATES = "states.json"
_Files = dict[tuple[str, Kind, str], list[zipfile.ZipInfo]]


def pack(target: Path, folder: Path | None = None, only: str | None = None) -> bool:
    """Pack the files of all regions, or of one; False, and no file, where there are none.

    Parameters
    ----------
    only : code of the one region, to be added to those of another computer

    Raises
    ------
    FileRefusedError
        If a current version is missing.
    """
    states: dict[str, Any] = {"active": None if only else active_code(folder), "only": only, "regions": {}}
    photos = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parts:
        for code in [only] if only else _codes(folder):
            files = RegionFiles(code, folder)
            for photo in sorted((files.folder / PHOTOS).glob("[!.]*.jpg")):
                photos += 1
                parts.write(photo, f"{code}/{PHOTOS}/{photo.name}", zipfile.ZIP_STORED)
            for kind in KEPT:
                now, before = files.current(kind), files.before(kind)
                if now is None and not before:
                    continue
                states["regions"].setdefault(code, {})[kind] = {"now": now.name if now else None, "before": before}
                for name in dict.fromkeys([now.name if now else None, *before]):
                    for file in _all_of(files, kind, name) if name else ():
                        parts.write(file, f"{code}/{kind}/{name}/{file.name}")
        parts.writestr(_STATES, json.dumps(states))
    if not states["regions"] and states["active"] is None and not photos:
        target.unlink()
        return False
    return True


def unpack(source: Path, who: Actor, folder: Path | None = None) -> None:
    """Restore the current versions of when ``source`` was packed; other regions stay where it is of one.

    Raises
    ------
    PermissionDeniedError
        If ``who`` may not restore.
    FileRefusedError
        If it is damaged or holds anything else; nothing is changed then.
    StoreError
        If there is no room.
    """
    require(who, "restore")
    home = regions_folder(folder)
    home.mkdir(parents=True, exist_ok=True)
    with scratch(home) as making:
        states = _extract(source, making)
        for new in sorted([*making.glob("*/*/*/"), *making.glob(f"*/{PHOTOS}/*")]):
            place = home / new.relative_to(making)
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                put_in_place(new, place)
    only = states.get("only")
    for code in sorted(states["regions"] if only else {*states["regions"], *_codes(folder)}):
        files = RegionFiles(code, folder)
        for kind in KEPT:
            kept = states["regions"].get(code, {}).get(kind)
            now = files.current(kind)
            if kept is not None and only:
                earlier = [*kept["before"], *files.before(kind), *([now.name] if now else [])]
                files.point_to(kind, kept["now"], [name for name in dict.fromkeys(earlier) if name != kept["now"]])
            elif kept is not None:
                files.point_to(kind, kept["now"], kept["before"])
            elif now is not None and not only:
                files.point_to(kind, None, [*files.before(kind), now.name])
    if not only:
        choose_region(states["active"], who, folder)


def _codes(folder: Path | None) -> list[str]:
    return sorted(path.name for path in regions_folder(folder).glob("*/") if REGENCY_CODE.fullmatch(path.name))


def _all_of(files: RegionFiles, kind: Kind, name: str) -> list[Path]:
    return [files.folder / kind / name / "about.json", *files.version(kind, name).files]


def _extract(source: Path, making: Path) -> dict[str, Any]:
    """Extract and check versions into ``making``; returns the current ones by region and kind."""
    try:
        with zipfile.ZipFile(source) as parts:
            found, photos = _listed(parts, source)
            if sum(one.file_size for one in parts.infolist()) * 2 > shutil.disk_usage(making).free:
                raise FileRefusedError("store.no_room_for_backup", Place(file=source.name))
            states: dict[str, Any] = json.loads(parts.read(_STATES))
            for photo in photos:
                parts.extract(photo, making)
                if sha256_of(making / photo.filename) != Path(photo.filename).stem:
                    raise FileRefusedError("store.damaged_backup", Place(file=source.name))
            for (code, kind, name), files in found.items():
                place = making / code / kind / name
                place.mkdir(parents=True)
                for file in files:
                    (place / Path(file.filename).name).write_bytes(parts.read(file))
                sums = json.loads((place / "about.json").read_text("utf-8"))["sha256"]
                whole = {path.name: sha256_of(path) for path in place.iterdir() if path.name != "about.json"}
                if whole != sums:
                    raise FileRefusedError("store.damaged_backup", Place(file=source.name))
            _require_versions(states, found)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError) as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError("store.damaged_backup", Place(file=source.name)) from error
    return states


def _listed(parts: zipfile.ZipFile, source: Path) -> tuple[_Files, list[zipfile.ZipInfo]]:
    """Members by version, and photos; foreign names are refused."""
    found: _Files = defaultdict(list)
    photos = []
    for one in parts.infolist():
        if one.filename == _STATES:
            continue
        if _PHOTO.fullmatch(one.filename):
            photos.append(one)
            continue
        named = _VERSION.match(one.filename)
        if named is None:
            raise FileRefusedError("store.not_a_backup", Place(file=source.name, value=one.filename))
        found[named[1], cast(Kind, named[2]), named[3]].append(one)
    return found, photos


def _require_versions(states: dict[str, Any], found: _Files) -> None:
    """Refuse references to missing versions."""
    for code, kinds in states["regions"].items():
        for kind, kept in kinds.items():
            for name in (kept["now"], *kept["before"]):
                if name is not None and (code, kind, name) not in found:
                    raise KeyError(name)
