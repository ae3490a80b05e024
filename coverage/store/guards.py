"""Triggers that protect the history; recreated after every migration."""

from __future__ import annotations

import sqlalchemy as sa

from coverage.store.models import APPEND_ONLY, FIELDS

_VERSIONED = (*(column.name for column in FIELDS), "struck_out", "version")
"""Columns that change with a new version only."""


def make_guards(connection: sa.Connection) -> None:
    """Create triggers against changing history, deleting assets, or changing them without a new version."""
    present = set(connection.exec_driver_sql("SELECT * FROM assets LIMIT 0").keys())
    columns = ", ".join(name for name in _VERSIONED if name in present)
    make = _postgres if connection.dialect.name == "postgresql" else _sqlite
    there = sa.inspect(connection).get_table_names()
    for statement in make(columns, [table.name for table in APPEND_ONLY if table.name in there]):
        connection.exec_driver_sql(statement)


def _sqlite(columns: str, append_only: list[str]) -> list[str]:
    return [
        *(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            for table in append_only
            for verb in ("UPDATE", "DELETE")
        ),
        "CREATE TRIGGER assets_no_delete BEFORE DELETE ON assets "
        "BEGIN SELECT RAISE(ABORT, 'an asset is decommissioned or struck out, never deleted'); END",
        f"CREATE TRIGGER assets_next_version BEFORE UPDATE OF {columns} ON assets "
        "WHEN NEW.version <> OLD.version + 1 "
        "BEGIN SELECT RAISE(ABORT, 'a change makes the next version'); END",
    ]


def _postgres(columns: str, append_only: list[str]) -> list[str]:
    return [
        "CREATE FUNCTION jangkau_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_OP || ' of ' || TG_TABLE_NAME || ' is refused'; END $$",
        "CREATE FUNCTION jangkau_next_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.version <> OLD.version + 1 THEN RAISE EXCEPTION 'a change makes the next version'; END IF; "
        "RETURN NEW; END $$",
        f"CREATE TRIGGER assets_next_version BEFORE UPDATE OF {columns} ON assets "
        "FOR EACH ROW EXECUTE FUNCTION jangkau_next_version()",
        "CREATE TRIGGER assets_no_delete BEFORE DELETE OR TRUNCATE ON assets "
        "FOR EACH STATEMENT EXECUTE FUNCTION jangkau_refuse()",
        *(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION jangkau_refuse()"
            for table in append_only
        ),
    ]


def drop_guards(connection: sa.Connection) -> None:
    """Drop the triggers of any version of the program."""
    if connection.dialect.name == "postgresql":
        for function in ("jangkau_next_version", "jangkau_refuse"):
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
        return
    names = [f"{table.name}_no_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")]
    for name in (*names, "assets_no_delete", "assets_next_version"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
