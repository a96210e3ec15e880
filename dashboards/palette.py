"""The colours, read from the theme that Streamlit reads, so that charts and pages agree."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).parent / ".streamlit" / "config.toml"
_THEME: dict[str, Any] = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]

TEXT: str = _THEME["textColor"]
MUTED: str = _THEME["grayTextColor"]
LINE: str = _THEME["borderColor"]
PAPER: str = _THEME["backgroundColor"]
PRIMARY: str = _THEME["primaryColor"]
GOOD: str = _THEME["greenColor"]
BAD: str = _THEME["redColor"]
CATEGORICAL: tuple[str, ...] = tuple(_THEME["chartCategoricalColors"])
SEQUENTIAL: tuple[str, ...] = tuple(_THEME["chartSequentialColors"])


def assign(values: Iterable[str]) -> dict[str, str]:
    """A colour for each value, the same one wherever the same list is given; more values than colours repeat them."""
    return {value: CATEGORICAL[i % len(CATEGORICAL)] for i, value in enumerate(values)}


def scale(count: int = len(SEQUENTIAL)) -> list[list[float | str]]:
    """The lightest `count` sequential colours as a plotly colour scale, light to dark."""
    return [[i / (count - 1), colour] for i, colour in enumerate(SEQUENTIAL[:count])]


def steps(count: int) -> list[str]:
    """`count` colours of the sequential scale, light to dark, the palest left out so that each is seen on white."""
    usable = SEQUENTIAL[3:]
    if count <= 1:
        return [usable[-3]]
    return [usable[round(i * (len(usable) - 1) / (count - 1))] for i in range(count)]
