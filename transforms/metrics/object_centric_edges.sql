/*
title: Object-centric process map
question: What directly follows what in the life of an item, a lot, an order or another object, how often, and after how long?
definition: Directly-follows pairs of activities in the events of each object, counted by object type, with quantiles of the seconds between them, interpolated linearly.
formula: "edges_count = count(to_activity directly after from_activity in the events of one object)"
headline: edges_count
edge_rules:
  - The events of an object are in the total order of events (event_time, recorded_at, sequence_no, event_id; what is not stated comes first), at whichever facility and in whichever process they happened.
  - An event of several objects is an event in the life of each of them, so that the edges of object types must not be added up.
  - An object's first activity follows from_activity NULL, its last is followed by to_activity NULL; these pairs have no duration.
  - objects_count counts an object once for a pair, however often it has it.
  - Places and suppliers take part in events, but have no way of their own; they are left out.
not_to_be_confused_with: process_edges, where only the events of one case of one process follow each other
source: domain model, process models; OCEL 2.0 specification
owner: process owner
grain: [object_type, from_activity, to_activity]
columns:
  object_type: {unit: text, description: 'kind of the document, or document_line, item, lot, serial'}
  from_activity: {unit: text, description: 'activity before; NULL: the object begins', nullable: true}
  to_activity: {unit: text, description: 'activity after; NULL: the object ends', nullable: true}
  edges_count: {unit: count, description: how often, min: 1}
  objects_count: {unit: count, description: in the life of how many objects, min: 1}
  p50_s: {unit: s, description: median of the seconds between, nullable: true, min: 0}
  p90_s: {unit: s, description: 90th percentile of the seconds between, nullable: true, min: 0}
direction: neutral
additivity: non_additive
*/
WITH step AS (
    SELECT
        object_type, object_id, event_type AS to_activity,
        lag(event_type) OVER in_life AS from_activity,
        seconds_between(lag(event_time) OVER in_life, event_time) AS waited_s,
        lead(event_id) OVER in_life IS NULL AS is_last
    FROM process.event_object
    WHERE object_type NOT IN ('facility', 'supplier')
    -- The hash in front spares most comparisons of texts.
    WINDOW in_life AS (
        PARTITION BY hash_of(object_type, object_id), object_type, object_id
        ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id
    )
), edge AS (
    SELECT object_type, object_id, from_activity, to_activity, waited_s
    FROM step
    UNION ALL
    SELECT object_type, object_id, to_activity AS from_activity, CAST(NULL AS STRING) AS to_activity, CAST(NULL AS DOUBLE) AS waited_s
    FROM step
    WHERE is_last
)
SELECT
    object_type, from_activity, to_activity, count(*) AS edges_count, count(DISTINCT object_id) AS objects_count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_s) AS p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_s) AS p90_s
FROM edge
GROUP BY object_type, from_activity, to_activity
