"""The screen: Streamlit pages over one run, and the server around them.

From the top down: ``server`` (the ASGI app), ``frame`` (what all pages share), one folder a page, then what pages
share. The layers are a contract in ``pyproject.toml``; ``files/`` holds our CSS, JavaScript and pictures.
"""
