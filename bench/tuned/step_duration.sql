-- One aggregate over the lines, with the postings of putaways joined before it, so that the lines are grouped once; lines that start a step again after an
-- end of it are told by rounds under a number of their own. Only items of which an event names no line are searched for the line of the others.
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
        e.facility_id, e.document_id, coalesce(e.document_line, o.line) AS line, e.item_id,
        min(e.event_time) FILTER (e.event_type = 'receipt_created') AS rc, max(e.event_time) FILTER (e.event_type = 'receipt_created') AS rc_last,
        min(e.event_time) FILTER (e.event_type = 'receipt_confirmed') AS rf, max(e.event_time) FILTER (e.event_type = 'receipt_confirmed') AS rf_last,
        min(e.event_time) FILTER (e.event_type = 'putaway_completed') AS pa, max(e.event_time) FILTER (e.event_type = 'putaway_completed') AS pa_last,
        min(e.event_time) FILTER (e.event_type = 'pick_released') AS pr, max(e.event_time) FILTER (e.event_type = 'pick_released') AS pr_last,
        min(e.event_time) FILTER (e.event_type = 'pick_confirmed') AS pc, max(e.event_time) FILTER (e.event_type = 'pick_confirmed') AS pc_last,
        min(e.event_time) FILTER (e.event_type = 'shipment_confirmed') AS sc, max(e.event_time) FILTER (e.event_type = 'shipment_confirmed') AS sc_last,
        min(e.event_time) FILTER (e.event_type = 'return_received') AS rr, max(e.event_time) FILTER (e.event_type = 'return_received') AS rr_last,
        min(e.event_time) FILTER (e.event_type = 'return_dispositioned') AS rd, max(e.event_time) FILTER (e.event_type = 'return_dispositioned') AS rd_last,
        min(e.event_time) FILTER (e.event_type = 'quality_hold_placed') AS hp, max(e.event_time) FILTER (e.event_type = 'quality_hold_placed') AS hp_last,
        min(e.event_time) FILTER (e.event_type = 'quality_hold_released') AS hr, max(e.event_time) FILTER (e.event_type = 'quality_hold_released') AS hr_last,
        max(l.posted_at) AS posted_at, count(*) FILTER (e.event_type = 'putaway_completed') = count(l.posted_at) AS is_posted
    FROM told e
    LEFT JOIN sole_line o ON o.facility_id = e.facility_id AND o.document_id = e.document_id AND o.item_id IS NOT DISTINCT FROM e.item_id
    LEFT JOIN (SELECT event_id, posted_at FROM marts.event_latency WHERE event_type = 'putaway_completed' AND is_posted) l ON l.event_id = e.event_id
    GROUP BY ALL
), repeated AS MATERIALIZED (
    SELECT row_number() OVER () AS k, *
    FROM line
    WHERE (rc_last > rc AND rc_last > rf)
            OR (rf_last > rf AND rf_last > pa)
            OR (pr_last > pr AND pr_last > pc)
            OR (pc_last > pc AND pc_last > sc)
            OR (rr_last > rr AND rr_last > rd)
            OR (hp_last > hp AND hp_last > hr)
), ordered AS (
    SELECT
        r.k, s.step, r.facility_id, t.event_time, NOT s.is_start AS is_stop, l.posted_at,
        CASE s.step WHEN 'receiving' THEN r.pa_last WHEN 'pick' THEN r.sc_last END AS overtaken_at,
        CASE s.step WHEN 'receiving' THEN r.rc WHEN 'putaway' THEN r.rf WHEN 'pick' THEN r.pr WHEN 'ship' THEN r.pc WHEN 'return_disposition' THEN r.rr ELSE r.hp END AS first_start_at,
        lag(NOT s.is_start) OVER (PARTITION BY r.k, s.step ORDER BY t.event_time, s.is_start DESC) AS after_stop
    FROM repeated r
    JOIN told t ON t.facility_id = r.facility_id AND t.document_id = r.document_id AND t.item_id IS NOT DISTINCT FROM r.item_id
    LEFT JOIN sole_line o ON o.facility_id = t.facility_id AND o.document_id = t.document_id AND o.item_id IS NOT DISTINCT FROM t.item_id
    LEFT JOIN (SELECT event_id, posted_at FROM marts.event_latency WHERE event_type = 'putaway_completed' AND is_posted) l ON l.event_id = t.event_id
    JOIN (
        VALUES
            ('receiving', 'receipt_created', TRUE), ('receiving', 'receipt_confirmed', FALSE),
            ('putaway', 'receipt_confirmed', TRUE), ('putaway', 'putaway_completed', FALSE),
            ('pick', 'pick_released', TRUE), ('pick', 'pick_confirmed', FALSE),
            ('ship', 'pick_confirmed', TRUE), ('ship', 'shipment_confirmed', FALSE),
            ('return_disposition', 'return_received', TRUE), ('return_disposition', 'return_dispositioned', FALSE),
            ('quality_hold', 'quality_hold_placed', TRUE), ('quality_hold', 'quality_hold_released', FALSE)
    ) s(step, event_type, is_start) ON s.event_type = t.event_type
    WHERE coalesce(t.document_line, o.line) IS NOT DISTINCT FROM r.line
), numbered AS (
    SELECT
        *, count(*) FILTER (NOT is_stop AND after_stop AND event_time > first_start_at)
            OVER (PARTITION BY k, step ORDER BY event_time, is_stop ROWS UNBOUNDED PRECEDING) AS round_no
    FROM ordered
), round AS MATERIALIZED (
    SELECT
        step, any_value(facility_id) AS facility_id, min(event_time) FILTER (NOT is_stop) AS start_at, max(event_time) FILTER (is_stop) AS end_at,
        coalesce(max(overtaken_at) >= if(round_no = 0, '-infinity'::TIMESTAMPTZ, min(event_time) FILTER (NOT is_stop)), FALSE) AS is_overtaken,
        max(posted_at) FILTER (is_stop) AS posted_at, count(*) FILTER (is_stop) = count(posted_at) FILTER (is_stop) AS is_posted
    FROM numbered
    GROUP BY k, step, round_no
), once AS (
    SELECT * FROM line WHERE (
            (rc_last > rc AND rc_last > rf)
            OR (rf_last > rf AND rf_last > pa)
            OR (pr_last > pr AND pr_last > pc)
            OR (pc_last > pc AND pc_last > sc)
            OR (rr_last > rr AND rr_last > rd)
            OR (hp_last > hp AND hp_last > hr)
        ) IS NOT TRUE
), step AS (
    SELECT facility_id, 'receiving' AS step, rc AS start_at, rf_last AS end_at FROM once WHERE rc IS NOT NULL AND (rf IS NOT NULL OR pa IS NULL)
    UNION ALL SELECT facility_id, 'putaway', rf, pa_last FROM once WHERE rf IS NOT NULL
    UNION ALL SELECT facility_id, 'pick', pr, pc_last FROM once WHERE pr IS NOT NULL AND (pc IS NOT NULL OR sc IS NULL)
    UNION ALL SELECT facility_id, 'ship', pc, sc_last FROM once WHERE pc IS NOT NULL
    UNION ALL SELECT facility_id, 'return_disposition', rr, rd_last FROM once WHERE rr IS NOT NULL
    UNION ALL SELECT facility_id, 'quality_hold', hp, hr_last FROM once WHERE hp IS NOT NULL
    UNION ALL SELECT facility_id, 'dock_to_stock_ledger', rf, if(is_posted, posted_at, NULL) FROM once
    WHERE rf IS NOT NULL AND ((SELECT is_posting_expected FROM reference.event_type WHERE event_type = 'putaway_completed') OR (is_posted AND posted_at IS NOT NULL))
    UNION ALL SELECT facility_id, step, start_at, end_at FROM round WHERE start_at IS NOT NULL AND (end_at IS NOT NULL OR NOT is_overtaken)
    UNION ALL SELECT facility_id, 'dock_to_stock_ledger', start_at, if(is_posted, posted_at, NULL) FROM round
    WHERE step = 'putaway' AND start_at IS NOT NULL AND ((SELECT is_posting_expected FROM reference.event_type WHERE event_type = 'putaway_completed') OR (is_posted AND posted_at IS NOT NULL))
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
