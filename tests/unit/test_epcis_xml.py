"""EPCIS in XML, 1.2 and 2.0: what is read, what is passed over, and what attacks and broken files come to."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.epcis_xml import ADAPTER
from pipelines.feeds.epcis_xml_text import events
from pipelines.workspace import Feed
from tests.support import ROOT

FEED = Feed(name="epcis", adapter="epcis_xml", path="feeds/*.xml")
OPEN = '<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0"><EPCISBody><EventList>'
CLOSE = "</EventList></EPCISBody></e:EPCISDocument>"
RECEIVED = (
    "<ObjectEvent><eventTime>2026-01-05T08:00:00-06:00</eventTime><eventTimeZoneOffset>+01:00</eventTimeZoneOffset>"
    "<eventID>urn:uuid:1</eventID><action>OBSERVE</action><bizStep>{step}</bizStep>"
    "<bizLocation><id>https://id.gs1.org/414/4012345000115</id></bizLocation>{more}</ObjectEvent>"
)
THINGS = (
    "<quantityList><quantityElement><epcClass>https://id.gs1.org/01/04012345123456</epcClass>"
    "<quantity>5.0</quantity></quantityElement></quantityList>"
)


def event(more: str = THINGS, step: str = "receiving") -> str:
    """A receiving event."""
    return RECEIVED.format(step=step, more=more)


def file(folder: Path, content: str | bytes, name: str = "a.xml") -> FeedFile:
    """A delivered file."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return FeedFile(folder / name, name)


def rows_of(*files: FeedFile) -> list[dict[str, Any]]:
    """The rows of files without what is NULL, in order of file, row and event id."""
    con = duckdb.connect(config={"threads": "1"})
    [scan] = ADAPTER.land(con, FEED, list(files)).scans
    result = con.execute(f"SELECT * FROM ({scan.sql}) ORDER BY file, row_number, event_id")
    names = [column[0] for column in result.description]
    assert set(names) == {*scan.columns, "file", "row_number"}
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def read(folder: Path, *listed: str) -> list[dict[str, Any]]:
    """The events of a 2.0 document as the JSON that is made of them."""
    return [json.loads(text) for text in events(file(folder, OPEN + "".join(listed) + CLOSE))]


def refusal(folder: Path, content: str | bytes, name: str = "a.xml") -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(UnusableInput) as caught:
        list(events(file(folder, content, name)))
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_a_receiving_event_becomes_one_row_with_text_as_delivered(tmp_path):
    """The offset is kept apart: the time states its own. There is no recordTime, so there is none."""
    [row] = rows_of(file(tmp_path, OPEN + event() + CLOSE))
    assert row == {
        "event_id": "urn:uuid:1",
        "event_type": "receipt_confirmed",
        "event_time": "2026-01-05T08:00:00-06:00",
        "facility_id": "4012345000115",
        "item_id": "04012345123456",
        "quantity": "5.0",
        "file": "a.xml",
        "row_number": 1,
    }


@pytest.mark.parametrize(
    "step",
    [
        "shipping",
        "cbv:BizStep-shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "\n   shipping\t",
        "<![CDATA[shipping]]>",
        "ship<!-- an aside -->ping",
        "&#115;hipping",
    ],
)
def test_every_spelling_of_a_business_step_means_the_same(tmp_path, step):
    [row] = rows_of(file(tmp_path, OPEN + event(step=step) + CLOSE))
    assert row["event_type"] == "shipment_confirmed"


@pytest.mark.parametrize("space", ["", ' xmlns="urn:epcglobal:epcis:xsd:1"', ' xmlns="urn:epcglobal:epcis:xsd:2"'])
def test_elements_are_read_with_and_without_the_namespace_of_epcis(tmp_path, space):
    [plain], [spaced] = read(tmp_path, event()), read(tmp_path, event().replace("<ObjectEvent", f"<ObjectEvent{space}"))
    assert spaced == plain


def test_what_1_2_put_into_extensions_is_read_as_2_0_states_it(tmp_path):
    """Additions of 1.1 and 1.2 stand in `extension`, of all events in `baseExtension`, whole events in EventList's own."""
    extended = (
        "<extension><ObjectEvent><eventTime>2026-01-05T08:00:00Z</eventTime>"
        "<baseExtension><eventID>E1</eventID><errorDeclaration><declarationTime>2026-01-06T00:00:00Z</declarationTime>"
        "<reason>x</reason></errorDeclaration><extension><x/></extension></baseExtension>"
        "<epcList><epc>urn:epc:id:sgtin:0614141.107346.1</epc></epcList>"
        "<extension><quantityList><quantityElement><epcClass>C</epcClass><quantity>2</quantity></quantityElement>"
        "</quantityList><extension><sourceList><source type='T'>S</source></sourceList></extension></extension>"
        "</ObjectEvent></extension><extension><extension><AssociationEvent/></extension></extension><ObjectEvent/>"
    )
    assert read(tmp_path, extended) == [
        {
            "type": "ObjectEvent",
            "eventTime": "2026-01-05T08:00:00Z",
            "eventID": "E1",
            "errorDeclaration": {"declarationTime": "2026-01-06T00:00:00Z"},
            "epcList": ["urn:epc:id:sgtin:0614141.107346.1"],
            "quantityList": [{"epcClass": "C", "quantity": "2"}],
            "sourceList": [{"type": "T", "source": "S"}],
        },
        {"type": "AssociationEvent"},
        {"type": "ObjectEvent"},
    ]


