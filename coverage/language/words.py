"""Words, numbers, dates and money in the reader's language.

Sentences live in ``locale/<language>/<domain>.toml``. A key is ``domain.path.to.entry``; placeholders are those of
:meth:`str.format`, filled with plain text only (``{name}``, never attributes or indices).
"""

from __future__ import annotations

import datetime as dt
import string
import tomllib
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_currency

from coverage.base.errors import JangkauError

Language = str


class LanguageStyle(NamedTuple):
    """A language: its own name, its locale of Babel, whether decimals follow a comma, its code in formats of Excel."""

    name: str
    locale: str
    decimal_comma: bool
    excel: str


STYLES: dict[Language, LanguageStyle] = {
    "id": LanguageStyle("Bahasa Indonesia", "id_ID", True, "[$-421]"),
    "en": LanguageStyle("English", "en_GB", False, "[$-809]"),
}
"""Languages there are; each has its sentences in ``locale/<language>/``."""
LANGUAGES = tuple(STYLES)
_SWAPPED = str.maketrans(",.", ".,")
_FOLDER = Path(__file__).parent / "locale"


class _Sentences(Mapping[str, str]):
    """Sentences of a language, flat: ``{"web.title": ..., "error.file.not_found.message": ...}``.

    A file is read when a sentence of its domain is first asked for; the errors are in all of them.
    """

    def __init__(self, language: Language) -> None:
        self._flat: dict[str, str] = {}
        self._unread = {file.stem: file for file in sorted((_FOLDER / language).glob("*.toml"))}

    def __getitem__(self, key: str) -> str:
        if key not in self._flat and self._unread:
            domain = key.partition(".")[0]
            self._fill([*self._unread] if domain == "error" else [domain])
        return self._flat[key]

    def __iter__(self) -> Iterator[str]:
        self._fill([*self._unread])
        return iter(self._flat)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _fill(self, domains: list[str]) -> None:
        for domain in domains:
            if file := self._unread.get(domain):
                entries = _read(file)
                _flatten(entries.pop("error", {}), "error", self._flat)
                _flatten(entries, domain, self._flat)
                self._unread.pop(domain, None)  # at last: other threads read meanwhile


_sentences = cache(_Sentences)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _flatten(entries: dict[str, Any], prefix: str, into: dict[str, str]) -> None:
    for key, value in entries.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}.{key}", into)
        else:
            into[f"{prefix}.{key}"] = str(value)


@cache
def _source_keys() -> dict[str, str]:
    """Key by English sentence of the sources in shipped files."""
    flat: dict[str, str] = {}
    _flatten(_read(_FOLDER / "en" / "sources.toml"), "sources", flat)
    return {text: key for key, text in flat.items()}


