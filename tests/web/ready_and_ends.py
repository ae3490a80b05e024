"""A process of the app that says it serves, and ends at once."""

import socket
import sys

from coverage.web.server.serving import READY

if __name__ == "__main__":
    socket.socket(fileno=int(sys.argv[1])).send(READY)
