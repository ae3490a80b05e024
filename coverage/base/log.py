"""The log: one line an event, in which no secret and no personal data stand.

Every module logs to ``logging.getLogger(__name__)``; here it is decided where lines go, and what is left out of them.
Left out by construction, not by finding it:

- what an exception says, which may repeat what somebody typed: a traceback holds its types, our error codes, and where;
- what other libraries fill into their messages, numbers excepted;
- in what is left, whatever looks like a password, a token or an e-mail address.

So what our own messages name are counts, seconds, ids and kinds, never what a list or a form holds.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from coverage.base.errors import FileRefusedError, JangkauError, ParameterError, Place

LEVELS = ("debug", "info", "warning", "error")
LEVEL, FILE = "JANGKAU_LOG_LEVEL", "JANGKAU_LOG_FILE"
"""Settings of the environment; without them warnings go to standard error."""
LARGEST, OLDER_FILES = 5_000_000, 3
"""Bytes of a log file, and how many before it are kept."""
OURS = "coverage"

_MASKED = (
    (re.compile(r"://[^\s/@]*:[^\s]*@"), "://***@"),
    (re.compile(r"[\w.+\-]+@[\w\-]+(\.[\w\-]+)+"), "***"),
    (
        re.compile(
            r"(?i)\b([\w\-]*(?:password|sandi|passwd|secret|token|ticket|tiket|cookie|authorization|nonce|code_verifier))"
            r"(\W{1,3})\S+"
        ),
        r"\1\2***",
    ),
    (re.compile(r"(?=[\w\-]*\d)(?=[\w\-]*[A-Za-z])[A-Za-z0-9_\-]{32,}"), "***"),
)


def masked(text: str) -> str:
    """The text without what looks like a password, a token or an e-mail address."""
    for pattern, instead in _MASKED:
        text = pattern.sub(instead, text)
    return text


class StandardError(logging.Handler):
    """Writes to standard error, whatever that is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one event."""
        sys.stderr.write(f"{self.format(record)}\n")


class OneLine(logging.Formatter):
    """Formats an event as one line: time, level, logger, message, and where an exception came from."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        when = dt.datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
        text = record.getMessage() if record.name.split(".")[0] == OURS else _without_words(record)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            text = f"{text} [{traced(error)}]"
        line = f"{when} {record.levelname} {record.name} {masked(text)}"
        return line.replace("\r", "\\r").replace("\n", "\\n")


def traced(error: BaseException) -> str:
    """Types of an exception and of its causes, with where each was raised, outermost call first."""
    parts = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        kind = type(cause).__name__ + (f"({cause.code})" if isinstance(cause, JangkauError) else "")
        frames = [
            f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
            for frame, line in traceback.walk_tb(cause.__traceback__)
        ]
        parts.append(" ".join([kind, "at", " > ".join(frames)]) if frames else kind)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "; from ".join(parts)


def _without_words(record: logging.LogRecord) -> str:
    """The message of another library without the words it fills in."""
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if isinstance(record.args, Mapping):
        kept: Any = {name: _number(value) for name, value in record.args.items()}
    else:
        kept = tuple(_number(value) for value in record.args or ())
    try:
        return record.msg % kept if kept else record.msg
    except (TypeError, ValueError):  # a placeholder that takes numbers only
        return record.msg


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) else "…"


def configure(level: str | None = None, file: str | Path | None = None) -> None:
    """Send the log where it is wanted, once for the whole process; called again, it changes that.

    Parameters
    ----------
    level : one of :data:`LEVELS`; if left out, that of the environment, else ``warning``
    file
        A file to write to; if left out, that of the environment, else standard error. What is given here is put into
        the environment too, for the processes that this one starts.

    Raises
    ------
    ParameterError
        If there is no such level.
    FileRefusedError
        If the file cannot be written.
    """
    if level is not None:
        os.environ[LEVEL] = level
    if file is not None:
        os.environ[FILE] = str(Path(file).absolute())
    level, file = (os.environ.get(LEVEL) or "warning").lower(), os.environ.get(FILE)
    if level not in LEVELS:
        raise ParameterError("log.level", Place(value=level), levels=list(LEVELS))
    handler: logging.Handler = StandardError()
    if file:
        try:
            handler = RotatingFileHandler(file, maxBytes=LARGEST, backupCount=OLDER_FILES, encoding="utf-8")
        except OSError as error:
            raise FileRefusedError("log.unwritable", Place(file=str(file))) from error
    handler.setFormatter(OneLine())
    handler.setLevel(level.upper())  # some libraries set a level of their own
    handler.name = OURS
    root = logging.getLogger()
    for before in [old for old in root.handlers if old.name == OURS]:
        root.removeHandler(before)
        before.close()
    root.addHandler(handler)
    root.setLevel(max(logging.INFO, getattr(logging, level.upper())))  # other libraries tell too much when debugging
    logging.getLogger(OURS).setLevel(level.upper())
    threading.excepthook = _thread_failed


def through_ours(name: str) -> None:
    """Let what a library logs under a name, or below it, go through our handler instead of its own."""
    for known in [name, *(other for other in logging.root.manager.loggerDict if other.startswith(f"{name}."))]:
        logger = logging.getLogger(known)
        logger.handlers.clear()
        logger.propagate = True


def background_failure(logger: logging.Logger, work: str, error: BaseException) -> None:
    """Log that work in the background failed: an input refused as a warning, anything else as an error."""
    level = logging.WARNING if isinstance(error, JangkauError) else logging.ERROR
    logger.log(level, "%s failed", work, exc_info=error)


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
        thread = failed.thread.name if failed.thread else "?"
        background_failure(logging.getLogger(__name__), f"thread {thread}", failed.exc_value)
