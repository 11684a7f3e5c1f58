"""The clock that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gatepass.sandbox.memory.clock import Clock


class Wall:
    """A machine's clock that passes only while somebody pauses."""

    def __init__(self) -> None:
        self.seconds = 1_000_000_000.25

    def time(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds

    def clock(self) -> Clock:
        return Clock(self.time, self.pause)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("by", [timedelta(seconds=-1), timedelta(days=40_000)])
def test_it_goes_forward_only_and_not_for_ever(by: timedelta) -> None:
    clock = Wall().clock()

    with pytest.raises(ValueError, match="forward"):
        clock.advance(by)


def test_until_it_is_moved_it_shows_the_machines_time() -> None:
    assert Wall().clock().now() == at(1_000_000_000.25)


def test_it_moves_at_a_whole_second_of_the_machines_clock() -> None:
    """What was signed before shows an earlier second than what is signed after."""
    wall = Wall()
    clock = wall.clock()

    shown = clock.advance(timedelta(hours=2))

    assert wall.seconds == 1_000_000_001
    assert shown == at(1_000_000_001) + timedelta(hours=2)
    assert clock.at_wall_time(1_000_000_000) == at(1_000_000_000)
    assert clock.at_wall_time(1_000_000_001) == shown


def test_without_settling_the_second_of_an_advance_has_two_ends() -> None:
    wall = Wall()
    clock = wall.clock()

    shown = clock.advance(timedelta(hours=2), settle=False)

    assert wall.seconds == 1_000_000_000.25
    assert shown == at(1_000_000_000.25) + timedelta(hours=2)
    assert clock.signed_at(1_000_000_000, at_latest=False) == at(1_000_000_000)
    assert clock.signed_at(1_000_000_000, at_latest=True) > shown
    assert clock.signed_at(1_000_000_001, at_latest=False) == at(1_000_000_001) + timedelta(hours=2)


def test_every_advance_is_remembered() -> None:
    wall = Wall()
    clock = wall.clock()
    clock.advance(timedelta(seconds=10))
    wall.pause(100)
    clock.advance(timedelta(seconds=5))

    assert clock.at_wall_time(1_000_000_000) == at(1_000_000_000)
    assert clock.at_wall_time(1_000_000_050) == at(1_000_000_060)
    assert clock.now() == at(wall.seconds + 15)


def test_the_history_can_be_kept_and_restored() -> None:
    wall = Wall()
    clock, other = wall.clock(), wall.clock()
    clock.advance(timedelta(hours=1))

    other.restore(clock.history())

    assert other.now() == clock.now()
    other.restore([])
    assert other.now() == at(wall.seconds)
