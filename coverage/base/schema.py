"""Tables of the flow: type, unit, nullability and meaning of each column.

Used by the checks between steps, the exports and the documentation. A table is a pandas DataFrame (a GeoDataFrame in
EPSG:4326 where it has a ``geometry``); codes are text.
"""

from __future__ import annotations

from coverage.base.table_form import Column as Column
from coverage.base.table_form import Table as Table
from coverage.base.table_form import check as check
from coverage.base.table_form import in_form as in_form

STATUSES = ("operational", "damaged", "planned", "under_construction", "inactive", "decommissioned")
SERVICES = ("cellular", "public_wifi", "backhaul", "surveillance")
CONNECTION = "connection"
"""Union of all services that give or prove a connection; the service of rule ``overlay``."""
NEEDS_REPAIR = ("damaged", "inactive")
"""Statuses of what stands but does not work: the repair list, on screen and on paper."""
NOT_YET = ("planned", "under_construction")
"""Statuses of what does not stand yet."""
STATES = ("served", "weak", "blank", "unknown")
CERTAINTIES = ("sure", "possible")
POPULATION = "population"
"""The figure of a village that says how many people live there; others have the names of their columns."""


def _share(name: str, meaning: str, nullable: bool = True, optional: bool = False) -> Column:
    return Column(name, "number", meaning, "1", nullable, minimum=0, maximum=1, optional=optional)


def _metres(name: str, meaning: str, optional: bool = False) -> Column:
    return Column(name, "number", meaning, "m", True, minimum=0, optional=optional)


VILLAGE_CODE = Column(
    "village_code_bps", "text", "BPS code, 10 digits; where none is known the Kemendagri code with its dots"
)

VILLAGES = Table(
    "villages",
    ("village_code_bps",),
    (
        VILLAGE_CODE,
        Column("village_code_kemendagri", "text", "Kemendagri code, dotted", nullable=True),
        Column("village", "text", "name as in the source"),
        Column("subdistrict", "text", "name of the kecamatan"),
        Column("regency", "text", "name of the kabupaten or kota"),
        Column("area_km2", "number", "area of the polygon in the region's UTM zone", "km2", minimum=0),
        Column("boundary_quality", "text", "how the outline was got", values=("official", "approximate")),
        Column("population", "number", "people; empty where not known", "people", nullable=True, minimum=0),
        Column("population_basis", "text", "what the figure rests on", nullable=True),
        Column("centre_lon", "number", "village centre, EPSG:4326", "degree", minimum=-180, maximum=180),
        Column("centre_lat", "number", "village centre, EPSG:4326", "degree", minimum=-90, maximum=90),
        Column("geometry", "geometry", "polygon or multipolygon, EPSG:4326"),
    ),
)

ASSETS = Table(
    "assets",
    ("asset_id",),
    (
        Column("asset_id", "text", "identifier that stays with the asset"),
        Column("kind", "text", "what it is: a record of kinds.toml"),
        Column("name", "text", "name on site", nullable=True),
        Column("status", "text", "life cycle", values=STATUSES),
        Column("owner", "text", "who owns it", nullable=True),
        Column("operator", "text", "who runs it or is heard from it", nullable=True),
        Column("height_m", "number", "antenna or structure height above ground", "m", True, minimum=0, maximum=400),
        Column("band_mhz", "number", "carrier frequency", "MHz", True, minimum=30, maximum=100_000),
        Column(
            "reach_m", "number", "reach of this very asset where known, over the kind's default", "m", True, minimum=0
        ),
        Column(
            "azimuth_deg",
            "number",
            "where the antenna points, clockwise from north; missing: all round",
            "degree",
            True,
            minimum=0,
            maximum=360,
            optional=True,
        ),
        Column("site_id", "text", "code of the site, whose sectors and services share it", "", True, optional=True),
        Column("tilt_deg", "number", "how far it looks below the horizon", "degree", True, (), -20, 45, True),
        Column("eirp_dbm", "number", "EIRP over the whole carrier", "dBm", True, (), 0, 90, True),
        Column("technology", "text", "generation of its service as written: 4G, 5G", "", True, optional=True),
        Column("antenna", "text", "name of its measured pattern", "", True, optional=True),
        Column("on_fiber", "boolean", "whether it hangs on fibre", nullable=True),
        Column("installed_on", "text", "ISO date", nullable=True),
        Column("source", "text", "where the record is from; 'contoh' marks an invented one", nullable=True),
        Column("note", "text", "free text", nullable=True),
        Column("geometry", "geometry", "point, line or area, as its kind says, EPSG:4326"),
    ),
)