def test_the_quantity_event_of_1_2_is_one_class_and_its_quantity(tmp_path):
    quantity = (
        "<QuantityEvent><eventTime>2026-01-05T08:00:00Z</eventTime><epcClass>urn:epc:idpat:sgtin:0614141.107346.*"
        "</epcClass><quantity>7</quantity><bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep></QuantityEvent>"
    )
    [row] = rows_of(file(tmp_path, (OPEN + quantity + CLOSE).replace("xsd:2", "xsd:1")))
    assert (row["event_type"], row["item_id"], row["quantity"]) == ("putaway_completed", "10614141073464", "7")


def test_elements_of_others_are_passed_over_whatever_they_are_called(tmp_path):
    foreign = (
        '<x:extra xmlns:x="urn:x"><eventTime>1999-01-01T00:00:00Z</eventTime><epcList><epc>Z</epc></epcList></x:extra>'
    )
    called_alike = '<x:eventTime xmlns:x="urn:x">1999-01-01T00:00:00Z</x:eventTime><ilmd><eventID>Z</eventID></ilmd>'
    inside = '<readPoint><x:id xmlns:x="urn:x">Z</x:id><id>R</id><extension><id>Z</id></extension></readPoint>'
    [plain], [decked] = (
        read(tmp_path, event("<readPoint><id>R</id></readPoint>")),
        read(tmp_path, event(foreign + called_alike + inside)),
    )
    assert decked == plain


def listing(name: str, *entries: str) -> str:
    """A list of an event."""
    return f"<{name}>{''.join(entries)}</{name}>"


def test_no_list_of_an_event_has_an_order(tmp_path):
    """Things count by their keys, in any notation; an order comes before an advice before the rest."""
    lists = {
        "epcList": ["<epc>urn:epc:id:sgtin:0614141.107346.7</epc>", "<epc>https://a.b/01/10614141073464/21/5</epc>"],
        "childEPCs": ["<epc>https://a.b/00/040123450000003338</epc>", "<epc>urn:epc:id:sscc:4012345.0000000111</epc>"],
        "bizTransactionList": [
            f'<bizTransaction type="{kind}">{number}</bizTransaction>'
            for kind, number in (
                ("bol", "A1"),
                ("cbv:BTT-desadv", "A2"),
                ("urn:epcglobal:cbv:btt:po", "P2"),
                ("po", "P1"),
            )
        ],
        "sourceList": [
            f'<source type="owning_party">urn:epc:id:pgln:4012345.{number}</source>' for number in ("00025", "00011")
        ],
    }
    rows, again = (
        rows_of(
            file(tmp_path, OPEN + event(THINGS + "".join(listing(n, *e[::turn]) for n, e in lists.items())) + CLOSE)
        )
        for turn in (1, -1)
    )
    assert again == rows
    # GLN 4012345 00011 + check: 3*(0+2+4+0+0+1) + (4+1+3+5+0+1) = 21 + 14 = 35, so 5
    assert {(r["document_id"], r["supplier_id"]) for r in rows} == {("P1", "4012345000115")}
    # SSCC 0 4012345 000000111 + check: 3*(1+1+4+2) + (1+5+3+1+4) = 24 + 14 = 38, so 2
    assert [(r["event_id"], r["item_id"].split("/")[-1], r.get("serial_id")) for r in rows] == [
        ("urn:uuid:1", "04012345123456", None),
        ("urn:uuid:1#2", "040123450000001112", None),
        ("urn:uuid:1#3", "040123450000003338", None),
        ("urn:uuid:1#4", "10614141073464", "5"),
        ("urn:uuid:1#5", "10614141073464", "7"),
    ]


def test_own_extensions_are_told_by_their_namespace_not_by_their_prefix(tmp_path):
    [read_event] = read(
        tmp_path,
        event(
            '<d:actor_id xmlns:d="https://dockledger.example/epcis/">U7</d:actor_id>'
            '<dockledger:shift xmlns:dockledger="urn:else">S1</dockledger:shift>'
        ),
    )
    assert read_event["dockledger:actor_id"] == "U7"
    assert "dockledger:shift" not in read_event


