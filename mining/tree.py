"""The only module that imports scikit-learn, on first use: a shallow decision tree over counted cells."""

import math
from typing import Any, NamedTuple

import numpy as np
import polars as pl

DEPTH = 3
# A question is worth asking where it tells more than chance would in one of a thousand (likelihood ratio, 1 degree).
_WORTH = 10.828
# Attributes in which values follow each other; questions about them ask for a range.
ORDERED = ("weekday", "hour")


class Leaf(NamedTuple):
    """A leaf: the answers that lead to it, its units and those of them with the outcome.

    An answer is (attribute, value, is_so). Of ordered attributes the value is the last one for which it is so.
    """

    path: tuple[tuple[str, str | int, bool], ...]
    units: int
    hits: int


def leaves(cells: pl.DataFrame, minimum_units: int) -> list[Leaf]:
    """The leaves of a tree of at most DEPTH questions, each of at least so many units.

    Args:
        cells: a column for each attribute, units_count and outcome_count; NULL is no value and fits no question but
            those that are answered with no. The order of rows and columns decides between equal questions.
        minimum_units: of each leaf.
    """
    cells = cells.filter(pl.col("units_count") > 0)
    questions = list(_questions(cells, minimum_units))
    units, hits = (cells[name].to_numpy() for name in ("units_count", "outcome_count"))
    whole = int(units.sum())
    if not questions or whole < 2 * minimum_units:
        return [Leaf((), whole, int(hits.sum()))]
    asked = np.column_stack([answers for _, _, answers in questions]).astype(np.float32)
    tree = _grown(asked, units, hits, minimum_units)
    reached = tree.apply(asked)
    return [
        Leaf(path, int(units[reached == node].sum()), int(hits[reached == node].sum()))
        for node, path in _paths(tree, [(attribute, value) for attribute, value, _ in questions])
    ]


def _questions(cells: pl.DataFrame, minimum_units: int) -> Any:
    """(attribute, value, answers by cell): is it this value, of those with enough units; of ordered ones the value."""
    for attribute in cells.columns[:-2]:
        if attribute in ORDERED:
            yield attribute, None, cells[attribute].to_numpy()
            continue
        enough = cells.drop_nulls(attribute).group_by(attribute).agg(pl.col("units_count").sum())
        for value in enough.filter(pl.col("units_count") >= minimum_units)[attribute].sort():
            yield attribute, value, cells[attribute].eq_missing(pl.Series([value])).to_numpy()


def _grown(asked: Any, units: Any, hits: Any, minimum_units: int) -> Any:
    """scikit-learn's tree, in which a cell weighs as much as it has units."""
    from sklearn.tree import DecisionTreeClassifier

    whole = units.sum()
    model = DecisionTreeClassifier(
        criterion="entropy",
        max_depth=DEPTH,
        # Half a unit below, since weights are added up as floats.
        min_weight_fraction_leaf=(minimum_units - 0.5) / whole,
        min_impurity_decrease=_WORTH / (2 * math.log(2) * whole),
        random_state=0,
    )
    classes = np.repeat([1, 0], len(units))
    model.fit(np.vstack([asked, asked]), classes, sample_weight=np.concatenate([hits, units - hits]))
    return model


def _paths(model: Any, questions: list[tuple[str, str | None]]) -> Any:
    """Every leaf's number with the answers that lead to it, from left to right."""
    tree = model.tree_
    stack: list[tuple[int, tuple[tuple[str, str | int, bool], ...]]] = [(0, ())]
    while stack:
        node, path = stack.pop()
        if tree.children_left[node] < 0:
            yield node, path
            continue
        attribute, value = questions[tree.feature[node]]
        # Left is at most the threshold: of a range that is so, of a yes (1) or no (0) it is no.
        is_range = value is None
        answer = math.floor(tree.threshold[node]) if value is None else value
        stack.append((tree.children_right[node], (*path, (attribute, answer, not is_range))))
        stack.append((tree.children_left[node], (*path, (attribute, answer, is_range))))