EVIDENCE_KINDS = (
    "official_list", "field_test", "survey", "complaint", "ministry", "podes", "operator", "decision",
    "hint",
)  # fmt: skip
"""``ministry`` and ``operator``: what they publish or claim; ``podes``: the village census of BPS; ``decision``: what a
meeting settled; ``hint``: what phones heard by chance."""

EVIDENCE = Table(
    "evidence",
    ("evidence_id",),
    (
        Column("evidence_id", "text", "file and row it came from"),
        Column("village_code_bps", "text", "the village it is about; empty where it could not be told", nullable=True),
        Column("kind", "text", "what it is", values=EVIDENCE_KINDS),
        Column("claimed_state", "text", "the state it claims", values=STATES),
        Column(
            "match",
            "text",
            "how surely the village was found",
            values=("agreed", "spelling", "code_conflict", "name_conflict", "ambiguous", "not_found"),
        ),
        Column("given_code", "text", "code as written", nullable=True),
        Column("given_village", "text", "name as written", nullable=True),
        Column("given_subdistrict", "text", "subdistrict as written", nullable=True),
        Column("source", "text", "file or office", nullable=True),
        Column("date", "text", "ISO date or year", nullable=True),
        Column("landmark", "text", "hamlet or service point of the village that it names", "", True, optional=True),
        Column("operator", "text", "operators that it names", "", True, optional=True),
        Column("lon", "number", "place, EPSG:4326", "degree", True, (), -180, 180, True),
        Column("lat", "number", "place, EPSG:4326", "degree", True, (), -90, 90, True),
    ),
)

_LANDMARK = (
    Column("landmark_id", "text", "identifier: kind, village and name, or the list's own"),
    Column("kind", "text", "what it is: a record of landmarks.toml"),
    Column("name", "text", "name"),
    VILLAGE_CODE,
    Column("village", "text", "name of its village"),
    Column("subdistrict", "text", "name of its kecamatan"),
    Column("lon", "number", "place, EPSG:4326; empty where not known", "degree", True, minimum=-180, maximum=180),
    Column("lat", "number", "place, EPSG:4326; empty where not known", "degree", True, minimum=-90, maximum=90),
    Column("people", "number", "people, as the list says", "people", True, minimum=0),
    Column("electricity", "boolean", "whether it has electricity; empty where not known", nullable=True),
    Column("internet", "boolean", "whether it has internet of its own; empty where not known", nullable=True),
    Column("source", "text", "list", nullable=True),
)

LANDMARKS = Table("landmarks", ("landmark_id",), _LANDMARK)

LANDMARKS_SERVED = Table(
    "landmarks_served",
    ("landmark_id",),
    (
        *_LANDMARK,
        Column("state", "text", "whether its place is in reach of what the rule, or its role, looks at", values=STATES),
        Column("certainty", "text", "whether the state holds at both ends of the stated reach", "", True, CERTAINTIES),
        Column("pocket", "integer", "number of the village's pocket that it lies in", nullable=True),
        Column("people_near", "number", "people who live near, by the map of people", "people", True, minimum=0),
        Column("rank", "integer", "place among the candidates for an access point", nullable=True, minimum=1),
    ),
)

CELLS = Table(
    "cells",
    ("village_position", "row", "column"),
    (
        Column("village_position", "integer", "position of the village in the villages table", minimum=0),
        Column("row", "integer", "row of the grid, from the south", minimum=0),
        Column("column", "integer", "column of the grid, from the west", minimum=0),
        Column("area_m2", "number", "area of this cell that lies in this village", "m2", minimum=0),
        _share("people_share", "share of the village's people living in this piece", nullable=False),
    ),
)

VILLAGE_SERVICE = Table(
    "village_service",
    ("village_code_bps", "service"),
    (
        VILLAGE_CODE,
        Column("service", "text", "service, or 'connection' for any of them", values=(*SERVICES, CONNECTION)),
        Column("known", "boolean", "whether an asset list for this service was given at all"),
        _share("share_served", "share of people in reach; empty where not known"),
        _share("share_area_served", "share of area in reach; empty where not known"),
        _share("share_unknown", "share of people of whom it is not known, beside those in reach", optional=True),
        Column(
            "population_served",
            "number",
            "people in reach; empty where people or service are not known",
            "people",
            True,
            minimum=0,
        ),
        Column("centre_served", "boolean", "whether the village centre is in reach", nullable=True),
        Column("nearest_asset_id", "text", "nearest operational asset that is there for the service", nullable=True),
        Column("nearest_asset_kind", "text", "its kind", nullable=True),
        _metres("nearest_asset_m", "distance from the village centre to it"),
    ),
)

