"""Jangkau on the screen: hands the app in coverage/web to Streamlit.

``jangkau serve`` starts the same; so do ``python app.py``, ``streamlit run app.py`` and ``uvicorn app:app``.
"""

import streamlit as st

from coverage.web.server.app import OPTIONS, app_settings, opening_path
from coverage.web.server.serving import listen, run, url_of

app = st.App(**app_settings())

if __name__ == "__main__":
    listening = listen()
    run(app, listening, OPTIONS, url_of(listening) + opening_path())
