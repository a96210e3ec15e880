"""`xes`: events with what their traces state; what is no event is counted, what breaks the format is refused."""

import gzip
from typing import Any

import pytest

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.safe_xml import elements
from tests.landing import Landing

MAPPED = {"item_id": "trace:item", "quantity": "qty"}
TYPES = {"Pick": "pick_confirmed", "Ship": "shipment_confirmed"}


def value(key: str, text: str, inner: str = "", kind: str = "string") -> str:
    return f'<{kind} key="{key}" value="{text}">{inner}</{kind}>'


def event(name: str = "Pick", time: str = "2026-01-05T08:00:00.000+01:00", *more: str) -> str:
    when = value("time:timestamp", time, kind="date") if time else ""
    return f"<event>{value('concept:name', name)}{when}{''.join(more)}</event>"


def trace(case: str, *inner: str) -> str:
    return f"<trace>{value('concept:name', case)}{''.join(inner)}</trace>"


def log(*inner: str) -> str:
    """A log as a tool would write it: extensions, globals and classifiers come first."""
    head = (
        '<extension name="Concept" prefix="concept" uri="http://localhost:9/concept.xesext"/>'
        f'<global scope="event">{value("concept:name", "none")}{value("time:timestamp", "1970-01-01T00:00:00Z", kind="date")}</global>'
        '<classifier name="Activity" keys="concept:name"/>'
        '<string key="concept:name" value="a log"/>'
    )
    return f'<log xes.version="1849-2023" xmlns="http://www.xes-standard.org/">{head}{"".join(inner)}</log>'


def land(landing: Landing, seen: str, *inner: str, **feed: Any) -> list[tuple[Any, ...]]:
    landing.write("feeds/a", log(*inner))
    given = {"columns": MAPPED, "event_types": TYPES, "facility": "NDC", **feed}
    return landing.land(seen, adapter="xes", **given)


def refusal(landing: Landing, content: str | bytes, **feed: Any) -> str:
    landing.write("feeds/a", content)
    with pytest.raises(UnusableInput) as caught:
        landing.land("event_id", adapter="xes", **{"facility": "NDC", **feed})
    return str(caught.value).removeprefix("feeds/a: ")


def test_an_event_is_a_row_with_what_its_trace_states(landing):
    found = land(
        landing,
        "event_id, event_type, event_time::VARCHAR, document_id, item_id, quantity::VARCHAR, actor_id, facility_id",
        trace("O1", value("item", "I1"), event("Pick", "2026-01-05T08:00:00+01:00", value("qty", "2.50", kind="float")),
              event("Ship", "2026-01-05T09:00:00Z", value("org:resource", "U7"))),
        trace("O2", event()),
    )  # fmt: skip
    assert found == [
        (1, "O1/Pick/2026-01-05T08:00:00+01:00", "pick_confirmed", "2026-01-05 07:00:00+00", "O1", "I1", "2.500000", None, "NDC"),
        (2, "O1/Ship/2026-01-05T09:00:00Z", "shipment_confirmed", "2026-01-05 09:00:00+00", "O1", "I1", None, "U7", "NDC"),
        (3, "O2/Pick/2026-01-05T08:00:00.000+01:00", "pick_confirmed", "2026-01-05 07:00:00+00", "O2", None, None, None, "NDC"),
    ]  # fmt: skip


def test_a_packed_log_is_read_whatever_its_name(landing):
    landing.write("feeds/a.xes.gz", gzip.compress(log(trace("O1", event())).encode()))
    landing.write("feeds/b.xes", gzip.compress(log(trace("O2", event())).encode()))
    found = landing.land("document_id", adapter="xes", facility="NDC", event_types=TYPES)
    assert found == [(1, "O1"), (1, "O2")]


def test_only_completed_activities_are_events_unless_the_feed_says_otherwise(landing):
    """A transition that is not stated is completion; the others are counted."""
    activity = [event("Pick", "2026-01-05T08:00:00Z", value("lifecycle:transition", t)) for t in ("start", "COMPLETE")]
    inner = [trace("O1", *activity, event("Ship", "2026-01-05T10:00:00Z"))]
    assert land(landing, "event_id", *inner) == [
        (2, "O1/Pick/2026-01-05T08:00:00Z"),
        (3, "O1/Ship/2026-01-05T10:00:00Z"),
    ]
    assert landing.received() == 3
    assert land(landing, "event_id", *inner, lifecycle="start") == [(1, "O1/Pick/2026-01-05T08:00:00Z/start")]
    assert landing.received() == 3
    assert len(land(landing, "event_id", *inner, lifecycle=["start", "complete"])) == 3


def test_the_same_again_in_a_trace_is_another_event_and_in_another_trace_of_that_name_the_same(landing):
    found = land(landing, "event_id", trace("O1", event(), event()), trace("O1", event()))
    own = "O1/Pick/2026-01-05T08:00:00.000+01:00"
    assert found == [(1, own), (2, f"{own}#2"), (3, own)]


def test_an_identity_is_the_id_where_the_feed_says_so(landing):
    columns = {"event_id": "identity:id"}
    inner = trace("O1", event("Pick", "2026-01-05T08:00:00Z", value("identity:id", "u-1", kind="id")), event())
    assert land(landing, "event_id, detail", inner, columns=columns) == [
        (1, "u-1", None),
        (2, None, "event_id is empty"),
    ]


