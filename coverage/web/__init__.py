"""The screen: Streamlit pages over one run, and the server around them.

==================  ====================================================================================================
``server``          the app for Streamlit: settings, routes, the run started ahead
``security``        headers of every answer, Streamlit's page made ours
``mounts``          addresses beside Streamlit's: libraries of the map, layers, health
``settings``        what the environment sets: files to show, language, tiles
``runs``            the run, computed once in a process; results kept per run
``layers``          what the map draws, as GeoJSON fetched by address; who may see which assets
``map_view``        the map (the only module that knows folium)
``markup``          the only module that makes HTML; escapes all text
``facts``           what is said of a region, a village, an asset: plain text, ready for ``markup``
``tables``          tables with numbers as readers expect and states in their colours
``session``         what one visitor has chosen: language, village, rule
``frame``           what all pages share: header, language, waiting, marks
``pages/``          one file a page
``files/``          our own CSS, JavaScript and pictures
==================  ====================================================================================================

A page is a module in ``coverage/web/pages`` with ``KEY`` (its name in the locale under ``web.page``), ``URL`` (its
address) and ``show(context)``; it is put into the order of the work in :data:`coverage.web.frame.PAGES`.
"""
