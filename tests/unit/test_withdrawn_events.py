"""An event that its source declared an error counts no more, from the declaration on, in whatever order both came."""

import pytest

HEADER = "event_id,event_type,event_time,facility_id,quantity,recorded_at,withdrawn_at\n"
TOLD = "E1,pick_confirmed,2026-03-01T10:00:00Z,NDC,5,2026-03-01T10:01:00Z,\n"
MENDED = "E1,pick_confirmed,2026-03-01T10:00:00Z,NDC,4,2026-03-03T00:00:00Z,\n"
TAKEN_BACK = "E1,pick_confirmed,2026-03-01T10:00:00Z,NDC,5,,2026-03-02T00:00:00Z\n"
OTHER = "E2,pick_confirmed,2026-03-01T10:00:00Z,NDC,1,2026-03-01T10:01:00Z,\n"
BEFORE, AFTER = "2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z"


def standing(landing, as_of, *files):
    """The events that stand at an instant and their quantities."""
    for number, rows in enumerate(files):
        landing.write(f"feeds/{number}.csv", HEADER + rows)
    landing.canonical(as_of=as_of)
    return landing.engine.rows(
        "SELECT event_id, CAST(quantity AS INT) FROM canonical.inventory_event ORDER BY event_id"
    )


@pytest.mark.parametrize(
    "files", [(TOLD + TAKEN_BACK + OTHER,), (TAKEN_BACK, TOLD + OTHER), (TOLD, OTHER, TAKEN_BACK * 2)]
)
def test_a_withdrawn_event_is_gone_from_its_declaration_on(landing, files):
    assert standing(landing, AFTER, *files) == [("E2", 1)]


def test_before_the_declaration_the_event_stands(landing):
    assert standing(landing, BEFORE, TAKEN_BACK + TOLD + OTHER) == [("E1", 5), ("E2", 1)]


def test_a_withdrawn_event_stays_withdrawn_whatever_is_told_of_it_later(landing):
    """A correction bears an id of its own."""
    assert standing(landing, "2026-04-01T00:00:00Z", TOLD + TAKEN_BACK + MENDED) == []


def test_a_declaration_whose_event_was_never_delivered_adds_none(landing):
    assert standing(landing, AFTER, TAKEN_BACK + OTHER) == [("E2", 1)]


def test_a_declaration_without_an_instant_is_quarantined_and_withdraws_nothing(landing):
    assert standing(landing, AFTER, TOLD + TAKEN_BACK.replace("2026-03-02T00:00:00Z", "no declarationTime")) == [
        ("E1", 5)
    ]
    assert landing.engine.rows("SELECT row_number, reason FROM landing.refused") == [(2, "schema violation")]
