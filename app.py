"""Jangkau on the screen: hands the app in coverage/web to Streamlit.

``jangkau serve`` starts the same; so do ``python app.py``, ``streamlit run app.py`` and ``uvicorn app:app``.
"""

import streamlit as st

from coverage.web.server.app import OPTIONS, app_settings
from coverage.web.server.serving import listen, run

app = st.App(**app_settings())

if __name__ == "__main__":
    run(app, listen(), OPTIONS, open_browser=True)