NEAREST = Table(
    "nearest",
    ("village_code_bps", "kind"),
    (
        VILLAGE_CODE,
        Column("kind", "text", "kind of asset"),
        Column("asset_id", "text", "nearest operational asset of the kind"),
        Column("distance_m", "number", "from the village centre, on the ellipsoid", "m", minimum=0),
    ),
)

VILLAGE_TERRAIN = Table(
    "village_terrain",
    ("village_code_bps",),
    (
        VILLAGE_CODE,
        Column("elevation_m", "number", "mean height of the ground above sea level", "m", True),
        Column("slope_deg", "number", "mean slope of the ground", "degree", True, minimum=0, maximum=90),
        _metres("ruggedness_m", "mean difference in height between places 100 m apart"),
    ),
)

SIGNAL_CLASSES = ("none", "weak", "strong")

VILLAGE_SIGNAL = Table(
    "village_signal",
    ("village_code_bps",),
    (
        VILLAGE_CODE,
        _share("share_strong", "share of people with strong signal; empty where not known"),
        _share("share_weak", "share of people with weak signal; empty where not known"),
        _share("share_none", "share of people without signal; empty where not known"),
        _share("share_unknown", "share of people of whom it is not known", optional=True),
        _share("share_strong_unknown", "share of people who may have strong signal or not", optional=True),
        *(_share(f"share_{at}", f"share of people with signal {at}", optional=True) for at in ("outdoors", "indoors")),
        Column("people_strong", "number", "people with strong signal", "people", True, minimum=0),
        Column("people_weak", "number", "people with weak signal", "people", True, minimum=0),
        Column("people_none", "number", "people without signal", "people", True, minimum=0),
        Column("centre_class", "text", "signal at the village centre", nullable=True, values=SIGNAL_CLASSES),
        Column("centre_rsrp_dbm", "number", "RSRP at the village centre; empty without any tower", "dBm", True),
        Column("server_id", "text", "tower that is best at the village centre", nullable=True),
        Column("operators", "integer", "operators heard by half of the people or more", "", True, minimum=0),
        Column("single_operator", "text", "the operator, where there is just one", nullable=True),
        _share("share_one_operator", "share of people who hear one operator alone", optional=True),
        Column("second_id", "text", "tower of another mast that is next best at the centre", "", True, optional=True),
        Column("second_rsrp_dbm", "number", "its RSRP there, where it has signal", "dBm", True, optional=True),
        Column("tower_id", "text", "nearest tower to the village centre that gives service", nullable=True),
        _metres("tower_m", "distance of the village centre to it"),
        _metres("blocked_at_m", "where most stands in the line to it, from the tower; empty where nothing does"),
        _metres("blocked_by_m", "by how much it stands above the line"),
        Column("blocked_lon", "number", "that place, EPSG:4326", "degree", True, minimum=-180, maximum=180),
        Column("blocked_lat", "number", "that place, EPSG:4326", "degree", True, minimum=-90, maximum=90),
        _metres("clear_height_m", "height of the tower's antenna that would see the village centre"),
    ),
)

MEASUREMENTS = Table(
    "measurements",
    ("measurement_id",),
    (
        Column("measurement_id", "text", "file and row it came from"),
        Column("lon", "number", "place, EPSG:4326", "degree", minimum=-180, maximum=180),
        Column("lat", "number", "place, EPSG:4326", "degree", minimum=-90, maximum=90),
        Column("time", "text", "as written", nullable=True),
        Column("operator", "text", "whose signal it was", nullable=True),
        Column("rsrp_dbm", "number", "measured RSRP", "dBm", True),
        Column("mbit_s", "number", "measured speed downwards", "Mbit/s", True, minimum=0),
        Column("told", "text", "what words say of the signal", nullable=True, values=SIGNAL_CLASSES),
        Column("source", "text", "file", nullable=True),
    ),
)

