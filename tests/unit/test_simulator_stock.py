"""Stock arithmetic without a loop gives what a person gets who goes through the movements one by one."""

import numpy as np

from pipelines.simulator.stock import Flow, fifo, fulfil, joined, latest, level


def flow(*rows: tuple[int, int, int]) -> Flow:
    """A flow from (item, time, quantity) rows."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Flow(columns[:, 0], columns[:, 1], columns[:, 2])


def test_demand_gets_what_is_there_and_the_rest_is_lost():
    supply = flow((1, 10, 5), (1, 40, 3))
    demand = flow((1, 5, 2), (1, 20, 4), (1, 30, 4), (1, 50, 9))
    # before any supply: 0; of 5: 4; of 1: 1; of 3: 3
    assert fulfil(supply, demand).tolist() == [0, 4, 1, 3]


def test_supply_of_the_same_instant_comes_first():
    assert fulfil(flow((1, 10, 5)), flow((1, 10, 4))).tolist() == [4]


def test_items_do_not_share_stock_and_the_order_of_rows_does_not_matter():
    supply = flow((2, 0, 1), (1, 0, 10))
    demand = flow((2, 9, 1), (1, 8, 7), (2, 5, 1), (1, 4, 7))
    # item 1: 7 at time 4, then 3 are left; item 2: 1 at time 5, none at time 9
    assert fulfil(supply, demand).tolist() == [0, 3, 1, 7]


def test_fulfilment_agrees_with_going_through_the_movements_one_by_one():
    rng = np.random.default_rng(5)
    supply = flow(*zip(rng.integers(0, 4, 300), rng.permutation(1000)[:300] * 2, rng.integers(1, 9, 300), strict=True))
    demand = flow(
        *zip(rng.integers(0, 4, 500), rng.permutation(1000)[:500] * 2 + 1, rng.integers(1, 9, 500), strict=True)
    )
    stock = dict.fromkeys(range(4), 0)
    expected = np.zeros(500, dtype=np.int64)
    moves = [(int(t), i, -1) for i, t in enumerate(supply.time)] + [(int(t), -1, i) for i, t in enumerate(demand.time)]
    for _time, came, wanted in sorted(moves):
        if came >= 0:
            stock[int(supply.item[came])] += int(supply.quantity[came])
        else:
            item = int(demand.item[wanted])
            expected[wanted] = min(stock[item], int(demand.quantity[wanted]))
            stock[item] -= int(expected[wanted])
    assert fulfil(supply, demand).tolist() == expected.tolist()


def test_the_oldest_supply_is_taken_first():
    supply = flow((1, 0, 5), (2, 0, 4), (1, 10, 5))
    taken = flow((1, 20, 4), (1, 30, 4), (1, 40, 2), (2, 5, 4))
    # item 1: units 0-3 from supply 0; units 4-7 begin in supply 0; units 8-9 from supply 2
    assert fifo(supply, taken).tolist() == [0, 0, 2, 1]


def test_the_level_includes_a_change_of_the_same_instant_and_only_the_own_item():
    changes = joined([flow((1, 10, 5), (2, 11, 100)), flow((1, 20, -2))])
    item, time = np.array([1, 1, 1, 2, 3]), np.array([9, 10, 20, 11, 99])
    assert level(changes, item, time).tolist() == [0, 5, 3, 100, 0]


def test_the_newest_supply_of_an_item_is_found_or_none():
    supply = flow((1, 10, 5), (1, 30, 5), (2, 5, 1))
    item, time = np.array([1, 1, 1, 2, 2]), np.array([9, 10, 99, 4, 5])
    assert latest(supply, item, time).tolist() == [-1, 0, 1, -1, 2]
