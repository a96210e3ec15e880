"""Random object-centric logs: the object-centric process map is pm4py's."""

from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from tests.mined import START
from tests.object_edges import check_object_edges
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
OBJECTS = {"o1": "order", "o2": "order", "i1": "item", "i2": "item", "i3": "item", "l1": "lot"}
Event = tuple[str, int, set[str]]
# Few objects, many ties, and events of many objects or of one.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 30).map(lambda n: n * 10),
        st.sets(st.sampled_from(sorted(OBJECTS)), min_size=1),
    ),
    min_size=1,
    max_size=30,
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(tmp_path_factory.mktemp("objects") / "w.duckdb", Engine(memory_limit="1GiB", threads=1))
    yield made
    made.close()


def relations_of(events: list[Event]) -> pl.DataFrame:
    rows = [
        (f"{n:04}", activity, second, thing, OBJECTS[thing])
        for n, (activity, second, things) in enumerate(events)
        for thing in sorted(things)
    ]
    columns = ["event_id", "activity", "second", "object_id", "object_type"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String) | {"second": pl.Int64}, orient="row")
    return frame.with_columns(at=pl.lit(START) + pl.duration(seconds="second")).drop("second")


@settings(max_examples=examples(45), deadline=None, suppress_health_check=SLOW)
@given(events=EVENTS)
@example(events=[("a", 0, {"o1"})])
@example(events=[("a", 0, {"o1", "o2", "i1"})] * 3)
def test_the_object_centric_process_map_is_that_of_pm4py(warehouse, events):
    check_object_edges(warehouse, relations_of(events))
