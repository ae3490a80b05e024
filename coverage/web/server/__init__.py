"""The ASGI server: routes, headers, upload limits, serving."""
