/*
title: Cases and their variants
question: Which way did each case take, and is it over?
definition: One row per case of a normative process, with its activities in order as one text, joined with " > ".
edge_rules:
  - A transfer is told at the receiving facility, which is the partner of its first shipment, else where it was received, else the partner of its first request, else where its first event happened. Events that state no partner are passed over.
  - A case is open while it has reached no end activity and its last event is younger than the process's horizon at as_of; exactly as old as the horizon is no longer open.
  - Events of one instant are a tie; the total order of process.case_event decides it, the same way in every build, and ties_count says how often.
  - Which cases there are, and what they have of item, supplier and shift, process.case_number says.
source: domain model, process models
owner: process owner
grain: [process, case_id]
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the case is told at}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  variant: {unit: text, description: activities in order}
  first_at: {unit: instant, description: its first event}
  last_at: {unit: instant, description: its last event}
  events_count: {unit: count, description: how many events it has, min: 1}
  is_open: {unit: boolean, description: it may still go on}
  variant_id: {unit: id, description: 'the first 16 digits of the MD5 of variant: the same in every build'}
  ties_count: {unit: count, description: events that happened in the same instant as the one before, min: 0}
  item_id: {unit: id, description: 'the one item of its events; NULL: none or several', nullable: true}
  supplier_id: {unit: id, description: 'the one supplier of its events; NULL: none or several', nullable: true}
  shift: {unit: text, description: 'the one shift of its events; NULL: none or several', nullable: true}
  case_no: {unit: number, description: number of the case in this build, min: 1}
additivity: additive
*/
WITH trace AS (
    SELECT
        case_no,
        -- Hashed twice: a hash of two values may be an XOR of their hashes, and then XOR would forget which was where.
        bit_xor(hash_of(hash_of(activity, event_order), event_order)) AS trace_hash,
        count(*) FILTER (WHERE waited_s = 0) AS ties_count
    FROM process.case_event
    GROUP BY case_no
), told AS (
    -- Of all events, the one with the lowest rank says where the case is told; ranks differ within a case.
    SELECT
        e.case_no,
        min_by(
            CASE
                WHEN e.activity IN ('transfer_shipped', 'transfer_requested') THEN coalesce(e.partner_facility_id, e.facility_id)
                ELSE e.facility_id
            END,
            e.event_order + CASE
                WHEN e.activity = 'transfer_shipped' AND e.partner_facility_id IS NOT NULL THEN 0
                WHEN e.activity = 'transfer_received' THEN 10000000000
                WHEN e.activity = 'transfer_requested' AND e.partner_facility_id IS NOT NULL THEN 20000000000
                ELSE 30000000000
            END
        ) AS facility_id
    FROM process.case_event e
    JOIN process.case_number n ON n.case_no = e.case_no
    WHERE n.is_between_facilities
    GROUP BY e.case_no
), sample AS (
    -- The text of a variant is written once, from any one of its cases.
    SELECT n.process, t.trace_hash, min(t.case_no) AS case_no
    FROM trace t
    JOIN process.case_number n ON n.case_no = t.case_no
    GROUP BY n.process, t.trace_hash
), named AS (
    SELECT s.process, s.trace_hash, trace_text(array_agg(trace_step(e.activity, e.event_order))) AS variant
    FROM sample s
    JOIN process.case_event e ON e.case_no = s.case_no
    GROUP BY s.process, s.trace_hash
), numbered AS (
    SELECT process, trace_hash, variant, substr(md5(variant), 1, 16) AS variant_id FROM named
)
SELECT
    n.process, coalesce(o.facility_id, n.facility_id) AS facility_id, n.case_id, v.variant, n.first_at, n.last_at, n.events_count,
    NOT n.is_ended AND seconds_between(n.last_at, x.as_of) < n.horizon_s AS is_open,
    v.variant_id, t.ties_count, n.item_id, n.supplier_id, n.shift, n.case_no
FROM process.case_number n
JOIN trace t ON t.case_no = n.case_no
JOIN numbered v ON v.process = n.process AND v.trace_hash = t.trace_hash
LEFT JOIN told o ON o.case_no = n.case_no
CROSS JOIN reference.evaluation x
