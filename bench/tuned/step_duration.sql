-- One aggregate over the lines, with the postings of putaways joined before it, so that the lines are grouped once; only
-- items of which an event names no line are searched for the line of the others.
WITH told AS (
    SELECT event_id, event_type, event_time, facility_id, document_id, document_line, item_id
    FROM canonical.inventory_event
    WHERE document_id IS NOT NULL
      AND event_type IN (
          'receipt_created', 'receipt_confirmed', 'putaway_completed', 'pick_released', 'pick_confirmed', 'shipment_confirmed',
          'return_received', 'return_dispositioned', 'quality_hold_placed', 'quality_hold_released'
      )
), sole_line AS MATERIALIZED (
    SELECT facility_id, document_id, item_id, min(document_line) AS line
    FROM told
    WHERE (facility_id, document_id) IN (SELECT (facility_id, document_id) FROM told WHERE document_line IS NULL)
    GROUP BY facility_id, document_id, item_id
    HAVING min(document_line) = max(document_line)
), line AS MATERIALIZED (
    SELECT
        e.facility_id,
        min(e.event_time) FILTER (e.event_type = 'receipt_created') AS created_at,
        min(e.event_time) FILTER (e.event_type = 'receipt_confirmed') AS confirmed_at,
        max(e.event_time) FILTER (e.event_type = 'receipt_confirmed') AS last_confirmed_at,
        max(e.event_time) FILTER (e.event_type = 'putaway_completed') AS put_away_at,
        min(e.event_time) FILTER (e.event_type = 'pick_released') AS released_at,
        min(e.event_time) FILTER (e.event_type = 'pick_confirmed') AS picked_at,
        max(e.event_time) FILTER (e.event_type = 'pick_confirmed') AS last_picked_at,
        max(e.event_time) FILTER (e.event_type = 'shipment_confirmed') AS left_at,
        min(e.event_time) FILTER (e.event_type = 'return_received') AS returned_at,
        max(e.event_time) FILTER (e.event_type = 'return_dispositioned') AS dispositioned_at,
        min(e.event_time) FILTER (e.event_type = 'quality_hold_placed') AS held_at,
        max(e.event_time) FILTER (e.event_type = 'quality_hold_released') AS freed_at,
        max(l.posted_at) AS last_posted_at,
        count(*) FILTER (e.event_type = 'putaway_completed') = count(l.posted_at) AS is_posted
    FROM told e
    LEFT JOIN sole_line o ON o.facility_id = e.facility_id AND o.document_id = e.document_id AND o.item_id IS NOT DISTINCT FROM e.item_id
    LEFT JOIN (SELECT event_id, posted_at FROM marts.event_latency WHERE event_type = 'putaway_completed' AND is_posted) l ON l.event_id = e.event_id
    GROUP BY e.facility_id, e.document_id, coalesce(e.document_line, o.line), e.item_id
), step AS (
    SELECT facility_id, 'receiving' AS step, created_at AS start_at, last_confirmed_at AS end_at FROM line
    WHERE created_at IS NOT NULL AND (last_confirmed_at IS NOT NULL OR put_away_at IS NULL)
    UNION ALL SELECT facility_id, 'putaway', confirmed_at, put_away_at FROM line WHERE confirmed_at IS NOT NULL
    UNION ALL SELECT facility_id, 'dock_to_stock_ledger', confirmed_at, if(is_posted, last_posted_at, NULL) FROM line
    WHERE confirmed_at IS NOT NULL
      AND ((SELECT is_posting_expected FROM reference.event_type WHERE event_type = 'putaway_completed') OR (is_posted AND last_posted_at IS NOT NULL))
    UNION ALL SELECT facility_id, 'pick', released_at, last_picked_at FROM line WHERE released_at IS NOT NULL AND (last_picked_at IS NOT NULL OR left_at IS NULL)
    UNION ALL SELECT facility_id, 'ship', picked_at, left_at FROM line WHERE picked_at IS NOT NULL
    UNION ALL SELECT facility_id, 'return_disposition', returned_at, dispositioned_at FROM line WHERE returned_at IS NOT NULL
    UNION ALL SELECT facility_id, 'quality_hold', held_at, freed_at FROM line WHERE held_at IS NOT NULL
    UNION ALL SELECT from_facility_id, 'transfer_approval', requested_at, approved_at FROM marts.transfers
    WHERE requested_at IS NOT NULL AND (approved_at IS NOT NULL OR (shipped_at IS NULL AND received_at IS NULL))
    UNION ALL SELECT facility_id, 'count_approval', counted_at, approved_at FROM marts.count_records WHERE NOT is_exact
), timed AS (
    SELECT facility_id, step, end_at, epoch_us(coalesce(end_at, v.as_of)) - epoch_us(start_at) AS us
    FROM step, reference.evaluation v
)
SELECT
    'step_time' AS measure, facility_id AS group_1, step AS group_2, us / 1e6 AS duration_s,
    count(end_at) AS finished_count, count(*) - count(end_at) AS censored_count
FROM timed
GROUP BY facility_id, step, us