def test_nested_attributes_and_containers_are_named_by_their_path(landing):
    inner = value("cost", "5", value("currency", "EUR"), kind="float")
    box = f'<container key="box">{value("id", "B1")}</container><list key="l"><values>{value("x", "1")}</values></list>'
    columns = {"owner_id": "cost/currency", "location_id": "box/id", "lot_id": "l/x", "shift": "cost"}
    found = land(landing, "owner_id, location_id, lot_id, shift", trace("O1", event("Pick", "2026-01-05T08:00:00Z", inner, box)),
                 columns=columns)  # fmt: skip
    assert found == [(1, "EUR", "B1", None, "5")]


def test_the_defaults_of_a_log_are_made_up_and_not_used(landing):
    """A global says what to write where an exporter knew nothing: it is no time at which anything happened."""
    assert land(landing, "detail", trace("O1", event(time=""))) == [(1, "event_id is empty")]
    assert land(landing, "detail", trace("O1", event(time="")), columns={"event_id": "concept:name"}) == [
        (1, "event_time is empty")
    ]


def test_a_time_without_a_zone_is_quarantined_or_local(landing):
    inner = trace("O1", event(time="2026-01-05T08:00:00"))
    assert land(landing, "event_time, reason", inner) == [(1, None, "naive time")]
    found = land(landing, "event_time::VARCHAR, reason", inner, system_timezone="facility")
    assert found == [(1, "2026-01-05 14:00:00+00", None)]  # 08:00 in Chicago


def test_an_event_outside_of_traces_is_one_of_no_document(landing):
    own = event("Pick", "2026-01-05T08:00:00Z", value("identity:id", "u-1", kind="id"))
    columns = {"event_id": "identity:id", "item_id": "trace:item"}
    inner = [trace("O1", value("item", "I1"), own.replace("u-1", "u-0")), own]
    assert land(landing, "event_id, document_id, item_id", *inner, columns=columns) == [
        (1, "u-0", "O1", "I1"),
        (2, "u-1", None, None),
    ]


def test_postings_are_mapped_alike(landing):
    landing.write("feeds/a", log(trace("O1", event("Ship", "2026-01-05T08:00:00Z", value("org:resource", "U7")))))
    seen = "posting_id, posting_type, posted_at::VARCHAR, posted_by, document_id"
    found = landing.land(seen, table="erp_posting", adapter="xes", facility="NDC")
    assert found == [(1, "O1/Ship/2026-01-05T08:00:00Z", "Ship", "2026-01-05 08:00:00+00", "U7", "O1")]


@pytest.mark.parametrize("content", ["", "  \n", log(), log("<trace/>")])
def test_a_log_without_events_is_no_rows(landing, content):
    landing.write("feeds/a", content)
    assert landing.land("event_id", adapter="xes", facility="NDC") == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("event_id,event_type\n", "line 1: it is not whole XML (Start tag expected, '<' not found, line 1, column 1)"),
        ("<xes/>", "line 1: the outermost element is xes, not log"),
        ("<log>\n<events/><objects/></log>", "line 2: an event log in XES holds no element events"),
        ("<log><logentry/></log>", "line 1: an event log in XES holds no element logentry"),
        ('<!DOCTYPE log [<!ENTITY a "b">]><log/>', "line 1: a document type (DOCTYPE) is not read"),
        ("<log>\n<trace>\n<event/>\n<string key='item' value='I1'/></trace></log>",
         "line 4: a trace states item after its first event"),
        (b"\x1f\x8b\x08\x00broken", "the file cannot be read (Not a gzipped file"),
        (gzip.compress(log().encode())[:-9], "the file cannot be read ("),
    ],
)  # fmt: skip
def test_what_is_no_whole_log_is_refused_in_one_sentence(landing, content, reason):
    told = refusal(landing, content)
    assert told == reason or (
        told.startswith("the file cannot be read (") and reason.startswith("the file cannot be read (")
    )


def test_an_archive_that_unpacks_to_too_much_is_refused(landing):
    many = f"<trace>{'<event/>' * 1000}{' ' * 100_000}</trace>" * 800
    bomb = gzip.compress(f"<log>{many}</log>".encode())
    assert len(bomb) * 200 < 64 << 20 < len(many)
    assert refusal(landing, bomb, columns={"event_id": "x"}) == "the archive unpacks to more than 200 times its size"


def test_what_was_read_is_forgotten(tmp_path):
    """However many events a trace has, the parser keeps the one at hand and no sibling of it."""
    path = tmp_path / "a.xes"
    path.write_text(log(*(trace(f"O{n}", *[event()] * 50) for n in range(50))))
    before = []
    for _, element in elements(FeedFile(path, "a.xes"), "log", {("log", "trace", "event")}):
        assert [child.get("key") for child in element] == ["concept:name", "time:timestamp"]
        before.append(sum(len(e) for part in (element, element.getparent()) for e in part.itersiblings(preceding=True)))
    assert len(before) == 2500
    assert set(before) == {0}  # an emptied element may stand there still, with nothing in it


def test_a_feed_whose_format_has_no_transitions_may_not_ask_for_some(landing):
    with pytest.raises(UnusableInput, match="feed wms: adapter canonical_csv reads no `lifecycle`; xes does"):
        landing.land("event_id", lifecycle="start")
