"""The contracts of the canonical tables, one file a table, found by name."""

from importlib import import_module
from pkgutil import iter_modules

from transforms.contracts.base import Contract

_NOT_CONTRACTS = {"base", "reading", "sqlgen", "tablegen"}


def _load() -> dict[str, Contract]:
    names = [m.name for m in iter_modules(__path__) if m.name not in _NOT_CONTRACTS]
    return {name: import_module(f"{__name__}.{name}").CONTRACT for name in sorted(names)}


CONTRACTS: dict[str, Contract] = _load()
FEED_TABLES: tuple[str, ...] = tuple(name for name, c in CONTRACTS.items() if c.clock is not None)
