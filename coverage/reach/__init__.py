"""Reach of each service: one module a model, behind one interface.

A model takes land, assets and their reach, and returns a table REACH: indexed like CELLS, one column per service and
``connection`` (the union of those that give or prove a connection), the share of the piece (0 to 1) that operational
assets reach.
"""

from coverage.base.schema import CONNECTION, SERVICES

CONNECTING = ("cellular", "public_wifi", "backhaul")
"""Services whose union is ``connection``."""

MEMBERS: dict[str, tuple[str, ...]] = {service: (service,) for service in SERVICES} | {CONNECTION: CONNECTING}
"""Services that count for each column of REACH."""
