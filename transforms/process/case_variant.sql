/*
title: Cases and their variants
question: Which way did each case take, and is it over?
definition: One row per case of a normative process, with its activities in order as one text, joined with " > ".
edge_rules:
  - A case needs an activity that makes one; a quality hold without a receipt is no receiving case.
  - A transfer is told at the receiving facility, which is the partner of its first shipment, else where it was received, else the partner of its first request, else where its first event happened. Events that state no partner are passed over.
  - A case is open while it has reached no end activity and its last event is younger than the process's horizon at as_of; exactly as old as the horizon is no longer open.
  - Events of one instant are a tie; the total order of process.case_event decides it, the same way in every build, and ties_count says how often.
  - A case has the item, supplier or shift that its events state, whichever of them state one; where they state several, it has none.
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
additivity: additive
*/
WITH told AS (
    -- Of all events, the one with the lowest rank says where the case is told; ranks differ within a case.
    SELECT
        e.*,
        CASE
            WHEN activity IN ('transfer_shipped', 'transfer_requested') THEN coalesce(partner_facility_id, facility_id)
            ELSE facility_id
        END AS told_at,
        event_order + CASE
            WHEN activity = 'transfer_shipped' AND partner_facility_id IS NOT NULL THEN 0
            WHEN activity = 'transfer_received' THEN 10000000000
            WHEN activity = 'transfer_requested' AND partner_facility_id IS NOT NULL THEN 20000000000
            ELSE 30000000000
        END AS told_rank
    FROM process.case_event e
), whole AS (
    SELECT
        t.process, t.case_id, min_by(t.told_at, t.told_rank) AS facility_id,
        -- Hashed twice: a hash of two values may be an XOR of their hashes, and then XOR would forget which was where.
        bit_xor(hash_of(hash_of(t.activity, t.event_order), t.event_order)) AS trace_hash,
        min(t.event_time) AS first_at, max(t.event_time) AS last_at, count(*) AS events_count,
        count(*) FILTER (WHERE t.waited_s = 0) AS ties_count,
        bool_or(a.is_core) AS has_core, bool_or(a.is_end) AS has_end, max(a.horizon_s) AS horizon_s,
        CASE WHEN min(t.item_id) = max(t.item_id) THEN min(t.item_id) END AS item_id,
        CASE WHEN min(t.supplier_id) = max(t.supplier_id) THEN min(t.supplier_id) END AS supplier_id,
        CASE WHEN min(t.shift) = max(t.shift) THEN min(t.shift) END AS shift
    FROM told t
    JOIN reference.process_activity a ON a.process = t.process AND a.event_type = t.activity
    GROUP BY t.process, t.case_id
), sample AS (
    -- The text of a variant is written once, from any one of its cases.
    SELECT process, trace_hash, min(case_id) AS case_id
    FROM whole
    WHERE has_core
    GROUP BY process, trace_hash
), named AS (
    SELECT s.process, s.trace_hash, trace_text(array_agg(trace_step(e.activity, e.event_order))) AS variant
    FROM sample s
    JOIN process.case_event e ON e.process = s.process AND e.case_id = s.case_id
    GROUP BY s.process, s.trace_hash
), numbered AS (
    SELECT process, trace_hash, variant, substr(md5(variant), 1, 16) AS variant_id FROM named
)
SELECT
    w.process, w.facility_id, w.case_id, n.variant, w.first_at, w.last_at, w.events_count,
    NOT w.has_end AND seconds_between(w.last_at, v.as_of) < w.horizon_s AS is_open,
    n.variant_id, w.ties_count,
    w.item_id, w.supplier_id, w.shift
FROM whole w
JOIN numbered n ON n.process = w.process AND n.trace_hash = w.trace_hash
CROSS JOIN reference.evaluation v
WHERE w.has_core
