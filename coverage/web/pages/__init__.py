"""One file a page. Each has ``KEY``, ``URL`` and ``show(context)``; see :mod:`coverage.web.frame`."""
