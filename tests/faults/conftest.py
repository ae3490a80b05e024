"""The stores that the tests of this folder run on."""

from tests.store.stores import (  # noqa: F401
    clock,
    postgis_template,
    postgis_url,
    sqlite_template,
    sqlite_url,
    store,
    three,
    url,
)