def test_a_field_that_is_stated_twice_is_no_value(tmp_path):
    """Neither of two times is guessed to be the one. Lists add up."""
    [twice] = read(
        tmp_path,
        event(
            "<eventTime>2026-01-05T09:00:00Z</eventTime><bizLocation><id>B</id></bizLocation>"
            "<epcList><epc>1</epc></epcList><epcList/><epcList><epc>2</epc></epcList>"
        ),
    )
    assert twice["eventTime"] == "2026-01-05T08:00:00-06:00 2026-01-05T09:00:00Z"
    assert twice["bizLocation"] == {"id": "https://id.gs1.org/414/4012345000115 B"}
    assert twice["epcList"] == ["1", "2"]


def test_an_error_declaration_without_its_time_is_passed_on_to_be_refused(tmp_path):
    [row] = rows_of(file(tmp_path, OPEN + event("<errorDeclaration/>") + CLOSE))
    assert row["withdrawn_at"] == "no declarationTime"


def test_what_is_no_event_is_still_a_row_and_keeps_the_place_of_the_others(tmp_path):
    listed = "<!-- c --><ObjectEvent/>" + '<x:Odd xmlns:x="urn:x"><eventID>Z</eventID></x:Odd>' + event()
    rows = rows_of(file(tmp_path, OPEN + listed + CLOSE))
    assert [(r["row_number"], r["event_type"]) for r in rows] == [
        (1, "ObjectEvent"),
        (2, "Odd"),
        (3, "receipt_confirmed"),
    ]


@pytest.mark.parametrize("version", ["1", "2"])
def test_query_results_are_read_like_captured_events(tmp_path, version):
    content = (
        f'<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:{version}"><EPCISBody><q:QueryResults>'
        f"<queryName>x</queryName><resultsBody><EventList>{event()}</EventList></resultsBody></q:QueryResults>"
        "</EPCISBody></q:EPCISQueryDocument>"
    )
    assert [r["event_type"] for r in rows_of(file(tmp_path, content))] == ["receipt_confirmed"]


def test_a_header_with_master_data_holds_no_events(tmp_path):
    header = (
        '<EPCISHeader><s:StandardBusinessDocumentHeader xmlns:s="urn:s"><EventList><ObjectEvent/></EventList>'
        "</s:StandardBusinessDocumentHeader><extension><EPCISMasterData/></extension></EPCISHeader>"
    )
    content = OPEN.replace("<EPCISBody>", header + "<EPCISBody>") + event() + CLOSE
    assert len(rows_of(file(tmp_path, content))) == 1


def test_other_encodings_and_compressed_files_are_read(tmp_path):
    content = '<?xml version="1.0" encoding="{}"?>' + OPEN + event(step="Größe €") + CLOSE
    latin = file(tmp_path, content.format("windows-1252").encode("cp1252"))
    wide = file(tmp_path, content.format("UTF-16").encode("utf-16"), "b.xml")
    marked = file(tmp_path, b"\xef\xbb\xbf" + content.format("UTF-8").encode(), "c.xml")
    packed = file(tmp_path, gzip.compress(content.format("UTF-8").encode()), "d.xml.gz")
    assert [r["event_type"] for r in rows_of(latin, wide, marked, packed)] == ["Größe €"] * 4


def test_empty_files_and_lists_are_no_rows(tmp_path):
    blank = [file(tmp_path, content, f"{n}.xml") for n, content in enumerate(["", "  ", "\n \n", OPEN + CLOSE])]
    assert rows_of(*blank) == []
    assert rows_of() == []


