"""XML read element by element: no document type, no entities, nothing fetched, one element at a time in memory."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.unpacked import unpacked

if TYPE_CHECKING:
    from lxml.etree import _Element

Path = tuple[str, ...]


def local_name(element: "_Element") -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def elements(file: FeedFile, root: str, paths: Collection[Path]) -> "Iterator[tuple[Path, _Element]]":
    """Every element at one of some paths, in file order, whole; it is emptied when the next is asked for.

    Args:
        root: local name that the outermost element must have.
        paths: local names from the outermost element down; a last name `*` is any. An element inside of one that is
            yielded is part of it. A path above others is yielded when it ends, without what was yielded of it.

    Errors: UnusableInput, with line where there is one, for what is no XML, has a document type or another root, or
        holds one element of more than 16 MiB.
    """
    from lxml import etree

    with unpacked(file) as stream:
        try:
            parsed = etree.iterparse(
                stream, events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True,
                dtd_validation=False, attribute_defaults=False, huge_tree=False, remove_comments=True, remove_pis=True,
            )  # fmt: skip
            for path, element in _matched(parsed, file, root, frozenset(paths)):
                stream.begin_record()
                yield path, element
        except etree.XMLSyntaxError as error:
            line = error.position[0] if error.position else 0
            where = f"line {line}: " if line else ""
            raise UnusableInput(f"{where}it is not whole XML ({error.msg})", file=file.name) from None


def _matched(parsed: Any, file: FeedFile, root: str, paths: frozenset[Path]) -> "Iterator[tuple[Path, _Element]]":
    trail: list[str] = []
    inside = 0  # length of the trail of the element that is being gathered, 0 for none
    above = {path[:n] for path in paths for n in range(1, len(path))}
    for kind, element in parsed:
        if kind == "start":
            if not trail:
                _refuse_document(element, file, root)
            trail.append("" if inside else local_name(element))
            if not inside and _fitting(trail, paths) and tuple(trail) not in above:
                inside = len(trail)
            continue
        path = None if inside and inside != len(trail) else _fitting(trail, paths)
        if path:
            yield path, element
        if not inside or inside == len(trail):
            inside = 0
            _forget(element)
        trail.pop()


def _fitting(trail: list[str], paths: frozenset[Path]) -> Path | None:
    """The element's own path where it is asked for, by name or by `*`."""
    own = tuple(trail)
    return own if own in paths or (*own[:-1], "*") in paths else None


def _refuse_document(outermost: "_Element", file: FeedFile, root: str) -> None:
    document = outermost.getroottree().docinfo
    if document.internalDTD is not None or document.doctype:
        raise UnusableInput("line 1: a document type (DOCTYPE) is not read", file=file.name)
    if local_name(outermost) != root:
        raise UnusableInput(
            f"line {outermost.sourceline}: the outermost element is {local_name(outermost)}, not {root}", file=file.name
        )


def _forget(element: "_Element") -> None:
    """Empties an element and drops those before it: a parser keeps the whole tree otherwise."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
