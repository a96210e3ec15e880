-- A narrow copy of what states its delivery, read twice; conflicts are counted table by table, past the view of all.
WITH placed AS MATERIALIZED (
    SELECT a.feed, a.facility_id, a.ingested_at, epoch_us(a.happened_at) AS us
    FROM landing.accepted a
    ANTI JOIN (SELECT table_name, feed, landed_row FROM canonical.delivery WHERE copy_no > 1) d USING (table_name, feed, landed_row)
    WHERE a.ingested_at IS NOT NULL
), batch AS (
    SELECT feed, facility_id, ingested_at, max(us) AS newest
    FROM placed, reference.evaluation v
    WHERE ingested_at <= v.as_of
    GROUP BY ALL
), bound AS MATERIALIZED (
    SELECT feed, facility_id, ingested_at, max(newest) OVER (PARTITION BY feed, facility_id ORDER BY ingested_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM batch
), timed AS (
    SELECT p.feed, count(*) AS timed, count(*) FILTER (p.us < b.before) AS disordered
    FROM placed p
    JOIN bound b ON b.feed = p.feed AND b.ingested_at = p.ingested_at AND b.facility_id IS NOT DISTINCT FROM p.facility_id
    GROUP BY p.feed
), conflict AS (
    SELECT feed, count(*) AS conflicts
    FROM (
        SELECT feed FROM canonical.inventory_event_delivery WHERE copy_no = 1 AND is_visible AND NOT is_used
        UNION ALL SELECT feed FROM canonical.erp_posting_delivery WHERE copy_no = 1 AND is_visible AND NOT is_used
        UNION ALL SELECT feed FROM canonical.count_record_delivery WHERE copy_no = 1 AND is_visible AND NOT is_used
    )
    GROUP BY feed
), reconciled AS (
    SELECT feed, sum(received_count) AS received, sum(accepted_count) AS accepted, sum(quarantined_count) AS quarantined, sum(duplicate_count) AS duplicated
    FROM marts.feed_reconciliation
    GROUP BY feed
), covered AS (
    SELECT feed, sum(covered_count) AS covered, sum(intervals_count) AS intervals FROM marts.feed_health GROUP BY feed
)
SELECT
    f.feed, coalesce(r.received, 0)::BIGINT AS received_count, coalesce(r.accepted, 0)::BIGINT AS accepted_count,
    coalesce(r.quarantined, 0)::BIGINT AS quarantined_count, coalesce(r.duplicated, 0)::BIGINT AS duplicate_count,
    coalesce(c.conflicts, 0)::BIGINT AS conflict_count, coalesce(t.timed, 0)::BIGINT AS timed_count, coalesce(t.disordered, 0)::BIGINT AS disorder_count,
    r.duplicated::DOUBLE / nullif(r.received, 0) AS duplicate_ratio, r.quarantined::DOUBLE / nullif(r.received, 0) AS quarantine_ratio,
    coalesce(c.conflicts, 0)::DOUBLE / nullif(r.accepted, 0) AS conflict_ratio, t.disordered::DOUBLE / nullif(t.timed, 0) AS disorder_ratio,
    h.covered::DOUBLE / nullif(h.intervals, 0) AS completeness_ratio,
    nullif(concat_ws('; ',
        if(coalesce(h.intervals, 0) = 0, 'no expected interval, or no row', NULL), if(coalesce(t.timed, 0) = 0, 'no row states when it was received', NULL)), '') AS unknown_reason
FROM reference.feed f
LEFT JOIN reconciled r USING (feed)
LEFT JOIN conflict c USING (feed)
LEFT JOIN timed t USING (feed)
LEFT JOIN covered h USING (feed)
