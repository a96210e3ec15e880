"""Random draws, vectorised; each part of a simulation has its own stream, so that parts do not disturb each other."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipelines.simulator.shapes import Delay, Even, Skewed

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


def stream(seed: int, *names: object) -> np.random.Generator:
    """The random stream of a seed and a name."""
    return np.random.default_rng([seed, crc32("/".join(map(str, names)).encode())])


def delays(spec: Delay, count: int, rng: np.random.Generator) -> Ints:
    """`count` durations in whole seconds."""
    drawn = spec.median_s * np.exp(spec.sigma * rng.standard_normal(count))
    return np.clip(np.rint(drawn), spec.minimum_s, spec.maximum_s).astype(np.int64)


def quantities(spec: Even | Skewed, count: int, rng: np.random.Generator) -> Ints:
    """`count` quantities in base units."""
    if isinstance(spec, Skewed):
        return spec.minimum - 1 + rng.geometric(1 / (spec.mean - spec.minimum + 1), count).astype(np.int64)
    return rng.integers(spec.minimum, spec.maximum + 1, count)


def happens(ratio: float, count: int, rng: np.random.Generator) -> Flags:
    """For each of `count` cases whether something with this probability happens."""
    return rng.random(count) < ratio


def document_lines(shares: Sequence[float], lines: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Splits `lines` consecutive lines into documents; `shares` are those with one, two, three ... lines.

    Returns:
        document number (from 0) and line number (from 1) of each line.
    """
    sizes = 1 + rng.choice(len(shares), size=lines, p=np.array(shares) / sum(shares)).astype(np.int64)
    document = np.repeat(np.arange(lines), sizes)[:lines]
    first = np.searchsorted(document, document, side="left")
    return document, np.arange(lines) - first + 1
