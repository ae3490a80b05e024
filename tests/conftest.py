"""Fixtures for all tests."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

pytest_plugins = ["tests.store.stores"]

# A slow machine is no fault of the program: what is held to a time is measured by scripts/bench, not by tests.
_SLOW = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture]
hypothesis.settings.register_profile(
    "jangkau", max_examples=60, deadline=None, print_blob=True, suppress_health_check=_SLOW
)
hypothesis.settings.register_profile("thorough", hypothesis.settings.get_profile("jangkau"), max_examples=300)
hypothesis.settings.register_profile("fast", hypothesis.settings.get_profile("jangkau"), max_examples=8)
hypothesis.settings.load_profile("jangkau")

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected: that takes each worker seconds, and what is there stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the fast half leaves out by where it lies and what it asks for."""
    for item in items:
        if Path(__file__).parent / "faults" in item.path.parents:
            item.add_marker("alone")
        given = getattr(item, "callspec", None)
        asked = [*getattr(item, "fixturenames", ()), *(map(str, given.params.values()) if given else ())]
        if any(name.startswith("postgis") for name in asked):
            item.add_marker("postgis")
        if "browser" in asked:
            item.add_marker("browser")


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


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What a command sets in the environment for its own process does not reach the next test."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() | before.keys():
        if name == "PYTEST_CURRENT_TEST":
            continue
        if name not in before:
            del os.environ[name]
        elif os.environ.get(name) != before[name]:
            os.environ[name] = before[name]


def chromium_path() -> str | None:
    """Chromium, if possible the one without a frame of its own: drawing that costs 1.5 s of CPU a window."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium of the whole run, with every host but this computer blocked.

    Playwright keeps an event loop running in the main thread until the end: a second start would be refused there.
    """
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium on this machine: install chromium to try the screen in a real browser")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield started
        started.close()
