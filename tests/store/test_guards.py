"""The database itself refuses what would make the history lie, whoever asks."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from coverage.store import Store, open_store
from coverage.store.engine import WRITE
from coverage.store.guards import drop_guards
from tests.store.stores import EDITOR, asked_at, make_assets


def run(store: Store, *statements: str) -> None:
    with store.database.engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)


LIES = {
    "change a line of history": "UPDATE asset_history SET who = 'orang lain'",
    "delete a line of history": "DELETE FROM asset_history WHERE asset_id = 'wifi-1'",
    "change the journal": "UPDATE journal SET at = '2020'",
    "delete from the journal": "DELETE FROM journal",
    "change a state of a proposal": "UPDATE proposals SET after = '{}'",
    "delete a state of a proposal": "DELETE FROM proposals",
    "delete an asset": "DELETE FROM assets",
    "change an asset without a new version": "UPDATE assets SET name = 'diam-diam' WHERE asset_id = 'wifi-1'",
    "a version without its line": "UPDATE assets SET name = 'x', version = version + 1 WHERE asset_id = 'wifi-1'",
}


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_lie_is_refused(three: Store, lie: str) -> None:
    three.proposals.add([asked_at("3505060010")], EDITOR)
    with pytest.raises(exc.DBAPIError):
        run(three, LIES[lie])


@pytest.mark.parametrize("lie", [name for name in LIES if name != "a version without its line"], ids=str)
def test_without_the_guards_the_lie_would_stand(three: Store, lie: str) -> None:
    """The defence taken out: the triggers dropped (and lines without their assets allowed)."""
    with three.database.engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
        drop_guards(connection)
        if three.database.kind == "postgresql":
            connection.exec_driver_sql("ALTER TABLE assets DROP CONSTRAINT assets_line")
    if three.database.kind == "sqlite":
        with three.database.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            with connection.begin():
                connection.exec_driver_sql(LIES[lie])
    else:
        run(three, LIES[lie])


@pytest.mark.parametrize(
    "statement",
    [
        *(f"TRUNCATE {table} CASCADE" for table in ("asset_history", "journal", "assets")),
        "UPDATE layer_wifi SET name = 'dari QGIS'",
    ],
)
def test_postgres_refuses_to_empty_a_table_and_to_change_one_through_a_layer(postgis_url: str, statement: str) -> None:
    store = open_store(postgis_url)
    store.assets.add(make_assets({}), EDITOR)
    with pytest.raises(exc.DBAPIError):
        run(store, statement)
    store.close()


def test_every_line_has_its_change_and_every_change_its_line(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"note": "x"}, EDITOR)
    with three.database.reading() as connection:
        lines = connection.execute(sa.text("SELECT count(*) FROM asset_history")).scalar()
        versions = connection.execute(sa.text("SELECT sum(version) FROM assets")).scalar()
        known = connection.execute(
            sa.text("SELECT count(*) FROM asset_history h JOIN journal j ON j.change_id = h.change_id AND j.at = h.at")
        ).scalar()
    assert lines == versions == known == 4