COMPARED = Table(
    "compared",
    ("measurement_id",),
    (
        Column("measurement_id", "text", "file and row it came from"),
        Column("village_code_bps", "text", "the village it lies in", nullable=True),
        Column("measured_class", "text", "signal found there", values=SIGNAL_CLASSES),
        Column("predicted_class", "text", "signal predicted there; empty off the terrain", "", True, SIGNAL_CLASSES),
        Column("measured_dbm", "number", "measured RSRP", "dBm", True),
        Column("predicted_dbm", "number", "predicted RSRP; empty without any tower", "dBm", True),
        Column("time", "text", "as written", nullable=True),
        Column("operator", "text", "whose signal it was", nullable=True),
        Column("band", "text", "frequency of the tower predicted to serve it, MHz", nullable=True, optional=True),
        Column("ground", "text", "what stands there, where a map tells", nullable=True, optional=True),
        Column("lon", "number", "place, EPSG:4326", "degree", minimum=-180, maximum=180),
        Column("lat", "number", "place, EPSG:4326", "degree", minimum=-90, maximum=90),
    ),
)

AGREEMENT = Table(
    "agreement",
    ("village_code_bps",),
    (
        VILLAGE_CODE,
        Column("measured", "integer", "measurements in the village that have a prediction", minimum=1),
        _share("share_agreed", "share of them that found the predicted class", nullable=False),
        Column("better", "integer", "measurements that found better signal than predicted", minimum=0),
        Column("worse", "integer", "measurements that found worse signal than predicted", minimum=0),
    ),
)

_WHERE_HEARD = (
    _share("share_strong", "share of people with strong signal, for a rule about it", optional=True),
    Column("tower_id", "text", "nearest tower, where the ground stands in the line to it", "", True, optional=True),
    _metres("tower_m", "distance of the village centre to it", optional=True),
    _metres("blocked_at_m", "where the ground stands in that line, from the tower", optional=True),
    _metres("blocked_by_m", "by how much it stands above the line", optional=True),
)

BLANK_SPOTS = Table(
    "blank_spots",
    ("village_code_bps", "rule"),
    (
        VILLAGE_CODE,
        Column("rule", "text", "name of the rule"),
        Column("state", "text", "state under the rule", values=STATES),
        Column("reason", "text", "reason code; words are the shell's"),
        _share("share", "share of people in reach that the rule looked at; empty where not known"),
        _share("share_unknown", "share of people of whom it is not known, beside those in reach", optional=True),
        Column("margin", "number", "distance of the share to its nearest threshold", "1", True, optional=True),
        Column("state_least", "text", "state at the least stated reach", values=STATES, optional=True),
        Column("state_most", "text", "state at the greatest stated reach", values=STATES, optional=True),
        Column("certainty", "text", "whether the state could be another one", "", True, CERTAINTIES, optional=True),
        _share("chance", "part of the draws of the signal in which the state holds", optional=True),
        _share("chance_blank", "part of the draws in which it is blank", optional=True),
        _share("share_low", "share in reach that is exceeded in 95 per cent of the draws", optional=True),
        _share("share_high", "share in reach that is exceeded in 5 per cent of the draws", optional=True),
        Column("missing", "text", "services whose list of assets is missing, apart by blanks", "", True, optional=True),
        _metres("reach_m", "reach that the rule looked for"),
        Column("nearest_kind", "text", "kind of the nearest asset that would help", nullable=True),
        _metres("nearest_m", "distance of the village centre to it"),
        *_WHERE_HEARD,
    ),
)

POCKETS = Table(
    "pockets",
    ("village_code_bps", "pocket"),
    (
        VILLAGE_CODE,
        Column("pocket", "integer", "number within the village, most people first; 0: the scattered remainder"),
        Column("village", "text", "name"),
        Column("subdistrict", "text", "kecamatan"),
        Column("people", "number", "people surely without service; empty where not known", "people", True, minimum=0),
        _share("share", "their share of the village's people", nullable=False),
        Column("area_km2", "number", "area without service", "km2", minimum=0),
        Column("lon", "number", "around where most of them live, EPSG:4326", "degree", minimum=-180, maximum=180),
        Column("lat", "number", "around where most of them live, EPSG:4326", "degree", minimum=-90, maximum=90),
        Column("from_centre_m", "number", "distance of that place to the village centre", "m", minimum=0),
        Column("bearing_deg", "number", "direction from the village centre", "degree", minimum=0, maximum=360),
        Column("people_least", "number", "without service at the greatest stated reach too", "people", True, minimum=0),
        Column("certainty", "text", "whether most of them stay without it there", "", True, CERTAINTIES),
        _share("chance", "part of the draws of the signal in which most of them stay without it", optional=True),
        Column("people_low", "number", "exceeded in 95 % of the draws", "people", True, minimum=0, optional=True),
        Column("people_high", "number", "exceeded in 5 % of the draws", "people", True, minimum=0, optional=True),
        Column("nearest_id", "text", "nearest operational asset that is there for the service", nullable=True),
        Column("nearest_kind", "text", "its kind", nullable=True),
        _metres("nearest_m", "distance of the place to it"),
        Column("cause", "text", "what hides it", "", True, ("ground", "weak", "distance", "nothing")),
        _metres("blocked_at_m", "where the ground stands in the line, from the tower"),
        _metres("blocked_by_m", "by how much it stands above the line"),
        Column("hamlets", "text", "hamlets there, the most central first, one a line", "", True, optional=True),
        Column(
            "hamlets_are",
            "text",
            "inside; the nearest one near it; or the village's are listed without places",
            "",
            True,
            ("inside", "near", "unplaced"),
            optional=True,
        ),
    ),
)

