"""Schema migrations (alembic, inside one transaction)."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa

from coverage.base.errors import StoreError
from coverage.store.guards import drop_guards, make_guards
from coverage.store.layers import drop_layers, make_layers

HEAD = "0015"
"""The newest step; a test compares it with the files, so that opening need not load alembic to know."""
_one_at_a_time = threading.Lock()
_ADVISORY_LOCK = 0x6A616E676B6175  # "jangkau"


def revision(connection: sa.Connection) -> str | None:
    """Current step of a database; None where it has none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def require_ours(connection: sa.Connection) -> None:
    """Refuse a SQLite file of another program.

    Raises
    ------
    StoreError
        If there are tables, but no step of ours.
    """
    if revision(connection) is None and set(sa.inspect(connection).get_table_names()) - {"alembic_version"}:
        raise StoreError("store.not_ours")


def migrate(connection: sa.Connection, target: str = HEAD) -> None:
    """Migrate up or down to ``target`` (a step, or ``"base"``).

    The caller holds a transaction, which serialises concurrent starts.

    Raises
    ------
    StoreError
        If the database is of a newer version.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    present = revision(connection)
    if present == target:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions("base", "heads")]
    if present is not None and present not in steps:
        raise StoreError("store.newer", present=present, known=HEAD)
    older = present is not None and (target == "base" or steps.index(target) > steps.index(present))
    drop_layers(connection)
    drop_guards(connection)
    with _one_at_a_time:  # alembic keeps state in module variables
        (command.downgrade if older else command.upgrade)(config, target)
    if target != "base":
        make_guards(connection)
        make_layers(connection)