def laughs(depth: int = 9) -> str:
    """Ten to the power of `depth` times `ha`, were it expanded."""
    nested = "".join(f'<!ENTITY h{n} "{f"&h{n - 1};" * 10}">' for n in range(1, depth + 1))
    return f'<!DOCTYPE e [<!ENTITY h0 "ha">{nested}]>'


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        (laughs(), 1),
        ('<?xml version="1.0"?>\n\n<!DOCTYPE e [<!ENTITY x SYSTEM "secret.txt">]>', 3),
        ('<!-- c -->\n<!DOCTYPE e SYSTEM "http://127.0.0.1:9/e.dtd">', 2),
        ('<!DOCTYPE e [<!ENTITY % p SYSTEM "secret.txt"> %p;]>', 1),
        ('<!DOCTYPE e PUBLIC "-//x//y" "secret.txt">', 1),
        ('<!DOCTYPE e [<!ATTLIST e a CDATA "&x;">]>', 1),
        ("<!DOCTYPE e>", 1),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_it_can_declare_anything(tmp_path, declared, line, encoding):
    (tmp_path / "secret.txt").write_text("secret")
    content = declared + OPEN + event(step="&x;&h9;") + CLOSE
    said = refusal(tmp_path, content.encode(encoding))
    assert said.startswith(f"a.xml: line {line}: it declares a document type (DOCTYPE)")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (OPEN + "\n" + event(step="&x;") + CLOSE, "it is not whole XML (Entity 'x' not defined, line 2"),
        (OPEN + "\n\n" + event(), "it is not whole XML (Premature end of data in tag EventList line 1, line 3"),
        (OPEN + "\n" + event()[:70], "it is not whole XML ("),
        (OPEN + "\n<a></b>" + CLOSE, "it is not whole XML (Opening and ending tag mismatch: a line 2 and b, line 2"),
        (OPEN + CLOSE + "\n" + OPEN + CLOSE, "it is not whole XML (Extra content at the end of the document, line 2"),
        ('{"epcisBody": {"eventList": []}}', "it is not whole XML (Start tag expected, '<' not found, line 1"),
        (bytes(range(256)) * 20, "it is not whole XML ("),
        (OPEN.encode() + b"\xff" + CLOSE.encode(), "it is not whole XML (Invalid bytes in character encoding, line 1"),
        ('<?xml version="1.0" encoding="none"?>' + OPEN + CLOSE, "it is not whole XML (Unsupported encoding: none"),
        ("\n<html/>", "line 2: its root is html, so it is no EPCISDocument or EPCISQueryDocument"),
        ("<ObjectEvent/>", "line 1: its root is ObjectEvent, so it is no EPCISDocument"),
        (OPEN.replace("xsd:2", "xsd:3") + CLOSE, "line 1: its root is {urn:epcglobal:epcis:xsd:3}EPCISDocument"),
        (OPEN.replace("<EventList>", "") + "</EPCISBody></e:EPCISDocument>", "the EPCISDocument holds no EventList"),
        (
            OPEN + event() + event("<ilmd>" + "a" * 1_048_577 + "</ilmd>") + CLOSE,
            "event 2: a text is longer than 10485",
        ),
        (OPEN + "<ObjectEvent>" + "<a>" * 400, "event 1: elements stand more than 256 deep"),
        (OPEN + f'<ObjectEvent a="{"a" * 10_500_000}"/>' + CLOSE, "it is not whole XML ("),
    ],
    ids=range(16),
)
def test_what_is_no_whole_epcis_document_is_refused_with_line_and_reason(tmp_path, content, reason):
    assert refusal(tmp_path, content).startswith(f"a.xml: {reason}")


def test_an_event_that_names_too_much_to_be_held_is_refused(tmp_path):
    epcs = "<epc>" + "x" * 1_000_000 + "</epc>"
    held = event("<epcList>" + epcs * 16 + "</epcList>")
    assert len(read(tmp_path, held)) == 1  # 16,000,000 characters; 16,777,216 are the bound
    assert refusal(tmp_path, OPEN + held.replace(epcs, epcs * 2, 1) + CLOSE).startswith("a.xml: event 1: it holds more")


MEASURE = """
import resource, sys
from pathlib import Path
from pipelines.feeds.base import FeedFile
from pipelines.feeds.epcis_xml_text import events
count = sum(1 for name in sys.argv[1:] for _ in events(FeedFile(Path(name), name)))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_size_of_the_file(tmp_path):
    """30 MB of events and master data are read within 15 MB more than one event takes."""
    header = "<EPCISHeader>" + "<attribute id='x'>about a thing</attribute>" * 200_000 + "</EPCISHeader>"
    file(tmp_path, OPEN + event() + CLOSE, "small.xml")
    file(tmp_path, OPEN.replace("<EPCISBody>", header + "<EPCISBody>") + event() * 55_000 + CLOSE, "large.xml")
    assert (tmp_path / "large.xml").stat().st_size > 30_000_000
    measured = [
        subprocess.run(
            [sys.executable, "-c", MEASURE, tmp_path / name], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()
        for name in ("small.xml", "large.xml")
    ]
    (one, small), (many, large) = measured
    assert (one, many) == ("1", "55000")
    assert int(large) - int(small) < 15


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=9
)


@given(values=st.lists(TEXT, max_size=4))
def test_any_text_comes_through_as_it_was_written_but_for_blanks_around_it(tmp_path_factory, values):
    from xml.sax.saxutils import escape

    written = "".join(f"<epc>{escape(value)}</epc>" for value in values)
    [read_event] = read(tmp_path_factory.mktemp("any"), event(f"<epcList>{written}</epcList>"))
    assert read_event["epcList"] == [value.strip(" ") or None for value in values]
