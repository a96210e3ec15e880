"""A Petri net as plain data, and as PNML (ISO/IEC 15909-2). The same net gives the same text."""

from dataclasses import dataclass

from lxml import etree

_NAMESPACE = "http://www.pnml.org/version-2009/grammar/pnml"
_KIND = "http://www.pnml.org/version-2009/grammar/ptnet"
# How ProM and pm4py say that a transition is silent; the standard has no word for it, nor for final markings.
_SILENT = {"tool": "ProM", "version": "6.4", "activity": "$invisible$"}


@dataclass(frozen=True)
class Place:
    """A place with the tokens that it holds at the beginning and at the end."""

    place_id: str
    name: str
    tokens: int = 0
    final_tokens: int = 0


@dataclass(frozen=True)
class Transition:
    """A transition; without an activity it is silent."""

    transition_id: str
    activity: str | None


@dataclass(frozen=True)
class PetriNet:
    """Places, transitions, and arcs from one to the other as pairs of ids."""

    places: tuple[Place, ...]
    transitions: tuple[Transition, ...]
    arcs: tuple[tuple[str, str], ...]


def pnml(net: PetriNet, net_id: str, title: str) -> str:
    """A PNML document of a place/transition net.

    Args:
        net: what is written.
        net_id: id of the net, an XML name.
        title: its name.
    """
    root = etree.Element(f"{{{_NAMESPACE}}}pnml", nsmap={None: _NAMESPACE})
    whole = _below(root, "net", id=net_id, type=_KIND)
    _text(whole, "name", title)
    page = _below(whole, "page", id=f"page_{net_id}")
    for place in net.places:
        element = _below(page, "place", id=place.place_id)
        _text(element, "name", place.name)
        if place.tokens:
            _text(element, "initialMarking", str(place.tokens))
    for transition in net.transitions:
        element = _below(page, "transition", id=transition.transition_id)
        _text(element, "name", transition.activity or transition.transition_id)
        if transition.activity is None:
            _below(element, "toolspecific", **_SILENT)
    for number, (source, target) in enumerate(net.arcs, 1):
        _below(page, "arc", id=f"a{number}", source=source, target=target)
    marking = _below(_below(whole, "finalmarkings"), "marking")
    for place in net.places:
        if place.final_tokens:
            _text_of(_below(marking, "place", idref=place.place_id), str(place.final_tokens))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written.decode()


def _below(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_NAMESPACE}}}{tag}", attributes)


def _text(parent: etree._Element, tag: str, text: str) -> None:
    _text_of(_below(parent, tag), text)


def _text_of(parent: etree._Element, text: str) -> None:
    _below(parent, "text").text = text
