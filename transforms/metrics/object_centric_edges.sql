/*
title: Object-centric process map
question: What directly follows what in the life of an item, a lot, an order or another object, how often, and after how long?
definition: Directly-follows pairs of activities in the events of each object, counted by object type, with quantiles of the seconds between them, interpolated linearly.
formula: "edges_count = count(to_activity directly after from_activity in the events of one object)"
headline: edges_count
edge_rules:
  - The events of an object are in the total order of events, as process.event_number says, at whichever facility and in whichever process they happened.
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
WITH kind AS (
    -- By number, since every step is moved: by its object and place, then by the pair that it makes.
    SELECT
        object_type, activity,
        CAST(dense_rank() OVER (ORDER BY object_type) AS INT) AS type_no,
        CAST(row_number() OVER (ORDER BY object_type, activity) AS INT) AS kind_no
    FROM (SELECT DISTINCT object_type, activity FROM process.object_step) AS met
), step AS (
    SELECT
        s.object_no, k.kind_no AS to_no,
        lag(k.kind_no) OVER in_life AS from_no,
        seconds_between(lag(s.event_time) OVER in_life, s.event_time) AS waited_s
    FROM process.object_step s
    JOIN kind k ON k.object_type = s.object_type AND k.activity = s.activity
    WINDOW in_life AS (PARTITION BY s.object_no, k.type_no ORDER BY s.event_no)
), lived AS (
    SELECT from_no, to_no, count(DISTINCT object_no) AS objects_count FROM step GROUP BY from_no, to_no
), counted AS (
    SELECT from_no, to_no, waited_s, count(*) AS n FROM step GROUP BY from_no, to_no, waited_s
), placed AS (
    SELECT
        from_no, to_no, waited_s,
        sum(n) OVER (
            PARTITION BY from_no, to_no ORDER BY waited_s NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS until_n,
        CAST(sum(n) OVER (PARTITION BY from_no, to_no) AS BIGINT) AS edges_count
    FROM counted
), picked AS (
    SELECT
        from_no, to_no, edges_count,
        min(CASE WHEN until_n > floor((edges_count - 1) * 0.5) THEN waited_s END) AS p50_low_s,
        min(CASE WHEN until_n > ceil((edges_count - 1) * 0.5) THEN waited_s END) AS p50_high_s,
        min(CASE WHEN until_n > floor((edges_count - 1) * 0.9) THEN waited_s END) AS p90_low_s,
        min(CASE WHEN until_n > ceil((edges_count - 1) * 0.9) THEN waited_s END) AS p90_high_s
    FROM placed
    GROUP BY from_no, to_no, edges_count
), passed AS (
    SELECT to_no AS kind_no, edges_count AS n FROM picked
    UNION ALL
    SELECT from_no AS kind_no, -edges_count AS n FROM picked WHERE from_no IS NOT NULL
), ended AS (
    -- What comes to an activity and does not leave it ends there, each object once.
    SELECT kind_no, CAST(sum(n) AS BIGINT) AS ended_count FROM passed GROUP BY kind_no HAVING sum(n) > 0
)
SELECT
    t.object_type, f.activity AS from_activity, t.activity AS to_activity, p.edges_count, l.objects_count,
    p50_low_s + (p50_high_s - p50_low_s) * ((p.edges_count - 1) * 0.5 - floor((p.edges_count - 1) * 0.5)) AS p50_s,
    p90_low_s + (p90_high_s - p90_low_s) * ((p.edges_count - 1) * 0.9 - floor((p.edges_count - 1) * 0.9)) AS p90_s
FROM picked p
JOIN lived l ON l.to_no = p.to_no AND l.from_no IS NOT DISTINCT FROM p.from_no
JOIN kind t ON t.kind_no = p.to_no
LEFT JOIN kind f ON f.kind_no = p.from_no
UNION ALL
SELECT
    k.object_type, k.activity AS from_activity, CAST(NULL AS STRING) AS to_activity, e.ended_count AS edges_count,
    e.ended_count AS objects_count, CAST(NULL AS DOUBLE) AS p50_s, CAST(NULL AS DOUBLE) AS p90_s
FROM ended e
JOIN kind k ON k.kind_no = e.kind_no
