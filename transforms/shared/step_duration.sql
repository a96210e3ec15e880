/*
title: Durations of steps inside a facility, counted
question: How often does each duration occur between two steps of a document's line?
definition: Durations in seconds between two steps of the same document, line and item at a facility, from the first start to the last end, counted finished and open.
edge_rules:
  - "receiving: receipt_created to receipt_confirmed; putaway: receipt_confirmed to putaway_completed (dock-to-stock on the floor); dock_to_stock_ledger: receipt_confirmed to the posting of the last putaway; pick: pick_released to pick_confirmed; ship: pick_confirmed to shipment_confirmed; return_disposition: return_received to return_dispositioned; quality_hold: quality_hold_placed to quality_hold_released."
  - "transfer_approval: request to approval of a transfer, at the shipping facility; count_approval: counted to approved, of counts that differ from the books."
  - A step that has started and not ended is open since then and censored at as_of; one of which a later step has happened (received before confirmed and already put away, shipped without a pick) was skipped and has no duration.
  - An end without a start has no duration. What is done in parts ends with its last part; negative durations stay.
  - Where the events of a document's item at a facility name one line, those that name none are of it; where they name several, or none, what names no line is a line of its own. Events without a document are in no step.
  - The ledger's dock-to-stock is open until every putaway of the line is posted; without a putaway it is open, too. Where the ERP is not expected to post putaways, only lines whose putaways it did post are here.
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
        e.event_id, e.event_type, e.event_time, e.facility_id, e.document_id, e.item_id,
        coalesce(e.document_line, s.document_line) AS document_line
    FROM told e
    LEFT JOIN sole_line s
      ON s.facility_id = e.facility_id AND s.document_id = e.document_id AND coalesce(s.item_id, '') = coalesce(e.item_id, '')
), line AS (
    SELECT
        facility_id, document_id, document_line, item_id,
        min(CASE WHEN event_type = 'receipt_created' THEN event_time END) AS created_at,
        min(CASE WHEN event_type = 'receipt_confirmed' THEN event_time END) AS confirmed_at,
        max(CASE WHEN event_type = 'receipt_confirmed' THEN event_time END) AS last_confirmed_at,
        max(CASE WHEN event_type = 'putaway_completed' THEN event_time END) AS put_away_at,
        min(CASE WHEN event_type = 'pick_released' THEN event_time END) AS released_at,
        min(CASE WHEN event_type = 'pick_confirmed' THEN event_time END) AS picked_at,
        max(CASE WHEN event_type = 'pick_confirmed' THEN event_time END) AS last_picked_at,
        max(CASE WHEN event_type = 'shipment_confirmed' THEN event_time END) AS left_at,
        min(CASE WHEN event_type = 'return_received' THEN event_time END) AS returned_at,
        max(CASE WHEN event_type = 'return_dispositioned' THEN event_time END) AS dispositioned_at,
        min(CASE WHEN event_type = 'quality_hold_placed' THEN event_time END) AS held_at,
        max(CASE WHEN event_type = 'quality_hold_released' THEN event_time END) AS freed_at
    FROM event
    GROUP BY facility_id, document_id, document_line, item_id
), put_away AS (
    SELECT
        e.facility_id, e.document_id, e.document_line, e.item_id,
        CASE WHEN count(*) = count(l.posted_at) THEN max(l.posted_at) END AS posted_at
    FROM event e
    LEFT JOIN (SELECT event_id, posted_at FROM marts.event_latency WHERE event_type = 'putaway_completed') AS l
      ON l.event_id = e.event_id
    WHERE e.event_type = 'putaway_completed'
    GROUP BY e.facility_id, e.document_id, e.document_line, e.item_id
), in_books AS (
    SELECT l.facility_id, l.confirmed_at AS start_at, p.posted_at AS end_at
    FROM line l
    CROSS JOIN (SELECT is_posting_expected FROM reference.event_type WHERE event_type = 'putaway_completed') AS t
    LEFT JOIN put_away p
      ON p.facility_id = l.facility_id AND p.document_id = l.document_id
     AND coalesce(p.document_line, '') = coalesce(l.document_line, '') AND coalesce(p.item_id, '') = coalesce(l.item_id, '')
    WHERE l.confirmed_at IS NOT NULL AND (t.is_posting_expected OR p.posted_at IS NOT NULL)
), step AS (
    SELECT facility_id, 'receiving' AS step, created_at AS start_at, last_confirmed_at AS end_at
    FROM line
    WHERE last_confirmed_at IS NOT NULL OR put_away_at IS NULL
    UNION ALL
    SELECT facility_id, 'putaway', confirmed_at, put_away_at FROM line
    UNION ALL
    SELECT facility_id, 'dock_to_stock_ledger', start_at, end_at FROM in_books
    UNION ALL
    SELECT facility_id, 'pick', released_at, last_picked_at FROM line WHERE last_picked_at IS NOT NULL OR left_at IS NULL
    UNION ALL
    SELECT facility_id, 'ship', picked_at, left_at FROM line
    UNION ALL
    SELECT facility_id, 'return_disposition', returned_at, dispositioned_at FROM line
    UNION ALL
    SELECT facility_id, 'quality_hold', held_at, freed_at FROM line
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
