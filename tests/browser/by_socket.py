"""A visitor without a browser: says to the server over the web socket whatever somebody with ill will might say."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from coverage.web.tickets import COOKIE, named

STARTS: dict[str, str] = {}
"""The address that opens the browser, by the address of the server."""
TICKED = object()
"""The value of a box that is ticked."""


@dataclass
class Socket:
    """One visit: what was said to it last, and who it says it is."""

    connection: ClientConnection
    page: str
    cookies: str
    session: str = ""
    elements: list[Element] = field(default_factory=list)
    patience_s: float = 60

    def run(self, widgets: Mapping[str, Any] | None = None) -> None:
        """Let the page run with these values of its widgets, by their identifiers; True presses a button, once.

        A list is what is chosen of several.
        """
        message = BackMsg()
        message.rerun_script.page_name = self.page
        for name, value in (widgets or {}).items():
            state = message.rerun_script.widget_states.widgets.add()
            state.id = name
            if value is True:
                state.trigger_value = True
            elif value is TICKED:
                state.bool_value = True
            elif isinstance(value, FileUploaderState):
                state.file_uploader_state_value.CopyFrom(value)
            elif isinstance(value, list):
                state.string_array_value.data.extend(value)
            else:
                state.string_value = value if isinstance(value, str) else json.dumps(value)
        self.connection.send(message.SerializeToString())
        self._listen()

    def _listen(self) -> None:
        self.elements = []
        while True:
            message = ForwardMsg()
            message.ParseFromString(self.connection.recv(self.patience_s))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
                self.elements = []
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self.elements.append(message.delta.new_element)
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                return

    def give(self, server: str, name: str, content: bytes) -> FileUploaderState:
        """Hand a file in as a page does; returns what a field for files then holds."""
        message = BackMsg()
        message.file_urls_request.request_id = name
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        self.connection.send(message.SerializeToString())
        answer = ForwardMsg()
        while answer.WhichOneof("type") != "file_urls_response":
            answer.ParseFromString(self.connection.recv(60))  # type: ignore[arg-type]
        (urls,) = answer.file_urls_response.file_urls
        body = b"".join(
            (
                f'--batas\r\nContent-Disposition: form-data; name="x"; filename="{name}"\r\n\r\n'.encode(),
                content,
                b"\r\n--batas--\r\n",
            )
        )
        headers = {
            "Content-Type": "multipart/form-data; boundary=batas",
            "Cookie": self.cookies,
            "X-Xsrftoken": self.cookies.partition("=")[2].partition(";")[0],
        }
        asked = urllib.request.Request(server + urls.upload_url, body, headers, method="PUT")
        with urllib.request.urlopen(asked, timeout=120):
            state = FileUploaderState()
        state.uploaded_file_info.add(name=name, size=len(content), file_id=urls.file_id, file_urls=urls)
        return state

    def uploader(self) -> str:
        """The identifier of the field for files."""
        return next(one.file_uploader.id for one in self.elements if one.WhichOneof("type") == "file_uploader")

    def take(self, file: str) -> str:
        """Have a file made that is offered, and return its address."""
        shown = [one.download_button for one in self.elements if one.WhichOneof("type") == "download_button"]
        wanted = next(one.deferred_file_id for one in shown if one.id.endswith(f"_{file}"))
        message = BackMsg()
        message.backend_operation_request.request_id = file
        message.backend_operation_request.session_id = self.session
        message.backend_operation_request.deferred_file.file_id = wanted
        self.connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self.connection.recv(60))  # type: ignore[arg-type]
            if answer.WhichOneof("type") == "backend_operation_response":
                return answer.backend_operation_response.deferred_file.url

    def button(self, label: str) -> str | None:
        """The identifier of a button that was shown; None where there is none."""
        shown = [one.button for one in self.elements if one.WhichOneof("type") == "button"]
        return next((one.id for one in shown if one.label == label), None)

    def switch(self, option: str) -> dict[str, list[str]]:
        """A switch between views, by one of its options, and that option as its value."""
        shown = [one.button_group for one in self.elements if one.WhichOneof("type") == "button_group"]
        return next({one.id: [option]} for one in shown if option in {each.content for each in one.options})

    def table(self) -> str:
        """The identifier of the list."""
        return next(
            one.dataframe.id for one in self.elements if one.WhichOneof("type") == "dataframe" and one.dataframe.id
        )

    def said(self) -> str:
        """Everything that was shown, as text."""
        return "\n".join(str(one) for one in self.elements)


def cookie_for(url: str, value: str) -> str:
    """The cookie of a session of ours, as a browser sends it to a server."""
    return f"{named(COOKIE, {'host': urlsplit(url).netloc})}={value}"


@contextmanager
def visiting(
    url: str, token: str | None = None, page: str = "inventaris", origin: str | None = None, process: str = ""
) -> Iterator[Socket]:
    """Open a page as a browser would, with the cookies of a session and of a process of ours or without."""
    if not process:  # the page says which of several processes keeps the visitor
        with suppress(HTTPError), urllib.request.urlopen(f"{url}/", timeout=60) as answer:
            process = answer.headers.get("set-cookie", "").split(";")[0]
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=60) as answer:
        given = answer.headers.get("set-cookie", "").split(";")[0]
    cookies = "; ".join(part for part in (given, cookie_for(url, token) if token else "", process) if part)
    with connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        additional_headers={"Cookie": cookies},
        origin=origin or url,
        subprotocols=["streamlit", given.partition("=")[2] or "-"],  # type: ignore[list-item,arg-type]
        max_size=None,
        open_timeout=30,
        proxy=None,
    ) as connection:
        yield Socket(connection, page, cookies)