class _PlainFields(string.Formatter):
    """Formatter of ``{name}`` that refuses attributes and indices."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        if not field_name.isidentifier():
            raise KeyError(field_name)
        return kwargs.get(field_name, "–"), field_name


@cache
def _parts(sentence: str) -> list[tuple[str, str | None]] | None:
    """Literal texts, each with the field after it; None of a sentence with more than plain fields."""
    parts = [*string.Formatter().parse(sentence)]
    plain = all(name is None or (name.isidentifier() and not form and not turned) for _, name, form, turned in parts)
    return [(literal, name) for literal, name, _, _ in parts] if plain else None


def _of_error(value: Any, words: Words) -> Any:
    """Numbers of an error as they are read, but years and the like as they are."""
    is_number = isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and value >= 10_000)
    return words.number(value, 4) if is_number else value


class Words:
    """Translations and formats of one language, ``"id"`` or ``"en"``."""

    def __init__(self, language: Language = "id") -> None:
        self.language = language
        self.style = STYLES[language]
        self.locale = self.style.locale
        self._sentences = _sentences(language)

    def __call__(self, key: str, /, **values: Any) -> str:
        """Sentence under ``key`` with its placeholders filled; numbers are written whole, None as a dash.

        A value may be a function, which is called where the sentence has a place for it.
        """
        asked = _parts(self._sentences[key])
        names = [*values] if asked is None else [name for _, name in asked if name is not None and name in values]
        return self._filled(key, {name: self._shown(values[name]) for name in names})

    def unfilled(self, begin: str) -> dict[str, str]:
        """Sentences whose keys begin so, by the rest of their keys, with their placeholders: for a page of its own."""
        return {key.removeprefix(begin): text for key, text in self._sentences.items() if key.startswith(begin)}

    def _shown(self, value: Any) -> Any:
        if callable(value):
            value = value()
        if isinstance(value, str):
            return value
        if value is None or (isinstance(value, Real) and not isinstance(value, bool)):
            return self.number(value)  # type: ignore[arg-type]
        return self.listed(value, _of_error) if isinstance(value, list) else value

    def _filled(self, key: str, values: Mapping[str, Any]) -> str:
        parts = _parts(self._sentences[key])
        if parts is None:
            return _PlainFields().format(self._sentences[key], **values)
        return "".join(literal if name is None else f"{literal}{values.get(name, '–')}" for literal, name in parts)

    def listed(self, value: Any, of_one: Callable[[Any, Words], Any], between: str = ", ") -> Any:
        """Parts of a message by ``of_one``: lists are joined, those within by blanks (``["A – B:", 1.5, "ha"]``)."""
        if isinstance(value, list | tuple | set):
            return between.join(str(self.listed(one, of_one, " ")) for one in value)
        return of_one(value, self)

    def has(self, key: str) -> bool:
        """Whether there is a sentence under ``key``."""
        return key in self._sentences

    def source(self, text: str) -> str:
        """Translated source of a shipped file; one of the planner's own stays as it is."""
        key = _source_keys().get(text)
        return text if key is None else self._sentences[key]

    def kind(self, key: str, sectors: int = 0) -> str:
        """What a kind of asset or landmark is called, with how many sectors; its key where there is no record."""
        from coverage.base.kinds import NO_RECORD  # brings pandas, and most commands say nothing of kinds
        from coverage.readers.kinds import asset_kinds, landmark_kinds

        names = (asset_kinds().get(key) or landmark_kinds().get(key) or NO_RECORD).name
        name = names.get(self.language) or names.get("id") or key.replace("_", " ")
        return self("core.count.sectors", kind=name, count=sectors) if sectors else name

    def label(self, group: str, name: str) -> str:
        """Sentence under ``group.name``; the name itself where there is none."""
        return self._sentences.get(f"{group}.{name}", name)

    def rule(self, name: str) -> str:
        """What a rule is called; one of the planner's own keeps its name."""
        return self.label("core.rule", name)

    def criterion(self, name: str) -> str:
        """What a criterion is called; one of the planner's own keeps its name."""
        return self.label("priority.criterion", name)

    def named(self, field: str, value: str) -> str:
        """A value of a column whose values have names, such as ``kind`` or ``status``; another value as it is."""
        return self.kind(value) if field == "kind" else self.label(f"core.{field}", value)

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted(self._sentences)

    def error(self, error: JangkauError) -> str:
        """What happened, where, and the remedy."""
        values = {name: value for name, value in vars(error.place).items() if value is not None}
        where = ", ".join(self._filled(f"core.place.{k}", values) for k in values if self.has(f"core.place.{k}"))
        values |= {name: self.listed(value, _of_error) for name, value in error.details.items()}
        if error.code.startswith("import."):
            reason = self._filled(f"imports.reason.{error.code.removeprefix('import.')}", values)
            more = "repairable" if "repair" in values else "refused" if "refused" in values else ""
            return f"{where}: {reason}" + (f" {self._filled(f'imports.run.{more}', values)}" if more else "")
        if not self.has(f"error.{error.code}.message"):
            return f"{where}: {error}" if where else str(error)
        told = (f"error.{error.code}.{part}" for part in ("message", "remedy"))
        said = " ".join(self._filled(key, values) for key in told if self.has(key))
        return f"{where}: {said}" if where else said

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with at most ``digits`` decimals, localised (1.234,5)."""
        if value is None or value != value:
            return "–"
        return self._written(f"{Decimal(str(round(float(value), digits))):,.{digits}f}", digits)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share of 0 to 1 as percentage; small ones keep two decimals."""
        if share is None or share != share:
            return "–"
        if 0 < share < 0.01:
            digits = max(digits, 2)
        return self._written(f"{Decimal(str(float(share))) * 100:,.{digits}f}") + "%"

    def share(self, share: float | None, *thresholds: float) -> str:
        """A share of people or land, 0 to 1, in whole per cent: people are estimates and edges of reach uncertain.

        What is not all or nothing never reads so (<1%, >99%), and what would read like one of the ``thresholds``
        without being it gets the decimals that tell them apart. Sums miss one by some 1e-14, which is nobody.
        """
        share = None if share is None else round(share, 6)
        if share is None or share != share or share in (0, 1):
            return self.percent(share)
        same = [edge for edge in thresholds if edge not in (0, share) and round(edge * 100) == round(share * 100)]
        if same:
            return self.percent(share, 1 if all(round(edge, 3) != round(share, 3) for edge in same) else 2)
        return "<1%" if share < 0.01 else ">99%" if share > 0.99 else self.percent(share)

    def _written(self, text: str, drop: int = 0) -> str:
        """Localise a Python number; ``drop`` removes trailing zeros."""
        if drop:
            text = text.rstrip("0").rstrip(".")
        if self.style.decimal_comma:
            text = text.translate(_SWAPPED)
        return text

    def distance(self, metres: float | None, beyond: float | None = None) -> str:
        """Metres below one kilometre, else kilometres with one decimal; two more where it would read like
        ``beyond``.
        """
        if metres is None or metres != metres:
            return "–"
        if metres >= 1000 and beyond is not None and self.distance(metres) == self.distance(beyond):
            return f"{self.number(metres / 1000, 3)} km"
        return f"{self.number(metres)} m" if metres < 999.5 else f"{self.number(metres / 1000, 1)} km"

    def money(self, rupiah: float | None) -> str:
        """Rupiah: in full below a million, else in juta, miliar, triliun with one decimal."""
        if rupiah is None or rupiah != rupiah:
            return "–"
        if abs(rupiah) < 1_000_000:
            return f"Rp {self.number(rupiah)}"
        if self.language == "en":
            return (
                str(format_compact_currency(rupiah, "IDR", format_type="short", locale="en", fraction_digits=1))
                .replace("IDR", "Rp ")
                .replace("\xa0", "")
                .replace("  ", " ")
            )
        for size, word in ((1e12, "triliun"), (1e9, "miliar"), (1e6, "juta")):
            if abs(rupiah) >= size * 0.99995:
                return f"Rp {self.number(rupiah / size, 1)} {word}"
        return f"Rp {self.number(rupiah)}"

    def date(self, iso: str | dt.date | None) -> str:
        """A date (20 November 2026); a bare year stays as it is."""
        if not iso:
            return "–"
        if isinstance(iso, str):
            if len(iso) < 10:
                return iso
            iso = dt.date.fromisoformat(iso[:10])
        return str(format_date(iso, "d MMMM y", locale=self.locale))

    def moment(self, when: dt.datetime | str) -> str:
        """A date and time, in the time zone of this computer."""
        when = dt.datetime.fromisoformat(when) if isinstance(when, str) else when
        when = when.astimezone() if when.tzinfo else when
        return str(format_datetime(when, "d MMMM y HH:mm", locale=self.locale))
