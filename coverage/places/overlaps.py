"""Overlapping village outlines: shared land goes to one of the two, with a note."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from coverage.base.errors import FileRefusedError, Place

LEFT_M2 = 10_000.0
"""Overlaps up to a hectare stay: the land is counted once anyway."""
MOST = 0.1
"""Share of overlapping land from which outlines are refused."""
NAMED = 10


def overlaps(shapes: NDArray[np.object_], from_m2: float = 1.0) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the pairs of polygons that share land.

    Parameters
    ----------
    shapes : valid polygons in metres
    from_m2 : overlaps up to this area are rounding

    Returns
    -------
    pairs : (n, 2) array
        Positions, the lower one first, sorted.
    areas : (n,) array
        Shared area in m².
    """
    crossed = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    if not len(crossed):
        return np.empty((0, 2), dtype=np.intp), np.empty(0)
    asked, other = shapely.STRtree(shapes).query(shapes[crossed], predicate="intersects")
    pairs = np.sort(np.column_stack([crossed[asked], other]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
    areas = shapely.area(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]]))
    return pairs[areas > from_m2], areas[areas > from_m2]


def without_overlaps(
    shapes: NDArray[np.object_], names: Sequence[str], file: str | None = None
) -> tuple[NDArray[np.object_], list[tuple[str, dict[str, object]]]]:
    """Give shared land to the smaller village, which would lose more of itself.

    Parameters
    ----------
    shapes : valid polygons in metres

    Returns
    -------
    shapes : array
        Without overlaps above a hectare.
    notes : list of (code, values)
        Pairs with area, and who has the land now.

    Raises
    ------
    FileRefusedError
        ``villages.overlap``: more than a tenth of the land is shared, or a village would be left without any.
    """
    pairs, areas = overlaps(shapes)
    if not len(pairs):
        return shapes, []
    own = shapely.area(shapes)
    hectares = np.round(areas / 10_000, 2).tolist()
    listed = [[f"{names[a]} – {names[b]}:", area, "ha"] for (a, b), area in zip(pairs, hectares, strict=True)]
    large = np.flatnonzero(areas > LEFT_M2)
    refused = FileRefusedError(
        "villages.overlap",
        Place(file=file),
        pairs=[listed[at] for at in large[np.argsort(-areas[large], kind="stable")]][:NAMED],
        count=len(large),
        share_percent=round(float(200 * areas.sum() / own.sum()), 1),
    )
    if 2 * areas.sum() > MOST * own.sum():
        raise refused
    made, given = shapes.copy(), []
    for at in large:
        a, b = pairs[at]
        keeps, gives = (a, b) if own[a] <= own[b] else (b, a)
        made[gives] = polygons_of(shapely.difference(made[gives], made[keeps]))
        if shapely.area(made[gives]) < MOST * own[gives]:
            raise refused
        given.append([*listed[at], f"→ {names[keeps]}"])
    notes: list[tuple[str, dict[str, object]]] = []
    if given:
        more = len(given) - NAMED
        told = [*given[:NAMED], *([f"+{more}"] if more > 0 else [])]
        notes.append(("villages.note.overlap_given", {"file": file, "count": len(given), "pairs": told}))
    if len(pairs) > len(large):
        rest = float(areas.sum() - areas[large].sum())
        values: dict[str, object] = {"file": file, "count": len(pairs) - len(large), "area_ha": round(rest / 10_000, 2)}
        notes.append(("villages.note.small_overlaps", values))
    return made, notes


def polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Polygons of a geometry, without stray lines and points of a repair."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    return shapely.MultiPolygon(list(parts)) if len(parts) != 1 else shapely.Polygon(parts[0])
