/*
title: Out of sequence
question: Which events were recorded after events that their source had numbered later?
definition: Events whose sequence_no is smaller than the largest sequence_no among events of the same facility and feed with strictly earlier recorded_at.
formula: "exceptions_count = count(events where sequence_no < max(sequence_no) of those recorded before at the facility by the feed)"
edge_rules:
  - Events without recorded_at or sequence_no do not enter, nor do events recorded later than as_of; that is not known yet. Recorded in the same instant is not before; an equal number is not smaller.
  - A source is a feed at a facility; two feeds of one facility number independently.
  - Opens at recorded_at and stays open.
  - One number that is far too high makes every later one smaller; the detail says which number was the highest before.
source: domain model, exception rules
owner: data engineer
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: low
queue: integration
cause: messages overtook each other, or a device that was offline caught up
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: event_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH placed AS (
    -- Rows of one instant are in the order of their numbers, so that none before in that instant is larger.
    SELECT
        i.event_id, i.sequence_no,
        max(i.sequence_no) OVER (
            PARTITION BY i.feed, i.facility_id ORDER BY i.recorded_at NULLS FIRST, i.sequence_no NULLS FIRST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS highest_before
    FROM canonical.inventory_event i
    CROSS JOIN reference.evaluation v
    WHERE i.recorded_at <= v.as_of AND i.sequence_no IS NOT NULL
)
SELECT
    e.facility_id,
    e.event_id AS reference_id,
    e.recorded_at AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    e.item_id,
    abs(e.quantity) AS quantity,
    concat_ws(' ',
        'event:' || replace(e.event_id, ' ', '%20'),
        'document:' || replace(e.document_id, ' ', '%20'),
        'file:' || replace(e.file, ' ', '%20') || '#' || CAST(CAST(e.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', 'number ', CAST(CAST(p.sequence_no AS BIGINT) AS STRING), ' came after ', CAST(CAST(p.highest_before AS BIGINT) AS STRING)) AS detail
FROM canonical.inventory_event e
JOIN placed p ON p.event_id = e.event_id
WHERE p.sequence_no < p.highest_before
