"""EPCIS 1.2 and 2.0 XML taken apart: events as JSON text of the shape that EPCIS 2.0 gives them.

The parser calls for every tag and keeps no tree, so that memory is that of one event. What is not read is passed over.
The wrappers in which 1.2 put later additions (`extension`, `baseExtension`) say nothing themselves. A document type
declaration is refused as soon as it begins: no entity is ever declared, none is expanded, nothing is fetched.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.epcis_rows import NAMESPACE

_DOCUMENTS = {
    *(f"{{urn:epcglobal:epcis:xsd:{version}}}EPCISDocument" for version in (1, 2)),
    *(f"{{urn:epcglobal:epcis-query:xsd:{version}}}EPCISQueryDocument" for version in (1, 2)),
}
_OWN = {"", *(name[1:].split("}")[0] for name in _DOCUMENTS)}
_AROUND_LIST = {"EPCISBody", "QueryResults", "resultsBody"}
_WRAPPERS = {"extension", "baseExtension"}

_BLOCK_BYTES = 1 << 16
_DEEPEST = 256
_LONGEST_TEXT_CHARS = 1 << 20
_LARGEST_EVENT_CHARS = 1 << 24  # of what is read of it: about 300,000 EPCs

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class _NotEpcis(Exception):
    """What a file is refused for."""


@dataclass(frozen=True)
class _Element:
    """What becomes of an element.

    Attributes:
        parts: the elements that are read within it, by name.
        kind: what it makes in JSON: `text`, `object`, `list`, or `typed`, an object of attribute `type` and text.
    """

    kind: str = "text"
    parts: "dict[str, _Element]" = field(default_factory=dict)


def _list_of(name: str, element: _Element) -> _Element:
    return _Element("list", {name: element})


_TEXT, _TYPED = _Element(), _Element("typed")
_QUANTITY = dict.fromkeys(("epcClass", "quantity", "uom"), _TEXT)
_QUANTITIES = _list_of("quantityElement", _Element("object", _QUANTITY))
_EXTENSIONS = (
    "actor_id", "shift", "sequence_no", "supplier_id", "from_status", "to_status", "location_id", "lot_id",
    "document_id", "document_line", "partner_facility_id", "quantity", "uom",
)  # fmt: skip
_EVENT = _Element(
    "object",
    {
        **dict.fromkeys(("eventID", "eventTime", "recordTime", "bizStep", "disposition"), _TEXT),
        **{f"dockledger:{name}": _TEXT for name in _EXTENSIONS},
        "readPoint": _Element("object", {"id": _TEXT}),
        "bizLocation": _Element("object", {"id": _TEXT}),
        "errorDeclaration": _Element("object", {"declarationTime": _TEXT}),
        "bizTransactionList": _list_of("bizTransaction", _TYPED),
        "sourceList": _list_of("source", _TYPED),
        "destinationList": _list_of("destination", _TYPED),
        "quantityList": _QUANTITIES,
        "childQuantityList": _QUANTITIES,
        "epcList": _list_of("epc", _TEXT),
        "childEPCs": _list_of("epc", _TEXT),
    },
)
# The event of 1.2 that 2.0 no longer has: one class and its quantity.
_QUANTITY_EVENT = _Element("object", _EVENT.parts | dict.fromkeys(("epcClass", "quantity"), _TEXT))


def events(file: FeedFile) -> Iterator[str]:
    """The events of a document in its order, each as JSON text; an empty file has none.

    Errors: UnusableInput for a file that is no whole EPCIS document, with file, line or event, and reason.
    """
    from lxml.etree import XMLParser, XMLSyntaxError

    reader = _Reader()
    parser = XMLParser(target=reader, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    line, is_empty = 1, True
    try:
        for block in _blocks(file, reader):
            parser.feed(block)
            line += block.count(b"\n")
            is_empty = is_empty and block.isspace()
            yield from reader.taken()
        if not is_empty:
            parser.close()
    except XMLSyntaxError as error:
        complaint = " ".join(str(error.msg).split()).replace(" , line", ", line")
        raise UnusableInput(f"it is not whole XML ({complaint})", file=file.name) from None
    except _NotEpcis as error:
        where = f"event {reader.count}" if reader.count else f"line {line}"
        raise UnusableInput(f"{where}: {error}", file=file.name) from None
    if not is_empty and not reader.has_list:
        reason = f"the {reader.root} holds no EventList, so there are no events to read"
        raise UnusableInput(reason, file=file.name)


def _blocks(file: FeedFile, reader: "_Reader") -> Iterator[bytes]:
    """The bytes of a file: by lines until its first event, so that a refusal names the line, then in large pieces."""
    with gzip.open(file.path, "rb") if file.path.suffix == ".gz" else file.path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES) if reader.count else stream.readline(_BLOCK_BYTES):
            yield block


class _Reader:
    """What the parser calls.

    Attributes:
        root: the name of the root element, once it has begun.
        has_list: whether an EventList was met.
        count: how many events have begun.
    """

    def __init__(self) -> None:
        self.root: str | None = None
        self.has_list = False
        self.count = 0
        self._names: dict[str, str] = {}
        self._done: list[str] = []
        self._depth = 0
        self._skipped = 0  # depth within what is not read
        self._wrapped = 0  # wrappers that are open
        self._around: list[str] = []  # elements that are open around the events
        self._open: list[tuple[str, _Element, Any]] = []  # an event and what of it is open: name, element, value
        self._texts: list[str] = []
        self._text_chars = self._event_chars = 0

    def taken(self) -> list[str]:
        """The events that were completed since it was asked last."""
        done, self._done = self._done, []
        return done

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise _NotEpcis("it declares a document type (DOCTYPE), which EPCIS has not and which could hold entities")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._text_chars = 0
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotEpcis(f"elements stand more than {_DEEPEST} deep in each other")
        if self._skipped:
            self._skipped += 1
            return
        name = self._names.get(tag) or self._name(tag)
        if self._open:
            self._start_within(name, attributes)
        elif self._around and self._around[-1] == "EventList":
            self._start_event(name, tag)
        else:
            self._start_around(name, tag)

    def _name(self, tag: str) -> str:
        """The name of an element that may be read; an extension's is `dockledger:...`, anybody else's is no name."""
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        name = local if space in _OWN else f"dockledger:{local}" if space == NAMESPACE else "?"
        self._names[tag] = name
        return name

    def _start_around(self, name: str, tag: str) -> None:
        if self.root is None:
            self.root = tag.rpartition("}")[2]
            if tag not in _DOCUMENTS:
                raise _NotEpcis(
                    f"its root is {tag[:100]}, so it is no EPCISDocument or EPCISQueryDocument of 1.2 or 2.0"
                )
        elif name == "EventList":
            self.has_list = True
        elif name not in _AROUND_LIST:
            self._skipped = 1
            return
        self._around.append(name)

    def _start_event(self, name: str, tag: str) -> None:
        if name in _WRAPPERS:
            self._wrapped += 1
            return
        self.count += 1
        self._event_chars = 0
        kind = tag.rpartition("}")[2]
        self._open.append((kind, _QUANTITY_EVENT if kind == "QuantityEvent" else _EVENT, {"type": kind}))

    def _start_within(self, name: str, attributes: dict[str, str]) -> None:
        element = self._open[-1][1].parts.get(name)
        if element is None:
            if len(self._open) == 1 and name in _WRAPPERS:
                self._wrapped += 1
            else:
                self._skipped = 1
            return
        value: Any = None
        if element.kind == "list":
            value = []
        elif element.kind == "object":
            value = {}
        elif element.kind == "typed":
            value = {"type": attributes.get("type")}
        self._open.append((name, element, value))
        self._texts.clear()

    def data(self, text: str) -> None:
        self._text_chars += len(text)
        if self._text_chars > _LONGEST_TEXT_CHARS:
            raise _NotEpcis(f"a text is longer than {_LONGEST_TEXT_CHARS} characters")
        if self._open and not self._skipped:
            self._texts.append(text)

    def end(self, tag: str) -> None:
        self._text_chars = 0
        self._depth -= 1
        if self._skipped:
            self._skipped -= 1
        elif not self._open:
            if self._wrapped:
                self._wrapped -= 1
            else:
                self._around.pop()
        elif self._wrapped and self._names[tag] in _WRAPPERS and len(self._open) == 1:
            self._wrapped -= 1
        else:
            self._end_within()

    def _end_within(self) -> None:
        name, element, value = self._open.pop()
        if element.kind in ("text", "typed"):
            text = "".join(self._texts).strip(" \t\r\n") or None
            self._event_chars += len(text or "")
            if self._event_chars > _LARGEST_EVENT_CHARS:
                raise _NotEpcis(f"it holds more than {_LARGEST_EVENT_CHARS} characters")
            value = text if value is None else value | {name: text}
        if not self._open:
            self._done.append(_as_json(value))
            return
        around = self._open[-1][2]
        if isinstance(around, list):
            around.append(value)
        elif value is not None:
            around[name] = _both(around[name], value) if name in around else value

    def close(self) -> None:
        """The parser asks for it; the events were taken before."""


def _both(first: Any, second: Any) -> Any:
    """What was said twice: lists are one list; two values that should be one are kept, so that they are no value."""
    if isinstance(first, list):
        return first + second
    if isinstance(first, dict):
        return first | {k: _both(first[k], v) if k in first else v for k, v in second.items()}
    return first if first == second else f"{first} {second}"


def _as_json(event: dict[str, Any]) -> str:
    if event["type"] == "QuantityEvent":
        event["quantityList"] = [{name: event.pop(name, None) for name in ("epcClass", "quantity")}]
    return _encode(event)
