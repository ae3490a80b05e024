"""What came of an action is seen, however long the page takes to be there, and then goes."""

import pytest
from streamlit.testing.v1 import AppTest

from coverage.web import messages


def page() -> None:
    from coverage.web import messages

    messages.show("here")


def test_a_message_stands_from_when_it_is_seen_and_not_from_when_it_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(messages.time, "monotonic", lambda: now[0])
    app = AppTest.from_function(page)
    app.session_state["told_here"] = (True, "selesai *semua*", None)
    now[0] += 600  # a run that the page waits for
    assert "selesai" in app.run().success[0].value
    now[0] += messages.STAYS_S - 1
    assert app.run().success
    now[0] += 2
    assert not app.run().success
    assert not app.run().success
