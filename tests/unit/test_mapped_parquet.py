"""`mapped_parquet`: own names, chosen rows and words over Parquet; figures of the real log come from pandas alone."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import UnusableInput
from tests.landing import Landing
from tests.support import real_data

LOG = {"posting_id": "MBLNR_ZEILE", "posted_at": "event_timestamp", "posting_type": "event_activity",
       "posted_by": "event_resource"}  # fmt: skip
NOON = dt.datetime.fromisoformat("2026-03-01T12:00")


def land(landing: Landing, seen: str, columns: dict[str, str], **feed: Any) -> list[tuple[Any, ...]]:
    given: dict[str, Any] = {"adapter": "mapped_parquet", "table": "erp_posting", "facility": "NDC", "columns": columns}
    return landing.land(seen, **{**given, **feed})


def write(landing: Landing, **columns: Any) -> None:
    path = landing.root / "feeds" / "a.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path)


def real_log(landing: Landing) -> pd.DataFrame:
    """The event log of an SAP training system; its file also lies in the feed's folder."""
    source = real_data("sap-p2p-log", "log_p2p.parquet")
    landing.write("feeds/log.parquet", source.read_bytes())
    return pd.read_parquet(source)


def test_every_line_of_a_material_document_of_the_real_log_is_a_posting(landing):
    """9,115 rows of the log name a line of a material document (MBLNR_ZEILE), no line twice; all others are out of scope."""
    log = real_log(landing)
    lines = log[log.MBLNR_ZEILE.notna()]
    assert (len(log), len(lines), lines.MBLNR_ZEILE.nunique()) == (321_889, 9_115, 9_115)
    words = {
        "Post Goods Receipt for PO": "receipt_confirmed",
        "Goods Receipt for Production Order": "receipt_confirmed",
    }
    seen = "posting_id, CAST(posted_at AS VARCHAR), posting_type, raw_posting_type, posted_by, reason"
    found = land(landing, seen, LOG, event_types=words, only={"MBLNR_ZEILE": "*"}, system_timezone="UTC")
    expected = [
        (place + 1, r.MBLNR_ZEILE, f"{r.event_timestamp}+00",
         words.get(r.event_activity, r.event_activity), r.event_activity, r.event_resource, None)
        for place, r in zip(range(len(log)), log.itertuples(), strict=True) if pd.notna(r.MBLNR_ZEILE)
    ]  # fmt: skip
    assert found == [tuple(None if pd.isna(value) else value for value in row) for row in expected]
    assert sum(row[3] == "receipt_confirmed" for row in found) == 103 + 273
    assert landing.received() == len(log)


def test_a_row_that_names_no_line_is_quarantined_where_only_does_not_leave_it_out(landing):
    """Rows of the table MKPF: 21,583, of which 12,468 name the document or a material instead of a line."""
    log = real_log(landing)
    headers = log[log.event_table == "MKPF"]
    unnamed = int(headers.MBLNR_ZEILE.isna().sum())
    assert (len(headers), unnamed) == (21_583, 12_468)
    found = land(landing, "reason, detail", LOG, only={"event_table": ["MKPF"]}, system_timezone="UTC")
    told = [(reason, detail) for _, reason, detail in found]
    assert told.count((None, None)) == len(headers) - unnamed
    assert told.count(("schema violation", "posting_id is empty")) == unnamed
    assert landing.received() == len(log)


def test_typed_columns_keep_what_they_say_whatever_formats_are_for_text(landing):
    """1.234 of a DOUBLE is a little more than one, also where text groups digits by points."""
    write(landing, id=["1", "2"], at=pa.array([NOON, NOON], pa.timestamp("us")), day=pa.array([NOON.date()] * 2),
          double=[1.234, 1e6], text=["1.234,5", "7"], amount=pa.array([Decimal("12.50"), None], pa.decimal128(9, 2)))  # fmt: skip
    columns = {"posting_id": "id", "posted_at": "at", "posting_date": "day", "value_amount": "amount"}
    formats = {"datetime": "%d.%m.%Y %H:%M", "date": "%d.%m.%Y", "decimal": ",", "thousands": "."}
    seen = "CAST(posted_at AS VARCHAR), CAST(posting_date AS VARCHAR), CAST(quantity AS VARCHAR), CAST(value_amount AS VARCHAR)"
    for source, first, second in (("double", "1.234000", "1000000.000000"), ("text", "1234.500000", "7.000000")):
        found = land(landing, seen, {**columns, "quantity": source}, formats=formats, system_timezone="UTC")
        assert found == [
            (1, "2026-03-01 12:00:00+00", "2026-03-01", first, "12.500000"),
            (2, "2026-03-01 12:00:00+00", "2026-03-01", second, None),
        ]


def test_names_with_quotes_and_values_with_blanks_and_capitals(landing):
    write(landing, **{'Beleg "neu"': ["1", "2", "3"], "Zeit": pa.array([NOON] * 3, pa.timestamp("us", "UTC")),
                      "Art": ["WE ", "we", None]})  # fmt: skip
    columns = {"posting_id": 'Beleg "neu"', "posted_at": "Zeit"}
    assert land(landing, "posting_id, reason", columns, only={"Art": "WE"}) == [(1, "1", None)]
    assert landing.received() == 3


@pytest.mark.parametrize(
    ("columns", "feed", "told"),
    [
        ({"posting_id": "id", "posted_at": "wann"}, {}, "required column wann is missing; the file has: id, at, many"),
        ({"posting_id": "id", "posted_at": "at"}, {"only": {"art": "x"}}, "required column art is missing"),
        ({"posting_id": "many", "posted_at": "at"}, {}, "column many holds no plain values but BIGINT[]"),
        ({"beleg": "id"}, {}, "columns names beleg, which erp_posting does not have"),
    ],
)
def test_a_file_or_mapping_that_does_not_fit_is_refused(landing, columns, feed, told):
    write(landing, id=["1"], at=pa.array([NOON], pa.timestamp("us")), many=[[1]])
    with pytest.raises(UnusableInput) as refused:
        land(landing, "reason", columns, **feed)
    assert told in str(refused.value)
