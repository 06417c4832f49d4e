"""Virtual time: the order at one instant, and that time never runs backwards."""

import pytest

from sim.clock import Clock, Order


def test_one_instant_is_worked_off_in_the_documented_order_whatever_the_order_of_scheduling():
    acts = [(order, row) for order in Order for row in (0, 1, 7)]
    for turn in (1, 5, 8, 11, 20):
        clock, log = Clock(), []
        for index in range(len(acts)):  # every turn is coprime with 21 acts or reverses them
            order, row = acts[-1 - index] if turn == 20 else acts[(index * turn) % len(acts)]
            clock.at(5, order, row, lambda order=order, row=row, log=log: log.append((order, row)))
        clock.run_until(10)
        assert log == acts


def test_acts_of_equal_order_and_row_keep_their_order_of_scheduling():
    clock, log = Clock(), []
    for name in "abc":
        clock.at(5, Order.DELIVERY, 0, lambda name=name: log.append(name))
    clock.run_until(10)
    assert log == ["a", "b", "c"]


def test_nothing_can_be_scheduled_before_now():
    clock = Clock()
    clock.at(100, Order.WORLD, 0, lambda: None)
    clock.run_until(100)
    with pytest.raises(ValueError, match="lies before now"):
        clock.at(99, Order.WORLD, 0, lambda: None)


def test_time_is_an_exact_integer():
    clock, seen = Clock(), []
    for k in range(1, 1001):
        clock.at(k * 33_333_333, Order.WORLD, 0, lambda: seen.append(clock.now))
    clock.run_until(10**12)
    assert seen == [k * 33_333_333 for k in range(1, 1001)]
    assert all(type(instant) is int for instant in seen)


def test_stop_lets_nothing_further_happen():
    clock, log = Clock(), []
    clock.at(1, Order.WORLD, 0, clock.stop)
    clock.at(1, Order.COMMAND, 0, lambda: log.append("late"))
    clock.run_until(10)
    assert log == []


def test_the_last_thing_an_act_does_comes_at_once_or_in_its_place_of_the_instant():
    clock, log = Clock(), []
    finish = lambda: clock.last_at(Order.STAGE_START, 0, lambda: log.append("start"))  # noqa: E731
    clock.at(5, Order.STAGE_FINISH, 0, finish)
    clock.at(6, Order.STAGE_FINISH, 0, finish)
    clock.at(6, Order.STAGE_FINISH, 1, lambda: log.append("another finish"))
    clock.at(6, Order.WATCHDOG, 0, lambda: log.append("watchdog"))
    clock.run_until(5)
    assert log == ["start"]
    clock.run_until(10)
    assert log == ["start", "another finish", "start", "watchdog"]
    assert clock.scheduled == 6


def test_what_a_stopped_clock_is_told_last_does_not_happen():
    clock, log = Clock(), []

    def act():
        clock.stop()
        clock.last_at(Order.STAGE_START, 0, lambda: log.append("start"))

    clock.at(5, Order.WORLD, 0, act)
    clock.run_until(10)
    assert not log
