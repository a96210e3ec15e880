-- One grouping with arg_min by the total order, instead of numbering the events of every document.
WITH event AS (
    SELECT
        document_id, event_type, event_time, facility_id, partner_facility_id, quantity,
        row(event_time, coalesce(recorded_at, '-infinity'::TIMESTAMPTZ), coalesce(sequence_no, -9223372036854775808), event_id) AS place
    FROM canonical.inventory_event
    WHERE document_id IS NOT NULL AND event_type IN ('transfer_requested', 'transfer_approved', 'transfer_shipped', 'transfer_received')
), transfer AS MATERIALIZED (
    SELECT
        document_id,
        arg_min(row(facility_id, partner_facility_id), place) FILTER (event_type = 'transfer_shipped') AS shipper,
        arg_min(row(facility_id, partner_facility_id), place) FILTER (event_type = 'transfer_received') AS receiver,
        arg_min(row(facility_id, partner_facility_id), place) FILTER (event_type = 'transfer_approved') AS approver,
        arg_min(row(facility_id, partner_facility_id), place) FILTER (event_type = 'transfer_requested') AS requester,
        min(event_time) FILTER (event_type = 'transfer_requested') AS requested_at, min(event_time) FILTER (event_type = 'transfer_approved') AS approved_at,
        min(event_time) FILTER (event_type = 'transfer_shipped') AS shipped_at,
        max(event_time) FILTER (event_type = 'transfer_shipped') AS last_shipped_at, max(event_time) FILTER (event_type = 'transfer_received') AS last_received_at,
        sum(abs(quantity)) FILTER (event_type = 'transfer_shipped') AS shipped_units, sum(abs(quantity)) FILTER (event_type = 'transfer_received') AS received_units,
        count(*) FILTER (event_type IN ('transfer_shipped', 'transfer_received') AND quantity IS NULL) AS unstated
    FROM event
    GROUP BY document_id
), placed AS (
    SELECT
        *, coalesce(shipper[1], receiver[2], requester[1], approver[1]) AS from_facility_id,
        coalesce(shipper[2], receiver[1], requester[2], approver[2]) AS to_facility_id,
        if(last_received_at >= shipped_at AND last_received_at < last_shipped_at AND (unstated > 0 OR received_units < shipped_units), NULL, last_received_at) AS received_at
    FROM transfer
)
SELECT
    t.document_id AS transfer_id, t.from_facility_id, t.to_facility_id, t.requested_at, t.approved_at, t.shipped_at, t.received_at,
    (epoch_us(t.received_at) - epoch_us(t.shipped_at)) / 1e6 AS cycle_time_s,
    b.worked_s + if(b.is_open, (epoch_us(t.received_at) - epoch_us(b.starts_at)) / 1e6, 0)
        - a.worked_s - if(a.is_open, (epoch_us(t.shipped_at) - epoch_us(a.starts_at)) / 1e6, 0) AS business_cycle_time_s,
    CASE WHEN t.received_at IS NOT NULL THEN 'received' WHEN t.shipped_at IS NOT NULL THEN 'in_transit' WHEN t.approved_at IS NOT NULL THEN 'approved' ELSE 'requested' END AS status,
    t.shipped_units, t.received_units
FROM placed t
LEFT JOIN shared.working_clock a ON a.facility_id = t.to_facility_id AND a.quarter_no = epoch_us(t.shipped_at) // 900000000
LEFT JOIN shared.working_clock b ON b.facility_id = t.to_facility_id AND b.quarter_no = epoch_us(t.received_at) // 900000000
