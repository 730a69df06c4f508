import logging
from dataclasses import dataclass

import numpy as np
import pytest

from mixedmodel.model import progress
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.progress import span, told
from mixedmodel.model.spectral import decompose
from small_tables import draw


@dataclass
class Clock:
    """A clock that goes on by ``pace`` seconds whenever it is looked at."""

    pace: float = 0.0
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.pace
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "clock", made)
    return made


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == progress.__name__]


@pytest.mark.parametrize("pace", [0.1, 1.0, 10.0])
def test_a_line_comes_every_few_seconds(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, pace: float
) -> None:
    times = [0.0]
    monkeypatch.setattr(progress, "say", lambda _: times.append(clock.now))
    clock.pace = pace
    assert list(told(range(200), "counting", 200, "numbers")) == list(range(200))
    between = np.diff(times)
    assert len(between) > 2
    assert between.min() >= progress.EVERY
    assert between.max() <= progress.EVERY + 3 * pace


def test_it_says_what_how_far_and_how_long_still(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    items = told(range(4000), "counting", 4000, "numbers")
    next(items)
    clock.pace = 50.0
    next(items)  # the clock is looked at twice: 100 s for one of 4000
    assert lines(caplog) == ["counting: 1 of 4,000 numbers, about 111 h 5 min left"]
    assert caplog.records[0].terminal  # type: ignore[attr-defined]


def test_quick_work_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Design.of(np.ones((3, 2000))).gram()
    assert lines(caplog) == []


@pytest.mark.parametrize(
    ("seconds_left", "expected"),
    [
        (0.2, "1 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3569, "59 min"),
        (3600, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_length_of_time_is_short_to_read(seconds_left: float, expected: str) -> None:
    assert span(seconds_left) == expected


def test_products_and_iterations_are_told(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock.pace = 6.0
    table = draw(1, 30, 2, 600)
    form = decompose(table.y, table.Z, Design.of(table.X))
    fit_em(form, "squarem", max_iter=500)
    found = lines(caplog)
    assert any(line.startswith("X X': 1 of 38 blocks, about") for line in found)
    assert any(line.startswith("iterations: ") and "of at most 500" in line for line in found)
