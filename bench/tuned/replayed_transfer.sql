-- A lane is counted once for each way in which a scope can change it (its shipper, its receiver, both) and only then told by scope;
-- both ends of a transfer are one group of its hash, a clash of which would be the price.
WITH plan AS MATERIALIZED (
    SELECT schedule, kind, row_number() OVER ()::INTEGER AS s
    FROM (SELECT DISTINCT schedule, kind FROM shared.schedule_wait UNION ALL VALUES ('measured', 'measured'), ('unchanged', 'unchanged'))
), event AS MATERIALIZED (
    SELECT
        hash(e.document_id) AS d, e.event_type = 'transfer_shipped' AS is_shipment, epoch_us(e.event_time) AS event_us, day_minute, age_s, gap_s, latency_s,
        if(course = 'scheduled', capture_s + wait_s + other_process_s, latency_s) AS unchanged_s,
        if(course IN ('held_up', 'waiting', 'missing'), capture_s + wait_s + typical_s, latency_s) AS undisturbed_s,
        CASE course WHEN 'scheduled' THEN process_s + capture_s WHEN 'waiting' THEN typical_s + capture_s WHEN 'held_up' THEN capture_s END AS base_s,
        if(course IN ('held_up', 'bypassed'), latency_s, NULL) AS least_s
    FROM (SELECT * FROM shared.interface_event WHERE event_type IN ('transfer_shipped', 'transfer_received')) e
    JOIN marts.transfers t ON t.transfer_id = e.document_id
    WHERE if(e.event_type = 'transfer_shipped', e.event_time = t.shipped_at, t.received_at IS NOT NULL)
), replayed AS (
    SELECT e.d, p.s, e.is_shipment, e.event_us, e.age_s, greatest(e.least_s, e.base_s + (e.gap_s + w.wait_s)) AS latency_s
    FROM event e
    JOIN shared.schedule_wait w USING (day_minute)
    JOIN plan p ON p.schedule = w.schedule AND p.kind NOT IN ('at_once', 'undisturbed')
    UNION ALL
    SELECT
        e.d, p.s, e.is_shipment, e.event_us, e.age_s,
        CASE p.kind
            WHEN 'at_once' THEN greatest(e.least_s, e.base_s)
            WHEN 'undisturbed' THEN e.undisturbed_s
            WHEN 'unchanged' THEN e.unchanged_s
            ELSE e.latency_s
        END
    FROM event e
    JOIN plan p ON p.kind IN ('at_once', 'undisturbed', 'measured', 'unchanged')
), ended AS MATERIALIZED (
    SELECT
        d, s, bool_or(is_shipment) AS has_shipment, NOT bool_and(is_shipment) AS has_receipt,
        if(bool_and(is_posted) FILTER (is_shipment), max(posted_us) FILTER (is_shipment), NULL) AS shipment_us,
        if(bool_and(is_posted) FILTER (NOT is_shipment), max(posted_us) FILTER (NOT is_shipment), NULL) AS receipt_us
    FROM (SELECT d, s, is_shipment, event_us + round(latency_s * 1e6)::BIGINT AS posted_us, coalesce(latency_s <= age_s, FALSE) AS is_posted FROM replayed)
    GROUP BY d, s
), lane AS MATERIALIZED (
    SELECT from_facility_id, to_facility_id, row_number() OVER ()::INTEGER AS l
    FROM (SELECT DISTINCT from_facility_id, to_facility_id FROM marts.transfers)
), touched AS MATERIALIZED (
    SELECT
        l.l, s.scope_kind, s.scope,
        coalesce(bool_or(s.facility_id = l.from_facility_id), FALSE) AS is_shipper, coalesce(bool_or(s.facility_id = l.to_facility_id), FALSE) AS is_receiver
    FROM lane l
    JOIN shared.what_if_scope s ON s.facility_id IN (l.from_facility_id, l.to_facility_id)
    GROUP BY ALL
), transfer AS MATERIALIZED (
    SELECT hash(t.transfer_id) AS d, l.l, epoch_us(p.shipment_posted_at) AS shipment_us, epoch_us(p.receipt_posted_at) AS receipt_us
    FROM marts.transfers t
    JOIN lane l ON l.from_facility_id IS NOT DISTINCT FROM t.from_facility_id AND l.to_facility_id IS NOT DISTINCT FROM t.to_facility_id
    JOIN shared.transfer_posting p USING (transfer_id)
), timed AS (
    SELECT
        t.l, w.is_shipper, w.is_receiver, k.s, if(w.is_receiver AND coalesce(e.has_receipt, FALSE), e.receipt_us, t.receipt_us) AS end_us,
        (coalesce(end_us, epoch_us(v.as_of)) - if(w.is_shipper AND coalesce(e.has_shipment, FALSE), e.shipment_us, t.shipment_us)) / 1e6 AS taken_s
    FROM transfer t
    CROSS JOIN (SELECT DISTINCT s FROM ended) k
    LEFT JOIN ended e ON e.d = t.d AND e.s = k.s
    JOIN (SELECT DISTINCT l, is_shipper, is_receiver FROM touched) w ON w.l = t.l
    CROSS JOIN reference.evaluation v
), counted AS (
    SELECT
        l, is_shipper, is_receiver, s, if(abs(taken_s) < 3600, round(taken_s), 60 * round(taken_s / 60))::BIGINT AS duration_s,
        count(end_us) AS finished_count, count(*) - count(end_us) AS censored_count
    FROM timed
    WHERE taken_s IS NOT NULL
    GROUP BY ALL
)
SELECT
    h.scope_kind, h.scope, l.from_facility_id, l.to_facility_id, p.schedule, c.duration_s::DOUBLE AS duration_s, c.finished_count, c.censored_count
FROM counted c
JOIN touched h USING (l, is_shipper, is_receiver)
JOIN lane l USING (l)
JOIN plan p USING (s)
