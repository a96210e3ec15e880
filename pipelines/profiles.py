"""Profiles: how the exports of known systems are mapped, shipped as data in `data/profiles/`."""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from data import DATA

PROFILES = DATA / "profiles"
# What a profile says for people; all else are keys of a feed.
WORDS = ("title", "layout", "notes")
_MAPS = ("columns", "values", "event_types", "statuses", "formats", "rename", "dst")
ADAPTER = "mapped_csv"


@cache
def profile_names() -> tuple[str, ...]:
    """The names of all profiles."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.yaml")))


@cache
def _read(path: Path) -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


def profile_words(name: str) -> dict[str, Any]:
    """Title, layout and notes of a profile."""
    return {key: value for key, value in _read(PROFILES / f"{name}.yaml").items() if key in WORDS}


def profile_settings(name: str) -> dict[str, Any]:
    """What a profile says in place of a feed."""
    stated = {key: value for key, value in _read(PROFILES / f"{name}.yaml").items() if key not in WORDS}
    return {"adapter": ADAPTER, **stated}


def with_profile(given: dict[str, Any]) -> dict[str, Any]:
    """A feed's keys with those of its profile below them: what the feed states wins, maps key by key.

    A map's entry that the feed states as nothing is left out. What the feed says of a canonical column, be it a
    source or a constant, stands in place of all that the profile says of it.
    """
    settings = profile_settings(given["profile"])
    own = {key: _map(given, key) for key in _MAPS}
    said = {*own["columns"], *own["values"]}
    for key in ("columns", "values"):
        settings[key] = _without(_map(settings, key), said)
    settings["rows"] = [_row_without(row, said) for row in settings.get("rows", [])]
    merged = {**settings, **given}
    for key in _MAPS:
        if key in settings or key in given:
            whole = {**_map(settings, key), **own[key]}
            is_map = isinstance(given.get(key, {}), dict)
            merged[key] = {name: value for name, value in whole.items() if value is not None} if is_map else given[key]
    return merged


def _map(settings: dict[str, Any], key: str) -> dict[str, Any]:
    found = settings.get(key)
    return found if isinstance(found, dict) else {}


def _without(stated: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in stated.items() if name not in names}


def _row_without(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {**row, **{key: _without(_map(row, key), names) for key in ("columns", "values") if key in row}}
