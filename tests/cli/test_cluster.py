"""Regencies sent to workers: one on which a worker dies comes last, by itself, three times in all."""

from __future__ import annotations

from typing import Any

import pytest

from coverage.base.errors import UnavailableError
from coverage.cli.cluster import _send_all
from coverage.places.regencies import Regency
from coverage.run.nation import RegencyTask
from coverage.run.sources import Sources


class DyingCrew:
    """Two workers, one of which dies of some regencies as often as is told."""

    threads, memory = 2, float("inf")

    def __init__(self, deaths: dict[str, int]) -> None:
        self.deaths, self.under_way, self.sent = deaths, list[str](), list[tuple[str, ...]]()

    def send(self, task: RegencyTask) -> str:
        self.under_way.append(task.regency.kemendagri)
        self.sent.append(tuple(self.under_way))
        return task.regency.kemendagri

    def ended(self, futures: list[str]) -> list[str]:
        self.under_way.remove(futures[0])
        return futures[:1]

    def result(self, future: str) -> bytes | Exception:
        self.deaths[future] = self.deaths.get(future, 0) - 1
        return MemoryError() if self.deaths[future] >= 0 else future.encode()


def sent(deaths: dict[str, int]) -> tuple[DyingCrew, list[str], Exception | None]:
    """What the crew was sent, what is finished, and what ended it."""
    codes = [f"35.{k:02d}" for k in range(1, 9)]
    regencies = [Regency(code, None, f"Kabupaten {code}", "Jawa Timur", 1) for code in codes]
    tasks = [RegencyTask(one, Sources(), None, None, None, (), "id") for one in regencies]
    crew: Any = DyingCrew(deaths)
    finished: list[str] = []
    try:
        _send_all(tasks[0], iter(tasks[1:]), {}, crew, lambda task, made: finished.append(made.decode()))
    except UnavailableError as error:
        return crew, finished, error
    return crew, finished, None


def test_a_regency_that_workers_die_of_comes_last_and_by_itself_and_ends_the_command_after_three() -> None:
    crew, finished, error = sent({"35.02": 3})
    assert isinstance(error, UnavailableError)
    assert error.code == "nation.worker_died"
    assert sorted(finished) == [f"35.{k:02d}" for k in range(1, 9) if k != 2]
    assert crew.sent[-2:] == [("35.02",), ("35.02",)]
    assert sum(one[-1] == "35.02" for one in crew.sent) == 3


@pytest.mark.parametrize("deaths", [1, 2])
def test_one_that_fits_when_it_is_alone_is_kept(deaths: int) -> None:
    crew, finished, error = sent({"35.02": deaths, "35.05": 1})
    assert error is None
    assert sorted(finished) == [f"35.{k:02d}" for k in range(1, 9)]
    assert {crew.sent[-1], crew.sent[-2]} == {("35.02",), ("35.05",)}
