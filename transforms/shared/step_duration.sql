/*
title: Durations of steps inside a facility, counted
question: How often does each duration occur between two steps of a document's line?
definition: Durations in seconds between two steps of the same document, line and item at a facility, from the first start to the last end of each round, counted finished and open.
edge_rules:
  - "receiving: receipt_created to receipt_confirmed; putaway: receipt_confirmed to putaway_completed (dock-to-stock on the floor); dock_to_stock_ledger: receipt_confirmed to the posting of the last putaway; pick: pick_released to pick_confirmed; ship: pick_confirmed to shipment_confirmed; return_disposition: return_received to return_dispositioned; quality_hold: quality_hold_placed to quality_hold_released."
  - "transfer_approval: request to approval of a transfer, at the shipping facility; count_approval: counted to approved, of counts that differ from the books."
  - A step that has started and not ended is open since then and censored at as_of; one of which a later step has happened (received before confirmed and already put away, shipped without a pick) was skipped and has no duration.
  - A line can go through a step in rounds (delivered and put away again and again, held twice). A start after an end begins a new round, where the line had started the step before; ends before its first start are of the first round. At one instant a start comes before an end. Each round is a case.
  - An end without a start has no duration. What is done in parts ends with the last part of its round; negative durations stay.
  - Where the events of a document's item at a facility name one line, those that name none are of it; where they name several, or none, what names no line is a line of its own. Events without a document are in no step.
  - The ledger's dock-to-stock is open until every putaway of the round is posted; without a putaway it is open, too. Where the ERP is not expected to post putaways, only rounds whose putaways it did post are here.
source: "domain model, headline measures; APQC dock-to-stock cycle time (ends when the putaway is recorded), WERC (ends when it is done)"
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: step_time}
  group_1: {unit: id, description: facility, nullable: true}
  group_2: {unit: text, description: 'receiving, putaway, dock_to_stock_ledger, pick, ship, return_disposition, quality_hold, transfer_approval or count_approval'}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
WITH told AS (
    SELECT event_id, event_type, event_time, facility_id, document_id, document_line, item_id
    FROM canonical.inventory_event
    WHERE document_id IS NOT NULL
      AND event_type IN (
          'receipt_created', 'receipt_confirmed', 'putaway_completed', 'pick_released', 'pick_confirmed', 'shipment_confirmed',
          'return_received', 'return_dispositioned', 'quality_hold_placed', 'quality_hold_released'
      )
), sole_line AS (
    SELECT facility_id, document_id, item_id, min(document_line) AS document_line
    FROM told
    GROUP BY facility_id, document_id, item_id
    HAVING count(document_line) < count(*) AND min(document_line) = max(document_line)
), event AS (
    SELECT
        e.event_type, e.event_time, e.facility_id, e.document_id, coalesce(e.document_line, s.document_line, '') AS line_key,
        coalesce(e.item_id, '') AS item_key, l.posted_at
    FROM told e
    LEFT JOIN sole_line s
      ON s.facility_id = e.facility_id AND s.document_id = e.document_id AND coalesce(s.item_id, '') = coalesce(e.item_id, '')
    LEFT JOIN (SELECT event_id, posted_at FROM marts.event_latency WHERE event_type = 'putaway_completed') AS l
      ON l.event_id = e.event_id
), line AS (
    SELECT
        facility_id, document_id, line_key, item_key,
        min(CASE WHEN event_type = 'receipt_created' THEN event_time END) AS created_at,
        max(CASE WHEN event_type = 'receipt_created' THEN event_time END) AS last_created_at,
        min(CASE WHEN event_type = 'receipt_confirmed' THEN event_time END) AS confirmed_at,
        max(CASE WHEN event_type = 'receipt_confirmed' THEN event_time END) AS last_confirmed_at,
        min(CASE WHEN event_type = 'putaway_completed' THEN event_time END) AS put_away_at,
        max(CASE WHEN event_type = 'putaway_completed' THEN event_time END) AS last_put_away_at,
        min(CASE WHEN event_type = 'pick_released' THEN event_time END) AS released_at,
        max(CASE WHEN event_type = 'pick_released' THEN event_time END) AS last_released_at,
        min(CASE WHEN event_type = 'pick_confirmed' THEN event_time END) AS picked_at,
        max(CASE WHEN event_type = 'pick_confirmed' THEN event_time END) AS last_picked_at,
        min(CASE WHEN event_type = 'shipment_confirmed' THEN event_time END) AS left_at,
        max(CASE WHEN event_type = 'shipment_confirmed' THEN event_time END) AS last_left_at,
        min(CASE WHEN event_type = 'return_received' THEN event_time END) AS returned_at,
        max(CASE WHEN event_type = 'return_received' THEN event_time END) AS last_returned_at,
        min(CASE WHEN event_type = 'return_dispositioned' THEN event_time END) AS dispositioned_at,
        max(CASE WHEN event_type = 'return_dispositioned' THEN event_time END) AS last_dispositioned_at,
        min(CASE WHEN event_type = 'quality_hold_placed' THEN event_time END) AS held_at,
        max(CASE WHEN event_type = 'quality_hold_placed' THEN event_time END) AS last_held_at,
        min(CASE WHEN event_type = 'quality_hold_released' THEN event_time END) AS freed_at,
        max(CASE WHEN event_type = 'quality_hold_released' THEN event_time END) AS last_freed_at,
        max(posted_at) AS last_posted_at,
        count(CASE WHEN event_type = 'putaway_completed' THEN 1 END) - count(posted_at) AS unposted_count
    FROM event
    GROUP BY facility_id, document_id, line_key, item_key
), judged AS (
    -- Only a line of which a start comes after a start and after an end can have rounds; all others are one case a step.
    SELECT
        *,
        coalesce(
            (last_created_at > created_at AND last_created_at > confirmed_at)
            OR (last_confirmed_at > confirmed_at AND last_confirmed_at > put_away_at)
            OR (last_released_at > released_at AND last_released_at > picked_at)
            OR (last_picked_at > picked_at AND last_picked_at > left_at)
            OR (last_returned_at > returned_at AND last_returned_at > dispositioned_at)
            OR (last_held_at > held_at AND last_held_at > freed_at),
            FALSE) AS is_repeated
    FROM line
), once AS (
    SELECT * FROM judged WHERE NOT is_repeated
), part AS (
    -- Each event of a repeated line as what it is to a step, its start or its end, with what shows that the step was skipped.
    SELECT k.step, k.role, e.facility_id, e.document_id, e.line_key, e.item_key, e.event_time, e.posted_at,
        CASE k.step WHEN 'receiving' THEN j.last_put_away_at WHEN 'pick' THEN j.last_left_at END AS overtaken_at
    FROM event e
    JOIN judged j
      ON j.is_repeated AND j.facility_id = e.facility_id AND j.document_id = e.document_id
     AND j.line_key = e.line_key AND j.item_key = e.item_key
    JOIN (
        SELECT 'receiving' AS step, 'start' AS role, 'receipt_created' AS event_type
        UNION ALL SELECT 'receiving', 'stop', 'receipt_confirmed'
        UNION ALL SELECT 'putaway', 'start', 'receipt_confirmed'
        UNION ALL SELECT 'putaway', 'stop', 'putaway_completed'
        UNION ALL SELECT 'pick', 'start', 'pick_released'
        UNION ALL SELECT 'pick', 'stop', 'pick_confirmed'
        UNION ALL SELECT 'ship', 'start', 'pick_confirmed'
        UNION ALL SELECT 'ship', 'stop', 'shipment_confirmed'
        UNION ALL SELECT 'return_disposition', 'start', 'return_received'
        UNION ALL SELECT 'return_disposition', 'stop', 'return_dispositioned'
        UNION ALL SELECT 'quality_hold', 'start', 'quality_hold_placed'
        UNION ALL SELECT 'quality_hold', 'stop', 'quality_hold_released'
    ) AS k ON k.event_type = e.event_type
), ordered AS (
    -- By its name a start comes before a stop.
    SELECT
        *,
        lag(role) OVER (PARTITION BY step, facility_id, document_id, line_key, item_key ORDER BY event_time, role) AS role_before,
        min(CASE WHEN role = 'start' THEN event_time END) OVER (
            PARTITION BY step, facility_id, document_id, line_key, item_key) AS first_start_at
    FROM part
), numbered AS (
    SELECT
        *,
        sum(CASE WHEN role = 'start' AND role_before = 'stop' AND event_time > first_start_at THEN 1 ELSE 0 END) OVER (
            PARTITION BY step, facility_id, document_id, line_key, item_key ORDER BY event_time, role
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS round_no
    FROM ordered
), step_case AS (
    SELECT
        facility_id, 'receiving' AS step, created_at AS start_at, last_confirmed_at AS end_at, put_away_at IS NOT NULL AS is_overtaken,
        last_posted_at, unposted_count
    FROM once
    UNION ALL
    SELECT facility_id, 'putaway', confirmed_at, last_put_away_at, FALSE, last_posted_at, unposted_count FROM once
    UNION ALL
    SELECT facility_id, 'pick', released_at, last_picked_at, left_at IS NOT NULL, last_posted_at, unposted_count FROM once
    UNION ALL
    SELECT facility_id, 'ship', picked_at, last_left_at, FALSE, last_posted_at, unposted_count FROM once
    UNION ALL
    SELECT facility_id, 'return_disposition', returned_at, last_dispositioned_at, FALSE, last_posted_at, unposted_count FROM once
    UNION ALL
    SELECT facility_id, 'quality_hold', held_at, last_freed_at, FALSE, last_posted_at, unposted_count FROM once
    UNION ALL
    SELECT
        facility_id, step,
        min(CASE WHEN role = 'start' THEN event_time END),
        max(CASE WHEN role = 'stop' THEN event_time END),
        max(overtaken_at) IS NOT NULL AND (round_no = 0 OR max(overtaken_at) >= min(CASE WHEN role = 'start' THEN event_time END)),
        max(CASE WHEN role = 'stop' THEN posted_at END),
        count(CASE WHEN role = 'stop' THEN 1 END) - count(CASE WHEN role = 'stop' THEN posted_at END)
    FROM numbered
    GROUP BY facility_id, document_id, line_key, item_key, step, round_no
), step AS (
    SELECT facility_id, step, start_at, end_at
    FROM step_case
    WHERE end_at IS NOT NULL OR NOT is_overtaken
    UNION ALL
    SELECT r.facility_id, 'dock_to_stock_ledger', r.start_at, CASE WHEN r.unposted_count = 0 THEN r.last_posted_at END
    FROM step_case r
    CROSS JOIN (SELECT is_posting_expected FROM reference.event_type WHERE event_type = 'putaway_completed') AS t
    WHERE r.step = 'putaway' AND (t.is_posting_expected OR (r.unposted_count = 0 AND r.last_posted_at IS NOT NULL))
    UNION ALL
    SELECT from_facility_id, 'transfer_approval', requested_at, approved_at
    FROM marts.transfers
    WHERE approved_at IS NOT NULL OR (shipped_at IS NULL AND received_at IS NULL)
    UNION ALL
    SELECT facility_id, 'count_approval', counted_at, approved_at FROM marts.count_records WHERE NOT is_exact
), timed AS (
    SELECT s.facility_id, s.step, s.end_at, seconds_between(s.start_at, coalesce(s.end_at, v.as_of)) AS duration_s
    FROM step s
    CROSS JOIN reference.evaluation v
    WHERE s.start_at IS NOT NULL
)
SELECT
    'step_time' AS measure,
    facility_id AS group_1,
    step AS group_2,
    duration_s,
    count(end_at) AS finished_count,
    count(*) - count(end_at) AS censored_count
FROM timed
GROUP BY facility_id, step, duration_s
