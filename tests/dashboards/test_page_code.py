"""What the source of a page may not hold."""

import ast
from pathlib import Path

import pytest

from dashboards import frame, pages

PAGES = Path(pages.__path__[0])


def page_trees() -> list[tuple[str, ast.Module]]:
    return [(name, ast.parse((PAGES / f"{name}.py").read_text())) for name in frame.found_pages()]


@pytest.mark.parametrize(("name", "tree"), page_trees())
def test_a_page_holds_no_arithmetic(name, tree):
    """Display units live in charts/format.py, everything else in the published tables."""
    reductions = {
        "sum",
        "mean",
        "median",
        "quantile",
        "min",
        "max",
        "std",
        "var",
        "round",
        "abs",
        "cum_sum",
        "group_by",
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            assert isinstance(node.op, ast.BitOr), f"{name}.py line {node.lineno} calculates"
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in reductions, f"{name}.py line {node.lineno} calls {called}"


@pytest.mark.parametrize(("name", "tree"), page_trees())
def test_a_page_holds_no_sql(name, tree):
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if text.lstrip().lower().startswith(("select ", "with "))], name
