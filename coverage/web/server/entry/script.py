"""Script that Streamlit runs per visitor and change; see :mod:`coverage.web.frame`."""

from coverage.web.frame import show

show()
