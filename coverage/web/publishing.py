"""The public page of a region: made apart when its run is done, kept as files, withdrawn at once.

They lie in ``public/<region>/`` of the data folder and are put there all at once; ``run.json`` says what they are made
of. Whoever opens the page gets these files and computes nothing (:mod:`coverage.web.server.public`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import uuid
from pathlib import Path
from typing import Any

from coverage.base.kinds import giving
from coverage.exports.output_folder import MARKER, write_outputs
from coverage.exports.provenance import region_name
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.readers.kinds import asset_kinds
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.store.folder import data_folder
from coverage.store.replacing import put_in_place
from coverage.web import settings, store_access, visitor_work
from coverage.web.background_jobs import Job
from coverage.web.fair_queue import Visit, stepping_aside
from coverage.web.run_cache import ComputedRun
from coverage.web.workers import compute

_one_at_a_time = threading.Lock()


def may_be_held() -> list[str]:
    """Kinds of asset that the office decides on; private ones are held back in any case."""
    return [name for name, kind in asset_kinds().items() if not kind.private]


def held_at_first() -> list[str]:
    """Kinds held back until the office decides: all but those that anybody is meant to find and use."""
    return [name for name in may_be_held() if name not in giving(asset_kinds(), "public_wifi")]


def folder_of(region: str) -> Path:
    """Folder of a region's files."""
    return data_folder() / "public" / region


def published(region: str) -> dict[str, Any] | None:
    """What the files of a region are made of: ``key, run_id, name``; None where there are none."""
    try:
        found: dict[str, Any] = json.loads((folder_of(region) / MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found


def follow(sources: Sources, run: ComputedRun) -> None:
    """Publish a run that is done (a follower of :class:`coverage.web.run_cache.Runs`)."""
    if not sources.tried:
        publish(run.analysis)


def publish(analysis: Analysis) -> None:
    """Make the files anew where run or decision changed since, or withdraw them."""
    region = region_of(analysis.villages)
    with _one_at_a_time:
        store = store_access.opened_store().store
        if store is None:
            return
        decided = store.settings.current(region).get("public")
        if decided is None:
            _withdraw(region)
            return
        held = sorted({*decided.value["held_back"]})
        key = hashlib.sha256(json.dumps([analysis.run["run_id"], held]).encode()).hexdigest()[:16]
        if (published(region) or {}).get("key") == key:
            return
        job: Job[dict[str, bytes]] = Job(
            lambda job: compute(job, visitor_work.public_page, analysis, None, held), visit=Visit()
        )
        with stepping_aside():
            files = job.result.result()
        if store.settings.current(region).get("public") != decided:
            return  # whoever changed it has it made anew
        outputs = {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()}
        name = region_name(analysis.villages, Words(settings.language()))
        about = {"key": key, "run_id": analysis.run["run_id"], "name": name, "outputs": outputs}
        write_outputs(folder_of(region), {**files, MARKER: json.dumps(about, ensure_ascii=False).encode()})


def _withdraw(region: str) -> None:
    folder = folder_of(region)
    if folder.exists():
        aside = folder.with_name(f".{region}-{uuid.uuid4().hex[:8]}")
        put_in_place(folder, aside)
        shutil.rmtree(aside, ignore_errors=True)
