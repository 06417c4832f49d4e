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
