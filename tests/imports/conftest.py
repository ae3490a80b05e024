"""Every test of an import that asks for ``store`` runs on SQLite and on a real PostGIS."""

from tests.store.stores import (  # noqa: F401
    clock,
    postgis_template,
    postgis_url,
    sqlite_template,
    sqlite_url,
    store,
    url,
)
