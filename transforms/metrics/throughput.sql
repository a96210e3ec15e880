/*
title: Throughput
question: How much does each facility handle, day by day?
definition: Events (lines), documents and units per facility, local day and event type.
formula: "lines_count = count(events); documents_count = count(distinct document_id); moved_units = sum(abs(quantity)); moved_usd = sum(abs(quantity) * unit cost at event_time)"
edge_rules:
  - The day is that of the event on the facility's own clock.
  - Units are the sum of |quantity| in base units, their value that at the item's cost when it happened; unpriced_count are events with a quantity whose item has no known cost.
  - A document that is worked on over several days counts on each of them; lines, units and values may be added, documents only within a day and an event type.
  - Days without events have no row.
not_to_be_confused_with: dark stock, which weighs units by the time they were not seen
source: WERC throughput measures
owner: operations manager
grain: [facility_id, day, event_type]
direction: neutral
additivity: semi_additive
columns:
  facility_id: {unit: id, description: the facility}
  day: {unit: date, description: local day}
  event_type: {unit: text, description: what happened}
  lines_count: {unit: count, description: events, min: 1}
  documents_count: {unit: count, description: documents that they name, min: 0}
  moved_units: {unit: units, description: units moved, nullable: true, min: 0}
  unpriced_count: {unit: count, description: events with a quantity whose item has no known cost, min: 0}
  moved_usd: {unit: usd, description: value of the units with a known cost, nullable: true, min: 0}
*/
WITH document AS (
    -- By document first, so that none has to be told apart within a group.
    SELECT
        e.facility_id, k.local_date, e.event_type, e.document_id, count(*) AS lines_count,
        sum(abs(e.quantity)) AS moved_units,
        count(*) FILTER (WHERE e.quantity IS NOT NULL AND c.unit_cost_usd IS NULL) AS unpriced_count,
        sum(CAST(CAST(abs(e.quantity) AS DOUBLE) * c.unit_cost_usd AS DECIMAL(24, 6))) AS moved_usd
    FROM canonical.inventory_event e
    JOIN shared.local_clock k ON k.facility_id = e.facility_id AND k.quarter_no = quarter_of(e.event_time)
    LEFT JOIN shared.item_cost c ON c.item_id = e.item_id AND e.event_time >= c.valid_from_at AND e.event_time < c.valid_until_at
    GROUP BY e.facility_id, k.local_date, e.event_type, e.document_id
)
SELECT
    facility_id,
    local_date AS day,
    event_type,
    CAST(sum(lines_count) AS BIGINT) AS lines_count,
    count(document_id) AS documents_count,
    CAST(sum(moved_units) AS DOUBLE) AS moved_units,
    CAST(sum(unpriced_count) AS BIGINT) AS unpriced_count,
    CAST(sum(moved_usd) AS DOUBLE) AS moved_usd
FROM document
GROUP BY facility_id, local_date, event_type
