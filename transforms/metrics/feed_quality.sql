/*
title: Feed quality
question: How clean does each feed deliver?
definition: Per feed, the shares of its rows that were repeated, refused, told with other content, or delivered out of order, and the share of its expected intervals into which any row falls.
formula: duplicate_ratio = duplicate_count / received_count; quarantine_ratio = quarantined_count / received_count; conflict_ratio = conflict_count / accepted_count; completeness_ratio = covered intervals / intervals; disorder_ratio = disorder_count / timed_count
headline: quarantine_ratio
edge_rules:
  - Received, accepted, quarantined and duplicate rows are those of feed_reconciliation, over all files of the feed. A feed without files has a row with zeros and NULL ratios.
  - A conflict is an accepted row of an event, a posting or a count of whose key another content is used; one that was delivered after as_of is none yet. Order lines, invoices and other things that their source goes on changing are no conflicts.
  - Out of order is an accepted row, so no duplicate, that was received (ingested_at) strictly later than a row of the same facility that happened later. Only rows that state ingested_at are judged (timed_count), up to as_of.
  - completeness_ratio is over all facilities of the feed that have an expected interval, as in feed_health.
  - A ratio is NULL where its denominator is zero; unknown_reason says so for completeness and order, where that is usual.
not_to_be_confused_with: feed_health, which says how fresh a feed is
source: domain model, truth at the boundary
owner: data engineer
grain: [feed]
direction: down_is_good
columns:
  feed: {unit: text, description: the feed}
  received_count: {unit: count, description: rows received, min: 0}
  accepted_count: {unit: count, description: rows accepted, min: 0}
  quarantined_count: {unit: count, description: rows refused, min: 0}
  duplicate_count: {unit: count, description: rows delivered before with the same content, min: 0}
  conflict_count: {unit: count, description: accepted rows replaced by another content, min: 0}
  timed_count: {unit: count, description: accepted rows that state when they were received, min: 0}
  disorder_count: {unit: count, description: those that came after one that happened later, min: 0}
  duplicate_ratio: {unit: ratio, description: duplicate_count / received_count, nullable: true, min: 0, max: 1}
  quarantine_ratio: {unit: ratio, description: quarantined_count / received_count, nullable: true, min: 0, max: 1}
  conflict_ratio: {unit: ratio, description: conflict_count / accepted_count, nullable: true, min: 0, max: 1}
  disorder_ratio: {unit: ratio, description: disorder_count / timed_count, nullable: true, min: 0, max: 1}
  completeness_ratio: {unit: ratio, description: expected intervals with a row / expected intervals, nullable: true, min: 0, max: 1}
  unknown_reason: {unit: text, description: why completeness_ratio or disorder_ratio is NULL, nullable: true}
*/
WITH reconciled AS (
    SELECT
        feed,
        sum(received_count) AS received,
        sum(accepted_count) AS accepted,
        sum(quarantined_count) AS quarantined,
        sum(duplicate_count) AS duplicated
    FROM marts.feed_reconciliation
    GROUP BY feed
), conflict AS (
    SELECT feed, count(*) AS conflicts
    FROM canonical.delivery
    WHERE copy_no = 1 AND is_visible AND NOT is_used AND table_name IN ('inventory_event', 'erp_posting', 'count_record')
    GROUP BY feed
), delivered AS (
    SELECT a.feed, a.facility_id, a.ingested_at, a.happened_at
    FROM landing.accepted a
    CROSS JOIN reference.evaluation e
    LEFT JOIN (SELECT table_name, feed, landed_row FROM canonical.delivery WHERE copy_no > 1) AS d
      ON d.table_name = a.table_name AND d.feed = a.feed AND d.landed_row = a.landed_row
    WHERE a.ingested_at <= e.as_of AND d.feed IS NULL
), batch AS (
    SELECT feed, facility_id, ingested_at, max(happened_at) AS newest_at
    FROM delivered
    GROUP BY feed, facility_id, ingested_at
), bound AS (
    SELECT
        feed, facility_id, ingested_at,
        max(newest_at) OVER (
            PARTITION BY feed, facility_id ORDER BY ingested_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS newest_before_at
    FROM batch
), timed AS (
    SELECT
        a.feed,
        count(*) AS timed,
        count(CASE WHEN a.happened_at < b.newest_before_at THEN 1 END) AS disordered
    FROM delivered a
    JOIN bound b
      ON b.feed = a.feed AND b.ingested_at = a.ingested_at AND b.facility_id IS NOT DISTINCT FROM a.facility_id
    GROUP BY a.feed
), covered AS (
    SELECT feed, sum(covered_count) AS covered, sum(intervals_count) AS intervals
    FROM marts.feed_health
    GROUP BY feed
)
SELECT
    f.feed,
    CAST(coalesce(r.received, 0) AS BIGINT) AS received_count,
    CAST(coalesce(r.accepted, 0) AS BIGINT) AS accepted_count,
    CAST(coalesce(r.quarantined, 0) AS BIGINT) AS quarantined_count,
    CAST(coalesce(r.duplicated, 0) AS BIGINT) AS duplicate_count,
    CAST(coalesce(c.conflicts, 0) AS BIGINT) AS conflict_count,
    CAST(coalesce(t.timed, 0) AS BIGINT) AS timed_count,
    CAST(coalesce(t.disordered, 0) AS BIGINT) AS disorder_count,
    CAST(r.duplicated AS DOUBLE) / nullif(r.received, 0) AS duplicate_ratio,
    CAST(r.quarantined AS DOUBLE) / nullif(r.received, 0) AS quarantine_ratio,
    CAST(coalesce(c.conflicts, 0) AS DOUBLE) / nullif(r.accepted, 0) AS conflict_ratio,
    CAST(t.disordered AS DOUBLE) / nullif(t.timed, 0) AS disorder_ratio,
    CAST(h.covered AS DOUBLE) / nullif(h.intervals, 0) AS completeness_ratio,
    nullif(concat_ws('; ',
        CASE WHEN coalesce(h.intervals, 0) = 0 THEN 'no expected interval, or no row' END,
        CASE WHEN coalesce(t.timed, 0) = 0 THEN 'no row states when it was received' END
    ), '') AS unknown_reason
FROM reference.feed f
LEFT JOIN reconciled r ON r.feed = f.feed
LEFT JOIN conflict c ON c.feed = f.feed
LEFT JOIN timed t ON t.feed = f.feed
LEFT JOIN covered h ON h.feed = f.feed
