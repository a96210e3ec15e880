/*
title: Distribution of latency
question: Is posting steady, or fast with a long tail?
definition: Number of posted events per latency class in seconds, per facility and event type.
formula: "events_count = count(lower_s <= latency_s < upper_s)"
headline: events_count
edge_rules:
  - The lower bound of a class is inclusive; class 0 holds negative latencies; the last class is open above (upper_s NULL).
  - Unposted events have no latency and are not here; event_type NULL is all types.
source: domain model, headline measures
owner: operations manager
grain: [facility_id, event_type, bucket_no]
direction: neutral
additivity: additive
columns:
  facility_id: {unit: id, description: the facility}
  event_type: {unit: text, description: 'event type; NULL: all types', nullable: true}
  bucket_no: {unit: number, description: class, min: 0}
  lower_s: {unit: s, description: 'lower bound, inclusive; NULL: open', nullable: true}
  upper_s: {unit: s, description: 'upper bound, exclusive; NULL: open', nullable: true}
  events_count: {unit: count, description: posted events in the class, min: 1}
*/
WITH classed AS (
    SELECT d.group_1 AS facility_id, d.group_2 AS event_type, b.bucket_no, sum(d.finished_count) AS n
    FROM shared.duration_count d
    JOIN reference.latency_bucket b
      ON (d.duration_s >= b.lower_s OR b.lower_s IS NULL) AND (d.duration_s < b.upper_s OR b.upper_s IS NULL)
    WHERE d.measure = 'event_latency' AND d.finished_count > 0
    GROUP BY d.group_1, d.group_2, b.bucket_no
), counted AS (
    SELECT facility_id, event_type, bucket_no, n FROM classed
    UNION ALL
    SELECT facility_id, CAST(NULL AS STRING) AS event_type, bucket_no, sum(n) AS n FROM classed GROUP BY facility_id, bucket_no
)
SELECT c.facility_id, c.event_type, c.bucket_no, b.lower_s, b.upper_s, CAST(c.n AS BIGINT) AS events_count
FROM counted c
JOIN reference.latency_bucket b ON b.bucket_no = c.bucket_no
