"""A YAML file of settings: read as plain values, and what is wrong in it told by line, key and reason."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import YAMLError

from pipelines.errors import UnusableInput


@dataclass(frozen=True)
class ConfigFile:
    """A file that has been read; the tree knows the line of each key."""

    path: Path
    tree: Any

    @property
    def settings(self) -> Any:
        """What the file says, as plain values."""
        return _plain(self.tree)

    def refusal(self, error: ValidationError) -> UnusableInput:
        """The first problem as a sentence: line, key, reason."""
        return UnusableInput(_first_problem(error, self.tree), file=self.path)


def read_config(path: Path, absent: UnusableInput) -> ConfigFile:
    """Reads a file of keys.

    Args:
        absent: what to say where there is no such file.

    Errors: UnusableInput naming file, line and reason.
    """
    try:
        tree = _yaml().load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise absent from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"it cannot be read ({error})", file=path) from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise UnusableInput(f"{where}it is not YAML ({getattr(error, 'problem', error)})", file=path) from None
    if not isinstance(tree, dict):
        raise UnusableInput("line 1: it must hold keys such as facilities and feeds", file=path)
    return ConfigFile(path, tree)


class _Texts(RoundTripConstructor):
    """Leaves times as text: YAML's own reading of them drops the offset that we insist on."""


_Texts.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def _yaml() -> YAML:
    reader = YAML(typ="rt")
    reader.Constructor = _Texts
    return reader


def _plain(node: Any) -> Any:
    """Commented YAML nodes as plain Python values, so that nothing below knows of YAML."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_plain(v) for v in node]
    if isinstance(node, bool):
        return bool(node)
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return str(node) if isinstance(node, str) else node


def _first_problem(error: ValidationError, tree: Any) -> str:
    """The first problem as a sentence: line, key, reason."""
    problems = error.errors(include_url=False)
    # A misspelt key is also a missing one; the key that stands there is the one to name.
    problem = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    location = [part for part in problem["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
    line = _line_of(tree, location)
    key = ".".join(str(part) for part in location) or "the file"
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        text = "this key is not known"
    return f"line {line}: {key}: {text}"


def _line_of(tree: Any, location: list[Any]) -> int:
    """The line (from 1) of the deepest part of `location` that the file holds."""
    line, node = 1, tree
    for part in location:
        marks = getattr(node, "lc", None)
        try:
            if isinstance(node, dict) and part in node:
                line = marks.key(part)[0] + 1 if marks else line
                node = node[part]
            elif isinstance(node, list) and isinstance(part, int):
                line = marks.item(part)[0] + 1 if marks else line
                node = node[part]
            else:
                break
        except (KeyError, IndexError, TypeError):
            break
    return line
