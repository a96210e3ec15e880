/*
title: Unmapped code
question: Which codes of which feed does nobody know?
definition: Codes of items, facilities, units, statuses and event types for which rows were refused up to as_of; one exception per feed, reason and code.
formula: "exceptions_count = count(distinct feed, reason and code of refused rows)"
edge_rules:
  - Opens at the earliest event clock that those rows state (event_time, posted_at, counted_at ...), as_of where none states one. It stays open until the rows are accepted, that is gone.
  - facility_id is that of the rows where all of them state the same known one.
  - Rows that happened after as_of, or state a later ingested_at, do not enter. Of a code its first 200 characters count.
  - How many rows it is, marts.quarantine says; a refused row has no key, so one delivered again counts there again and must not change this.
  - A row is refused for one reason, the first that holds; its other unknown codes show once that one is mapped.
source: domain model, exception rules
owner: master data manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: master data
cause: a new item, place or unit that nobody has entered, or a local code without its alias
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: 'feed:reason:code'}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH unknown AS (
    SELECT r.feed, r.reason, r.refused_value, r.facility_id, r.happened_at, r.file, r.row_number, e.as_of
    FROM landing.refused r
    CROSS JOIN reference.evaluation e
    WHERE r.refused_value IS NOT NULL
      AND (r.happened_at IS NULL OR r.happened_at <= e.as_of)
      AND (r.ingested_at IS NULL OR r.ingested_at <= e.as_of)
), placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY feed, reason, refused_value ORDER BY happened_at NULLS LAST, file, row_number
        ) AS nth
    FROM unknown
)
SELECT
    CASE WHEN count(facility_id) = count(*) AND min(facility_id) = max(facility_id) THEN min(facility_id) END AS facility_id,
    feed || ':' || reason || ':' || refused_value AS reference_id,
    coalesce(min(happened_at), min(as_of)) AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    CAST(NULL AS STRING) AS item_id,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity,
    'file:' || replace(max(CASE WHEN nth = 1 THEN file END), ' ', '%20') || '#'
        || CAST(CAST(max(CASE WHEN nth = 1 THEN row_number END) AS BIGINT) AS STRING) AS evidence,
    concat_ws('', 'rows of feed ', feed, ' are refused: ', reason, ' ', refused_value) AS detail
FROM placed
GROUP BY feed, reason, refused_value
