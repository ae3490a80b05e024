"""What only one of the two databases can be told: triggers, and the layers that QGIS reads."""

from __future__ import annotations

from alembic import op

APPEND_ONLY = ("asset_history", "journal")
_KINDS = ("wifi", "fiber_node", "fiber_route", "tower", "microcell", "radio_link", "cctv")


def is_postgres() -> bool:
    """Whether the step runs on PostgreSQL."""
    return op.get_bind().dialect.name == "postgresql"


def run(*statements: str) -> None:
    """Run SQL statements in order."""
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def make_guards(guarded_columns: tuple[str, ...]) -> None:
    """Have the database refuse to change history, delete an asset, or change one without a new version."""
    columns = ", ".join(guarded_columns)
    if not is_postgres():
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                run(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
                )
        run(
            "CREATE TRIGGER assets_no_delete BEFORE DELETE ON assets "
            "BEGIN SELECT RAISE(ABORT, 'an asset is decommissioned or struck out, never deleted'); END",
            f"CREATE TRIGGER assets_next_version BEFORE UPDATE OF {columns} ON assets "
            "WHEN NEW.version <> OLD.version + 1 "
            "BEGIN SELECT RAISE(ABORT, 'a change makes the next version'); END",
        )
        return
    run(
        "CREATE FUNCTION jangkau_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_OP || ' of ' || TG_TABLE_NAME || ' is refused'; END $$",
        "CREATE FUNCTION jangkau_next_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.version <> OLD.version + 1 THEN RAISE EXCEPTION 'a change makes the next version'; END IF; "
        "RETURN NEW; END $$",
        f"CREATE TRIGGER assets_next_version BEFORE UPDATE OF {columns} ON assets "
        "FOR EACH ROW EXECUTE FUNCTION jangkau_next_version()",
        "CREATE TRIGGER assets_no_delete BEFORE DELETE OR TRUNCATE ON assets "
        "FOR EACH STATEMENT EXECUTE FUNCTION jangkau_refuse()",
    )
    for table in APPEND_ONLY:
        run(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION jangkau_refuse()"
        )


def drop_guards() -> None:
    """Undo :func:`make_guards`; dropping the tables of SQLite drops their triggers."""
    if is_postgres():
        for table in APPEND_ONLY:
            run(f"DROP TRIGGER {table}_only_grows ON {table}")
        run(
            "DROP TRIGGER assets_next_version ON assets",
            "DROP TRIGGER assets_no_delete ON assets",
            "DROP FUNCTION jangkau_next_version()",
            "DROP FUNCTION jangkau_refuse()",
        )
    else:
        for table in APPEND_ONLY:
            run(f"DROP TRIGGER {table}_no_update", f"DROP TRIGGER {table}_no_delete")
        run("DROP TRIGGER assets_next_version", "DROP TRIGGER assets_no_delete")


def make_layers(columns: tuple[str, ...]) -> None:
    """In PostGIS, a view per kind of asset with one type of geometry each, so that QGIS lists them as layers.

    Cameras are in a view of their own, so that the right to read it can be kept apart.
    """
    if not is_postgres():
        return
    for kind in _KINDS:
        shape = (
            "ST_Multi(geometry)::geometry(MultiLineString,4326)"
            if kind == "fiber_route"
            else "geometry::geometry(Point,4326)"
        )
        shown = f"{', '.join(columns)}, {shape} AS geometry"
        run(
            f"CREATE VIEW layer_{kind} AS SELECT {shown} FROM assets "  # noqa: S608
            f"WHERE kind = '{kind}' AND NOT struck_out"
        )


def drop_layers() -> None:
    """Undo :func:`make_layers`."""
    if is_postgres():
        for kind in _KINDS:
            run(f"DROP VIEW layer_{kind}")
