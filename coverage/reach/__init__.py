"""Where each service can be used: one module a model, all behind one interface.

A model takes the land, the assets and how far each one reaches, and returns a table REACH: indexed like
CELLS, one column per service and ``connection`` (the union of those that give or prove a connection), each
the share from 0 to 1 of the piece that operational assets reach.
"""

from coverage.base.schema import CONNECTION, SERVICES

CONNECTING = ("cellular", "public_wifi", "backhaul")
"""The services whose union is the service ``connection``."""

MEMBERS: dict[str, tuple[str, ...]] = {service: (service,) for service in SERVICES} | {CONNECTION: CONNECTING}
"""For each column of REACH, the services whose reach counts there."""
