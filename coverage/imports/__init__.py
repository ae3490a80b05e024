"""Taking in any list as it is: nothing is dropped silently, nothing is guessed silently, nothing is half done.

One chain of calls, the same for the command line and for the page::

    raw = read(path)                                  the rows as written, each with its number
    choices = guess(raw, kind="tower")                which column holds what, to be shown and confirmed
    name, choices = Mappings(store, me).recognised(raw) or (None, choices)  ... or as it was saved under a name
    region = read_region()                            what rows are checked against
    found = interpret(raw, choices, region)           rows accepted, and rows refused with code, values and offer
    plan = plan_for(found, store, me)                 new, changed, unchanged, missing
    done = apply_plan(plan, store, me)                one transaction
    store.take_back_import(done.import_id, me)        the way back, keeping later edits

- What a list is of is ``choices.record``: assets, one of the reports (an official list, complaints, field tests, a
  survey), or figures of villages (people, poverty, facilities). :func:`guess` guesses it too. Reports and figures are
  matched to villages by name and code, else by position; everything else of the chain is the same.
- :func:`read` raises ``FileRefusedError`` ``table.several_sheets`` or ``geofile.several_layers`` where a sheet must be
  named (``details["offered"]``, ``details["layers"]``; pass ``sheet``) and ``CrsError`` ``geofile.no_crs`` where the
  coordinates are of a system that the file does not tell (pass ``crs="EPSG:32749"``).
- ``raw.columns`` and ``raw.samples(column)`` are what a person needs to confirm ``choices.columns`` (from field to
  column); :data:`FIELDS` are the fields there are. ``choices.with_columns({...})`` and ``dataclasses.replace`` change
  them. Without a column for the kind, ``choices.kind`` must be set.
- A repair is offered in ``found.refused["offer"]`` (``code, lon, lat``: where the row would then lie; ``detail`` the
  zone of metres) and is done by asking again: ``replace(choices, repairs=frozenset({"minus"}))`` for all rows that have
  it, or ``repaired_rows=frozenset({17})`` for some.
- Spellings taken for one name are in ``found.gathered``; ``replace(choices, keep=frozenset({("owner", "PT. X")}))``
  leaves one as it is written. Dates such as 03/04/2024 are refused with both readings until ``choices.dates`` says.
- ``Region(villages, neighbours, crosswalk, chosen)`` is what rows are checked against; with ``chosen=False`` a list
  that is plainly of another region is checked against its own middle instead (``found.own_area``).
- ``plan.differences`` holds old and new side by side. What an empty cell would take away is in ``plan.emptied`` and is
  done by :func:`with_emptied` only; what the list does not have is in ``plan.missing`` and stays unless named in
  ``retire``.
- :func:`report` is the JSON of it all; :func:`refused_file` the refused rows as Excel, to be corrected and read again.

What comes of a row is a code with values (``found.refused["code"]``, ``["details"]``); :mod:`language.words` has the
sentence under ``imports.reason.<code without "import.">`` (:func:`reason_sentence`, :func:`offer_sentence`).
"""

from coverage.imports.apply import apply_plan, plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import RECORDS, REPORTS, Choices, Record, guess
from coverage.imports.mappings import Mappings
from coverage.imports.places import Region
from coverage.imports.plan import Plan, make_plan, with_emptied
from coverage.imports.raw import Raw
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.repairs import Offer
from coverage.imports.report import offer_sentence, plan_warnings, reason_sentence, refused_file, report
from coverage.imports.result import Interpretation
from coverage.imports.spellings import Gathering
from coverage.readers.vocabulary import FIELDS

__all__ = [
    "FIELDS",
    "RECORDS",
    "REPORTS",
    "Choices",
    "Gathering",
    "Interpretation",
    "Mappings",
    "Offer",
    "Plan",
    "Raw",
    "Record",
    "Region",
    "apply_plan",
    "guess",
    "interpret",
    "make_plan",
    "offer_sentence",
    "plan_for",
    "plan_warnings",
    "read",
    "read_region",
    "reason_sentence",
    "refused_file",
    "report",
    "with_emptied",
]
