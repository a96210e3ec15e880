/*
title: Event-to-posting latency, event by event
question: How long did the ERP not know what had happened on the floor?
definition: Seconds from event_time to the posted_at of the matched posting, per event whose posting is expected or exists.
formula: "latency_s = posted_at - event_time"
edge_rules:
  - An event whose posting is missing, or later than as_of, is unposted; its latency is NULL, never zero.
  - Event types whose posting is not expected appear only where they were posted; they never count as unposted.
  - An event of which several postings post only a part is unposted; posted_quantity is that part, missing_quantity the rest.
  - An event posted with another quantity is posted, and is_quantity_mismatch says so.
  - Negative latencies (posted before it happened) stay.
  - Exactly on the SLA is in time.
  - business_latency_s counts only the working time of the facility's calendar (working_clock) in between; it is NULL where the facility has no calendar. The SLA is elapsed time.
not_to_be_confused_with: interface latency, which starts at recorded_at
source: domain model, headline measures
owner: operations manager
grain: [event_id]
direction: down_is_good
columns:
  event_id: {unit: id, description: the event}
  facility_id: {unit: id, description: where it happened}
  event_type: {unit: text, description: what happened}
  event_time: {unit: instant, description: when it happened}
  posting_id: {unit: id, description: its posting, nullable: true}
  posted_at: {unit: instant, description: when the ERP stored it, nullable: true}
  latency_s: {unit: s, description: posted_at - event_time, nullable: true}
  business_latency_s: {unit: s, description: 'the working seconds of it; NULL: unposted, or no calendar', nullable: true}
  is_posted: {unit: boolean, description: whether a posting is known up to as_of}
  match_method: {unit: text, description: 'event_id, business_key, batch_summary or split', nullable: true}
  match_confidence_ratio: {unit: ratio, description: 'how well founded the match is: 1 where the ERP names the event, less where more was inferred', nullable: true, min: 0, max: 1}
  posted_quantity: {unit: units, description: 'absolute quantity that the ERP has posted for the event, completely or in part', nullable: true, min: 0}
  missing_quantity: {unit: units, description: 'of an event that is posted in part: what is still missing', nullable: true, min: 0}
  is_quantity_mismatch: {unit: boolean, description: whether event and posting state different absolute quantities}
  recorded_at: {unit: instant, description: when the execution system stored it, nullable: true}
  item_id: {unit: id, description: the item, nullable: true}
  quantity: {unit: units, description: how much, nullable: true}
  document_id: {unit: id, description: business document, nullable: true}
  shift: {unit: text, description: shift, nullable: true}
  supplier_id: {unit: id, description: supplier, nullable: true}
  local_date: {unit: date, description: local day of the event at its facility}
  local_hour: {unit: number, description: local hour of the event, min: 0, max: 23}
  local_weekday: {unit: number, description: '1 Monday to 7 Sunday, local', min: 1, max: 7}
  sla_s: {unit: s, description: the posting SLA in force, min: 0}
  is_late: {unit: boolean, description: 'posted after its SLA, or unposted and older than it'}
  feed: {unit: text, description: feed that delivered the event}
  file: {unit: text, description: file that delivered it}
  row_number: {unit: number, description: its row in that file, min: 1}
*/
SELECT
    e.event_id,
    e.facility_id,
    e.event_type,
    e.event_time,
    m.posting_id,
    m.posted_at,
    seconds_between(e.event_time, m.posted_at) AS latency_s,
    worked_until(b.worked_s, b.is_open, b.starts_at, m.posted_at)
        - worked_until(a.worked_s, a.is_open, a.starts_at, e.event_time) AS business_latency_s,
    m.posting_id IS NOT NULL AS is_posted,
    m.match_method,
    m.match_confidence_ratio,
    coalesce(m.posted_quantity, p.posted_quantity) AS posted_quantity,
    p.missing_quantity,
    coalesce(m.is_quantity_mismatch, FALSE) AS is_quantity_mismatch,
    e.recorded_at,
    e.item_id,
    e.quantity,
    e.document_id,
    e.shift,
    e.supplier_id,
    c.local_date,
    c.local_hour,
    c.local_weekday,
    s.sla_s,
    seconds_between(e.event_time, coalesce(m.posted_at, v.as_of)) > s.sla_s AS is_late,
    e.feed,
    e.file,
    e.row_number
FROM canonical.inventory_event e
CROSS JOIN reference.evaluation v
JOIN reference.event_type t ON t.event_type = e.event_type
JOIN shared.posting_sla s ON s.facility_id = e.facility_id AND s.event_type = e.event_type
JOIN shared.local_clock c ON c.facility_id = e.facility_id AND c.quarter_no = quarter_of(e.event_time)
LEFT JOIN matching.event_posting m ON m.event_id = e.event_id
LEFT JOIN matching.partial_event p ON p.event_id = e.event_id
LEFT JOIN shared.working_clock a ON a.facility_id = e.facility_id AND a.quarter_no = quarter_of(e.event_time)
LEFT JOIN shared.working_clock b ON b.facility_id = e.facility_id AND b.quarter_no = quarter_of(m.posted_at)
WHERE t.is_posting_expected OR m.posting_id IS NOT NULL
