"""What Streamlit runs for every visitor and every change; everything is in :mod:`coverage.web.frame`."""

from coverage.web.frame import show

show()
