"""One file a step: tables and columns alone, and nothing imported that may change; never edited once published.

Triggers and layers are made anew after the steps (:mod:`coverage.store.guards`, :mod:`coverage.store.layers`).
"""
