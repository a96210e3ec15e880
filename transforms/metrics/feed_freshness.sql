/*
title: Feed freshness
question: Which feed has gone silent?
definition: Per feed and facility, the newest instant it stated up to as_of and its age in seconds.
edge_rules:
  - Stale means older than twice the expected interval that the feed states; a feed that states none is never stale.
  - A feed that has delivered nothing has no facility, no instant and no age, and is stale where it states an interval.
  - An order or purchase line speaks as of its last change, else as of its ordering; what is promised or due is no sign of life.
source: domain model, also
owner: data engineer
grain: [feed, facility_id]
direction: down_is_good
columns:
  feed: {unit: text, description: the feed}
  facility_id: {unit: id, description: the facility, nullable: true}
  last_event_at: {unit: instant, description: newest instant stated, nullable: true}
  age_s: {unit: s, description: as_of - last_event_at, nullable: true}
  expected_interval_s: {unit: s, description: how often something should come, nullable: true, min: 1}
  is_stale: {unit: boolean, description: older than twice the expected interval}
*/
WITH stated AS (
    SELECT feed, facility_id, max(event_time) AS last_event_at FROM canonical.inventory_event GROUP BY feed, facility_id
    UNION ALL
    SELECT feed, facility_id, max(posted_at) AS last_event_at FROM canonical.erp_posting GROUP BY feed, facility_id
    UNION ALL
    SELECT feed, facility_id, max(counted_at) AS last_event_at FROM canonical.count_record GROUP BY feed, facility_id
    UNION ALL
    SELECT feed, facility_id, max(coalesce(last_changed_at, ordered_at)) AS last_event_at
    FROM canonical.order_line GROUP BY feed, facility_id
    UNION ALL
    SELECT feed, facility_id, max(coalesce(last_changed_at, ordered_at)) AS last_event_at
    FROM canonical.purchase_line GROUP BY feed, facility_id
), newest AS (
    SELECT feed, facility_id, max(last_event_at) AS last_event_at FROM stated GROUP BY feed, facility_id
), aged AS (
    SELECT
        f.feed,
        n.facility_id,
        n.last_event_at,
        seconds_between(n.last_event_at, e.as_of) AS age_s,
        f.expected_interval_s
    FROM reference.feed f
    CROSS JOIN reference.evaluation e
    LEFT JOIN newest n ON n.feed = f.feed
)
SELECT
    feed, facility_id, last_event_at, age_s, expected_interval_s,
    expected_interval_s IS NOT NULL AND (age_s IS NULL OR age_s > 2 * expected_interval_s) AS is_stale
FROM aged
