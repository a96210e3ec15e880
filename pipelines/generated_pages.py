"""The generated pages of the documentation: written, or held against what would be written."""

from pathlib import Path

from pipelines.feed_pages import feed_pages
from pipelines.metric_pages import metric_pages

_FOLDERS = ("metrics", "feeds")


def _pages() -> dict[str, str]:
    """File name below docs/ -> text."""
    return {**metric_pages(), **feed_pages()}


def write_pages(out: Path) -> int:
    """Writes every generated page and removes those whose model or format is gone; returns how many there are."""
    pages = _pages()
    for folder in _FOLDERS:
        (out / folder).mkdir(parents=True, exist_ok=True)
    for name in _gone(out, pages):
        (out / name).unlink()
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8")
    return len(pages)


def stale_pages(out: Path) -> list[str]:
    """Pages that differ from what would be written, and pages whose model is gone."""
    pages = _pages()
    stale = [n for n, text in pages.items() if not (out / n).is_file() or (out / n).read_text(encoding="utf-8") != text]
    return sorted([*stale, *_gone(out, pages)])


def _gone(out: Path, pages: dict[str, str]) -> list[str]:
    """Pages in the generated folders that nothing makes any more."""
    found = [f"{folder}/{path.name}" for folder in _FOLDERS for path in (out / folder).glob("*.md")]
    return [name for name in found if name not in pages]
