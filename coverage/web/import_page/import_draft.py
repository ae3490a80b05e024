"""A list being imported: the visitor's choices and what was computed from them, in the session.

Slow steps (read, check, compare) are memoised by what they depend on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeVar, cast

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.model_options import DateOrder
from coverage.imports.apply import plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import Choices, Record, guess
from coverage.imports.mappings import Mappings
from coverage.imports.places import Region
from coverage.imports.plan import ImportPlan, with_emptied
from coverage.imports.raw import Raw
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.result import Interpretation
from coverage.readers.apart import read_apart
from coverage.run.sources import Sources
from coverage.store import Actor, Imported, Store, region_files
from coverage.web import session, store_access
from coverage.web.run_cache import read_kept
from coverage.web.uploads import as_file

T = TypeVar("T")
_DRAFT = "import_draft"
BY_COLUMN = "*"
"""Kind of asset is given row by row in a column."""


@dataclass
class AppliedImport:
    """Result of an applied draft."""

    import_id: str
    counts: Imported
    retired: int
    plan: ImportPlan


@dataclass
class Draft:
    """A list that was handed in, and how it is to be understood.

    The fields that :class:`coverage.imports.Choices` has too are meant as there; ``also`` counts while its field stays
    with the column in ``guessed``. The others:

    - ``token`` names the widgets of this draft and the import itself, so that pressing twice does it once.
    - ``kind`` is what every asset is, :data:`BY_COLUMN`, or None until somebody says.
    - ``columns`` is None until guessed; ``first`` are the fields that the guess found, shown first.
    - ``mapping`` is the name of the saved mapping that was recognised.
    - ``confirmed`` are the choices of columns that somebody found right, ``problem`` why nothing came of them.
    - ``emptied`` and ``retire`` are what the list's silence takes away: empty cells, and assets that it does not have.
    """

    name: str
    content: bytes
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    sheet: str | None = None
    crs: str | None = None
    record: Record = "assets"
    kind: str | None = None
    claim: str | None = None
    dated: str | None = None
    figures: tuple[str, ...] = ()
    also: dict[str, tuple[str, ...]] = field(default_factory=dict)
    guessed: dict[str, str] = field(default_factory=dict)
    status: str = "operational"
    dates: DateOrder | None = None
    keep: frozenset[tuple[str, str]] = frozenset()
    repairs: frozenset[str] = frozenset()
    repaired: frozenset[int] = frozenset()
    columns: dict[str, str] | None = None
    first: tuple[str, ...] = ()
    mapping: str | None = None
    confirmed: object = None
    problem: JangkauError | None = None
    emptied: bool = False
    retire: tuple[str, ...] = ()
    done: AppliedImport | None = None
    _kept: dict[str, tuple[object, Any]] = field(default_factory=dict, repr=False)

    def getvalue(self) -> bytes:
        """Content of the file, like an upload."""
        return self.content

    def key(self, name: str) -> str:
        """Key of a widget of this draft."""
        return f"import_{name}_{self.token}"

    def memo(self, name: str, made_from: object, make: Callable[[], T]) -> T:
        """Memoised result of ``make`` for the latest ``key``."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != made_from:
            kept = self._kept[name] = (made_from, make())
        return cast(T, kept[1])

    def drop(self, name: str) -> None:
        """Forget a memoised result."""
        self._kept.pop(name, None)

    def knows(self, name: str, made_from: object) -> bool:
        """Whether it is memoised."""
        kept = self._kept.get(name)
        return kept is not None and kept[0] == made_from


def current() -> Draft | None:
    """The draft of this session."""
    found = st.session_state.get(_DRAFT)
    return found if isinstance(found, Draft) else None


def begin(name: str, content: bytes) -> None:
    """Start a draft from an upload."""
    st.session_state[_DRAFT] = Draft(name, content)


def forget() -> None:
    """Discard the draft."""
    st.session_state.pop(_DRAFT, None)


def reopen(draft: Draft) -> None:
    """Reopen an applied draft after its import was undone."""
    draft.done = None
    draft.token = uuid.uuid4().hex


