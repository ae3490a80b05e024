"""Fixtures for all tests."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# A slow machine is no fault of the program: what is held to a time is measured by scripts/bench, not by tests.
hypothesis.settings.register_profile("jangkau", deadline=None, print_blob=True)
hypothesis.settings.load_profile("jangkau")

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real public data beside the checkout; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/data with real public data is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test touches the inventory of whoever runs it: the data folder is a fresh one, and no database is named."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JANGKAU_DATA_DIR", str(folder))
        patch.delenv("JANGKAU_DATABASE_URL", raising=False)
        yield folder
