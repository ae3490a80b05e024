"""What users write is text: it never becomes a part of a statement, in either kind of database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from coverage.store import AssetFilter, Store
from tests.store.stores import EDITOR


def statement(store: Store, owner: str) -> list[str]:
    """The filter for owners as somebody in a hurry might write it."""
    with store.database.reading() as connection:
        return list(connection.execute(sa.text(f"SELECT asset_id FROM assets WHERE owner = '{owner}'")).scalars())


ALL_OF_THEM = "x' OR '1'='1"
HOSTILE = (ALL_OF_THEM, "'); DROP TABLE assets; --", 'x"; DELETE FROM journal; --', "%_\\", "{0}", ":owner", "?", "$$")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_user_never_becomes_a_part_of_a_statement(three: Store, text: str) -> None:
    """As an owner, a name, a note, a search and an account."""
    three.assets.change("wifi-1", 1, {"owner": text, "name": text, "operator": text, "note": text}, EDITOR, note=text)
    for asked in (AssetFilter(owners=(text,)), AssetFilter(text=text)):
        assert list(three.assets.table(asked, viewer=EDITOR)["asset_id"]) == ["wifi-1"]
    for asked in (AssetFilter(kinds=(text,)), AssetFilter(villages=(text,)), AssetFilter(asset_ids=(text,))):
        assert three.assets.table(asked, viewer=EDITOR).empty
    assert three.history.of("wifi-1", EDITOR)[-1].note == text
    assert three.history.of(text, EDITOR) == []
    assert three.accounts.signed_in(text) is None
    assert len(three.assets.table(viewer=EDITOR)) == 3


def test_pasted_into_a_statement_it_would_show_everything(three: Store) -> None:
    assert len(statement(three, ALL_OF_THEM)) == 3