def raw_of(draft: Draft) -> Raw:
    """Read the rows, as :func:`coverage.imports.read.read`."""

    def make() -> Raw:
        with as_file(draft) as path:
            return read_apart(read, path, draft.sheet, draft.crs, draft.name)

    return draft.memo("raw", (draft.sheet, draft.crs), make)


def understand(draft: Draft, raw: Raw, mappings: Mappings) -> None:
    """Guess record, columns and kind of a sheet, or take them from a saved mapping."""

    def make() -> bool:
        found = mappings.recognised(raw)
        use(draft, guess(raw) if found is None else found[1], found[0] if found else None)
        return True

    draft.memo("understood", (draft.sheet, draft.crs), make)


def use(draft: Draft, choices: Choices, mapping: str | None) -> None:
    """Replace the draft's choices by guessed or saved ones."""
    draft.columns, draft.mapping = dict(choices.columns), mapping
    draft.record, draft.claim, draft.dated = choices.record, choices.claim, choices.dated
    draft.figures, draft.also = choices.figures, dict(choices.also)
    draft.guessed = dict(choices.columns)
    draft.kind = choices.kind or (BY_COLUMN if "kind" in choices.columns else None)
    draft.status, draft.dates, draft.keep = choices.status, choices.dates, choices.keep
    draft.first = tuple(choices.columns)
    draft.confirmed = None
    draft.token = uuid.uuid4().hex  # resets the widgets


def choices_of(draft: Draft) -> Choices:
    """The draft's choices, as the import takes them."""
    by_column = draft.kind == BY_COLUMN
    columns = {what: name for what, name in (draft.columns or {}).items() if by_column or what != "kind"}
    return Choices(
        columns,
        None if by_column else draft.kind,
        draft.status,
        draft.dates,
        draft.keep,
        draft.repairs,
        draft.repaired,
        draft.record,
        draft.claim,
        draft.dated,
        tuple(name for name in draft.figures if name not in columns.values()),
        {what: more for what, more in draft.also.items() if columns.get(what) == draft.guessed.get(what)},
    )


def columns_key(draft: Draft) -> object:
    """Column choices, to compare with the confirmed ones."""
    nothing: frozenset[Any] = frozenset()
    chosen = replace(choices_of(draft), dates=None, keep=nothing, repairs=nothing, repaired_rows=nothing)
    return draft.sheet, draft.crs, chosen


def checked_key(draft: Draft) -> object:
    """What the check depends on."""
    return columns_key(draft), draft.dates, draft.keep, draft.repairs, draft.repaired


def offered_key(draft: Draft) -> object:
    """The same without accepted repairs."""
    return columns_key(draft), draft.dates, draft.keep


def checked(draft: Draft, raw: Raw) -> Interpretation:
    """Accepted and refused rows, with accepted repairs."""
    if not (draft.repairs or draft.repaired):
        return unrepaired(draft, raw)
    return draft.memo("checked", checked_key(draft), lambda: interpret(raw, choices_of(draft), region()))


def unrepaired(draft: Draft, raw: Raw) -> Interpretation:
    """The same without repairs: all offers are there."""

    def make() -> Interpretation:
        plain = replace(choices_of(draft), repairs=frozenset(), repaired_rows=frozenset())
        return interpret(raw, plain, region())

    return draft.memo("offered", offered_key(draft), make)


def plan_key(draft: Draft, store: Store) -> object:
    """What the comparison with the store depends on."""
    return checked_key(draft), store.assets.revision() if draft.record == "assets" else store.imports.records_revision()


def planned(draft: Draft, raw: Raw, store: Store, who: Actor) -> ImportPlan:
    """What the list would change in the store as it is now."""
    key = plan_key(draft, store)
    plain = draft.memo("plan", key, lambda: plan_for(checked(draft, raw), store, who))
    return draft.memo("emptied", key, lambda: with_emptied(plain)) if draft.emptied else plain


def region() -> Region:
    """The current region with its neighbours, cached."""
    chosen, store = session.sources(), store_access.opened_store().store
    found = _region(chosen, region_files.revision())
    return found if store is None else replace(found, landmarks=store.imports.landmarks(store_access.who()))


@lru_cache(maxsize=2)
def _region(chosen: Sources, revision: Hashable) -> Region:
    return read_kept(chosen, read_region, chosen.region, chosen.crosswalk)