STATEMENTS = Table(
    "statements",
    (),
    (
        VILLAGE_CODE,
        Column("pocket", "integer", "number of the village's pocket that it is about; 0: the village as a whole"),
        Column("source", "text", "who says so", values=("prediction", "measurement", *EVIDENCE_KINDS)),
        Column("state", "text", "the state it claims", values=STATES[:3]),
        Column("date", "text", "ISO date or year", nullable=True),
        Column("count", "integer", "rows or measured places behind it", minimum=1),
        Column("weight", "number", "how much it counts; 0 where a later one of the same source counts", minimum=0),
        Column("name", "text", "file, office or rule", nullable=True),
        Column("dropped", "boolean", "named by an earlier list of this source, and by its latest no more"),
    ),
)

CONFLICTS = Table(
    "conflicts",
    (),
    (
        Column("village_code_bps", "text", "the village, where it could be told", nullable=True),
        Column("kind", "text", "what disagrees", values=("state", "match")),
        Column("rule", "text", "the rule whose state disagrees", nullable=True),
        Column("computed_state", "text", "state computed", nullable=True),
        Column("claimed_state", "text", "state claimed by the evidence", nullable=True),
        Column("match", "text", "status of the match, where the match is the conflict", nullable=True),
        Column("evidence_id", "text", "the evidence"),
    ),
)

PRIORITY = Table(
    "priority",
    ("village_code_bps",),
    (
        Column("rank", "integer", "1 is to be served first", minimum=1),
        VILLAGE_CODE,
        Column("village", "text", "name"),
        Column("subdistrict", "text", "kecamatan"),
        _share("score", "weighted sum of the parts", nullable=False),
        Column("rank_best", "integer", "best rank under weights near the chosen ones", minimum=1),
        Column("rank_worst", "integer", "worst rank under weights near the chosen ones", minimum=1),
    ),
)

MEASURES = Table(
    "measures",
    ("village_code_bps", "measure"),
    (
        VILLAGE_CODE,
        Column("measure", "text", "name of the measure"),
        Column("possible", "boolean", "whether it can be built there"),
        Column("reason", "text", "reason code, why it is possible or not; words are the shell's"),
        Column(
            "distance_m", "number", "the distance that decided: to the connection, feed or node", "m", True, minimum=0
        ),
        Column(
            "people_newly_served",
            "integer",
            "people of the village not yet served who would be; empty where not known",
            "people",
            True,
            minimum=0,
        ),
        Column(
            "capital_idr", "integer", "cost of building it alone, route included (indicative)", "IDR", True, minimum=0
        ),
        Column("running_idr", "integer", "cost of running it a year (indicative)", "IDR", True, minimum=0),
        Column(
            "present_value_idr", "integer", "both over the horizon, discounted (indicative)", "IDR", True, minimum=0
        ),
        Column("feed", "text", "asset that it would hang on", nullable=True),
    ),
)

ROLLOUT = Table(
    "rollout",
    ("village_code_bps",),
    (
        VILLAGE_CODE,
        Column("village", "text", "name"),
        Column("subdistrict", "text", "kecamatan"),
        Column("measure", "text", "what is built"),
        Column("year", "integer", "budget year in which it is built", minimum=1990),
        Column(
            "cost_idr",
            "integer",
            "capital of that year, its share of new trunk included (indicative)",
            "IDR",
            minimum=0,
        ),
        Column("running_idr", "integer", "running cost a year from then on (indicative)", "IDR", minimum=0),
        Column("people_newly_served", "integer", "people of the village not served before", "people", minimum=0),
        Column("parent", "text", "village or asset that it hangs on", nullable=True),
        Column("reasons", "text", "JSON list of [reason code, value]; words are the shell's"),
        Column("alone_idr", "integer", "capital with all its trunk if served alone (indicative)", "IDR", minimum=0),
    ),
)
