"""Roles and what they are granted; enforced by the store, whatever a page shows.

``anonymous`` is a reader who has not signed in, ``program`` one with a token, which sees no cameras; a ``surveyor``
sees no more than anybody, and may send reports from the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coverage.base.errors import PermissionDeniedError

Role = Literal["anonymous", "program", "surveyor", "viewer", "editor", "admin"]
ROLES: tuple[Role, ...] = ("anonymous", "program", "surveyor", "viewer", "editor", "admin")
ACCOUNT_ROLES: tuple[Role, ...] = ("surveyor", "viewer", "editor", "admin")

_ANONYMOUS = frozenset({"view"})
_PROGRAM = _ANONYMOUS | {"view_proposals"}
_SURVEYOR = _ANONYMOUS | {"report", "change_own_password"}
_VIEWER = _ANONYMOUS | {
    "view_cctv", "view_history", "view_evidence", "view_runs", "view_scenarios", "view_imports", "view_proposals",
    "change_own_password",
}  # fmt: skip
_EDITOR = _VIEWER | {
    "report", "add", "change", "split", "decommission", "strike_out", "set_back", "undo", "import",
    "take_back_import", "add_evidence", "withdraw_evidence", "save_run", "save_scenario", "change_settings",
    "edit_proposals",
}  # fmt: skip
_ADMIN = _EDITOR | {"set_back_all", "backup", "restore", "manage_accounts", "view_journal", "publish"}

GRANTS: dict[str, frozenset[str]] = {
    "anonymous": _ANONYMOUS,
    "program": _PROGRAM,
    "surveyor": _SURVEYOR,
    "viewer": _VIEWER,
    "editor": _EDITOR,
    "admin": _ADMIN,
}
"""Granted actions by role; anything else is refused."""
ACTIONS: tuple[str, ...] = tuple(sorted(_ADMIN))


@dataclass(frozen=True)
class Actor:
    """Name for the history, and role."""

    name: str
    role: str


ANONYMOUS = Actor("", "anonymous")


def may(who: Actor | None, action: str) -> bool:
    """Whether ``who`` is granted ``action``; None is anonymous."""
    return action in GRANTS.get((who or ANONYMOUS).role, frozenset())


def require(who: Actor | None, action: str) -> Actor:
    """Return ``who``, or refuse.

    Raises
    ------
    PermissionDeniedError
        If the role is not granted the action.
    """
    if not may(who, action):
        raise PermissionDeniedError("store.not_granted", action=action, role=(who or ANONYMOUS).role)
    return who or ANONYMOUS
