"""Names and texts of exports that a notation does not take as they are."""

from lxml import etree

from pipelines.exports.ocel_sqlite import table_names
from pipelines.exports.xml_text import xml_text


def test_types_get_tables_of_their_own_whatever_they_are_called():
    """SQLite's tables are the same in capitals; event_object and object_map_type are tables of the standard."""
    types = ["pick confirmed", "pick_confirmed", "PICK-confirmed", "object", "map type", "", "--", "größe", "S/4.item"]
    names = table_names(types)
    assert names == [
        "PickConfirmed", "PickConfirmed_2", "PICKConfirmed_3", "Object_2", "MapType", "Type", "Type_2", "Größe", "S4Item",
    ]  # fmt: skip
    assert table_names(["map_type", "Map_Type"]) == ["MapType", "MapType_2"]


def test_what_xml_has_no_place_for_is_replaced_and_all_else_stays():
    kept = 'Sons & "Co" <1>\tline\nnext 北京 \U0001f4e6'
    element = etree.Element("event", {"id": xml_text(kept + "\x00\x1f\ufffe")})
    assert etree.fromstring(etree.tostring(element)).get("id") == kept + "\ufffd\ufffd\ufffd"
