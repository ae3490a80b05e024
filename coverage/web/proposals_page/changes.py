"""Changes of the register from the page: done, and told at the next rendering."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from coverage.language.words import Words
from coverage.web import messages

T = TypeVar("T")
PAGE_NAME, CHOSEN = "proposals", "proposal_chosen"


def changed(words: Words, work: Callable[[], T], told: str, **values: object) -> T | None:
    """Do ``work`` and keep what to tell; None where it was refused, and why is kept.

    ``work`` that returns two counts fills ``added`` and ``changed``.
    """
    with messages.kept_refusal(PAGE_NAME, words):
        made = work()
        counts = dict(zip(("added", "changed"), made, strict=True)) if isinstance(made, tuple) else {}
        messages.keep(PAGE_NAME, words(told, **values, **counts))
        return made
    return None
