"""Import of lists as they are: nothing is dropped, guessed or half done in silence.

One chain, the same for the command line and the page, each function in the module that defines it (nothing is
imported here, so that a process that only reads a file starts quickly)::

    raw = read(path)                                  rows as written, each with its number
    choices = guess(raw, kind="tower")                which column holds what, to be confirmed
    name, choices = Mappings(store, me).recognised(raw) or (None, choices)  ... or as saved under a name
    region = read_region()                            what rows are checked against
    found = interpret(raw, choices, region)           accepted rows; refused rows with code, values and offer
    plan = plan_for(found, store, me)                 new, changed, unchanged, missing
    done = apply_plan(plan, store, me)                one transaction
    store.imports.take_back(done.import_id, me)        undo, keeping later edits

- ``choices.record`` says what the list holds: assets, a report (official list, complaints, field tests, survey), or
  figures of villages. Reports and figures are matched to villages by name and code, else by position.
- :func:`read` raises ``FileRefusedError`` ``table.several_sheets`` or ``geofile.several_layers`` where a sheet must be
  named (``details["offered"]``, ``details["layers"]``; pass ``sheet``) and ``CrsError`` ``geofile.no_crs`` where the
  file does not state its CRS (pass ``crs="EPSG:32749"``).
- ``raw.columns`` and ``raw.samples(column)`` help to confirm ``choices.columns`` (from :data:`FIELDS` to column).
  ``choices.with_columns({...})`` and ``dataclasses.replace`` change them. Without a column for the kind,
  ``choices.kind`` must be set.
- A repair is offered in ``found.refused["offer"]`` (``code, lon, lat``; ``detail`` the UTM zone) and accepted by
  ``replace(choices, repairs=frozenset({"minus"}))`` for all rows that have it, or ``repaired_rows=frozenset({17})`` for
  some.
- Spellings merged into one name are in ``found.gathered``; ``replace(choices, keep=frozenset({("owner", "PT. X")}))``
  keeps one as written. Ambiguous dates (03/04/2024) are refused with both readings until ``choices.dates`` is set.
- ``Region(villages, neighbours, crosswalk, chosen)`` is what rows are checked against; with ``chosen=False`` a list
  that is plainly of another region is checked against its own centre (``found.own_area``).
- ``plan.differences`` holds old and new values. Values that empty cells would remove are in ``plan.emptied`` and
  removed by :func:`with_emptied` only; assets that the list lacks are in ``plan.missing`` and stay unless in
  ``retire``.
- :func:`report` is the JSON of it all; :func:`coverage.exports.refused.refused_file` the refused rows as
  Excel, to correct and import.

The verdict on a row is a code with values (``found.refused["code"]``, ``["details"]``); its sentence is
``imports.reason.<code without "import.">`` (:func:`reason_sentence`, :func:`offer_sentence`).
"""
