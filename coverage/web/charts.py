"""Charts in the colours and sizes of the pages."""

from __future__ import annotations

from typing import Any

INK: dict[str, Any] = {"labelColor": "#1B2733", "titleColor": "#1B2733", "labelFontSize": 12, "titleFontSize": 12}
"""Axis and legend options of every chart, for ``configure_axis`` and ``configure_legend``."""
