"""Who may do what: one table of roles and actions, asked by the store itself.

A page that forgets to hide a button changes nothing: the store refuses. ``anonymous`` stands for a reader who
has not signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coverage.base.errors import PermissionDeniedError

Role = Literal["anonymous", "viewer", "editor", "admin"]
ROLES: tuple[Role, ...] = ("anonymous", "viewer", "editor", "admin")
ACCOUNT_ROLES: tuple[Role, ...] = ("viewer", "editor", "admin")

_ANONYMOUS = frozenset({"view"})
_VIEWER = _ANONYMOUS | {
    "view_cctv",
    "view_history",
    "view_evidence",
    "view_runs",
    "view_scenarios",
    "view_imports",
    "change_own_password",
}
_EDITOR = _VIEWER | {
    "add",
    "change",
    "decommission",
    "strike_out",
    "set_back",
    "undo",
    "import",
    "take_back_import",
    "add_evidence",
    "withdraw_evidence",
    "save_run",
    "save_scenario",
    "change_settings",
}
_ADMIN = _EDITOR | {"set_back_all", "backup", "restore", "manage_accounts", "view_journal"}

GRANTS: dict[str, frozenset[str]] = {"anonymous": _ANONYMOUS, "viewer": _VIEWER, "editor": _EDITOR, "admin": _ADMIN}
"""What each role is granted; what is not here is refused."""
ACTIONS: tuple[str, ...] = tuple(sorted(_ADMIN))


@dataclass(frozen=True)
class Actor:
    """Somebody who does something: the name goes into the history, the role decides what is granted."""

    name: str
    role: str


ANONYMOUS = Actor("", "anonymous")


def may(who: Actor | None, action: str) -> bool:
    """Whether ``who`` is granted ``action``; ``None`` is a reader who has not signed in."""
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
