"""A function fits on a screen, a file can be read in one sitting."""

import ast
from collections.abc import Iterator

from tests.conventions.tree import below, parsed, text
from tests.support import ROOT

FUNCTION_LINES = 40
FILE_LINES = 400
ALLOWED = ROOT / "tests" / "conventions" / "allowed_sizes.txt"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST, trail: str = "") -> Iterator[tuple[str, Function]]:
    """(qualified name, node) of every function, methods and nested ones included."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef):
            name = f"{trail}{node.name}"
            if isinstance(node, Function):
                yield name, node
            yield from functions(node, f"{name}.")
        else:
            yield from functions(node, trail)


def lines_of(node: Function) -> int:
    """Lines from `def` to the end, the docstring not counted."""
    first = node.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) is not None else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def allowed() -> dict[str, int]:
    """The allow-list: name -> lines."""
    entries = [line.split(maxsplit=2) for line in ALLOWED.read_text().splitlines() if line and not line.startswith("#")]
    assert all(len(entry) == 3 for entry in entries), "an entry is a name, a number of lines and a reason"
    return {name: int(lines) for name, lines, _reason in entries}


def too_long() -> dict[str, int]:
    """Every file and function above its limit: name -> lines."""
    found = {}
    for path in [*below(suffix=".py"), *below(suffix=".sql")]:
        found[str(path)] = (len(text(path).splitlines()), FILE_LINES)
    for path in below(suffix=".py"):
        for name, node in functions(parsed(path)):
            found[f"{path}::{name}"] = (lines_of(node), FUNCTION_LINES)
    return {name: lines for name, (lines, limit) in found.items() if lines > limit}


def test_no_function_or_file_is_longer_than_its_limit():
    permitted = allowed()
    assert [f"{name}: {n} lines" for name, n in too_long().items() if n > permitted.get(name, 0)] == []


def test_the_allow_list_of_long_things_has_no_stale_entry():
    assert sorted(set(allowed()) - set(too_long())) == []
