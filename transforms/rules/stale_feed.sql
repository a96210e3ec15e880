/*
title: Stale feed
question: Which feeds have fallen silent?
definition: Feeds at facilities whose newest known row is older at as_of than two expected intervals (status stale or silent of feed_health), and feeds that have delivered no row at all.
formula: "exceptions_count = count(feeds at facilities where as_of - watermark_at > 2 * expected_interval_s)"
edge_rules:
  - Opens at watermark_at + 2 expected intervals; of a feed without any row at as_of. The number of intervals is data, feed_statuses.csv.
  - Exactly two intervals old is late, not stale. A feed without an expected interval is not judged.
  - One per feed and facility; it is gone once a newer row is known.
source: domain model, exception rules
owner: data engineer
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: integration
cause: an upload failed, a job did not run, or the site does not work
sla: 14400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: 'feed:facility, or feed where it has no row'}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    h.facility_id,
    concat_ws(':', h.feed, h.facility_id) AS reference_id,
    coalesce(add_seconds(h.watermark_at, s.above_intervals * h.expected_interval_s), e.as_of) AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    CAST(NULL AS STRING) AS item_id,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity,
    'feed:' || replace(h.feed, ' ', '%20') AS evidence,
    concat_ws('', h.status, ', ', CASE WHEN h.watermark_at IS NULL THEN 'no row up to as_of'
        ELSE concat_ws('', 'nothing for ', CAST(CAST(round(h.age_s) AS BIGINT) AS STRING), ' s') END,
        '; expected every ', coalesce(CAST(CAST(round(h.expected_interval_s) AS BIGINT) AS STRING), '?'), ' s') AS detail
FROM marts.feed_health h
CROSS JOIN reference.evaluation e
JOIN reference.feed_status s ON s.status = 'stale'
WHERE h.status IN ('stale', 'silent')
