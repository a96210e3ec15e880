/*
title: Transfers
question: Where is each transfer, and how long did it take from shipping to receiving?
definition: One row per document_id of transfer events; cycle_time_s is the seconds from its first shipment to its last receipt.
formula: "cycle_time_s = received_at - shipped_at"
edge_rules:
  - From is the facility of the first shipment and to its partner; without a shipment, from is the partner of the first receipt, or the facility of the first request or approval.
  - requested_at and approved_at are the first of their kind.
  - Not yet received is open; its cycle time is NULL and it is censored, never left out.
  - What left in several shipments is open again while the last of them is under way, so where the last receipt lies before the last shipment (and not before the first) and less was received in all than shipped. Where a quantity is not stated, the instants alone decide.
  - A receipt after the last shipment ends it, whatever came. What is missing then is the exception transfer_quantity_discrepancy and the remainder of in_transit; it would else be open for ever.
  - A receipt before the shipment gives a negative cycle time, which stays.
  - business_cycle_time_s counts only the working time of the receiver's calendar (working_clock); it is NULL where that facility has none.
not_to_be_confused_with: book cycle time, which runs between the postings of both ends
source: domain model, headline measures
owner: logistics manager
grain: [transfer_id]
direction: down_is_good
columns:
  transfer_id: {unit: id, description: document_id of the transfer}
  from_facility_id: {unit: id, description: shipping facility, nullable: true}
  to_facility_id: {unit: id, description: receiving facility, nullable: true}
  requested_at: {unit: instant, description: first request, nullable: true}
  approved_at: {unit: instant, description: first approval, nullable: true}
  shipped_at: {unit: instant, description: first shipment, nullable: true}
  received_at: {unit: instant, description: 'last receipt; NULL: open', nullable: true}
  cycle_time_s: {unit: s, description: received_at - shipped_at, nullable: true}
  business_cycle_time_s: {unit: s, description: 'the working seconds of it; NULL: open, or no calendar', nullable: true}
  status: {unit: text, description: 'received, in_transit, approved or requested'}
  shipped_units: {unit: units, description: units shipped, nullable: true}
  received_units: {unit: units, description: 'units received, also while it is open', nullable: true}
*/
WITH event AS (
    SELECT
        document_id, event_type, event_time, facility_id, partner_facility_id, quantity,
        row_number() OVER (
            PARTITION BY document_id, event_type
            ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id
        ) AS nth
    FROM canonical.inventory_event
    WHERE document_id IS NOT NULL
      AND event_type IN ('transfer_requested', 'transfer_approved', 'transfer_shipped', 'transfer_received')
), transfer AS (
    SELECT
        document_id AS transfer_id,
        max(CASE WHEN event_type = 'transfer_shipped' AND nth = 1 THEN facility_id END) AS shipper,
        max(CASE WHEN event_type = 'transfer_shipped' AND nth = 1 THEN partner_facility_id END) AS shipper_partner,
        max(CASE WHEN event_type = 'transfer_received' AND nth = 1 THEN facility_id END) AS receiver,
        max(CASE WHEN event_type = 'transfer_received' AND nth = 1 THEN partner_facility_id END) AS receiver_partner,
        max(CASE WHEN event_type = 'transfer_approved' AND nth = 1 THEN facility_id END) AS approver,
        max(CASE WHEN event_type = 'transfer_approved' AND nth = 1 THEN partner_facility_id END) AS approver_partner,
        max(CASE WHEN event_type = 'transfer_requested' AND nth = 1 THEN facility_id END) AS requester,
        max(CASE WHEN event_type = 'transfer_requested' AND nth = 1 THEN partner_facility_id END) AS requester_partner,
        min(CASE WHEN event_type = 'transfer_requested' THEN event_time END) AS requested_at,
        min(CASE WHEN event_type = 'transfer_approved' THEN event_time END) AS approved_at,
        min(CASE WHEN event_type = 'transfer_shipped' THEN event_time END) AS shipped_at,
        max(CASE WHEN event_type = 'transfer_shipped' THEN event_time END) AS last_shipped_at,
        max(CASE WHEN event_type = 'transfer_received' THEN event_time END) AS last_received_at,
        sum(CASE WHEN event_type = 'transfer_shipped' THEN abs(quantity) END) AS shipped_units,
        sum(CASE WHEN event_type = 'transfer_received' THEN abs(quantity) END) AS received_units,
        count(*) FILTER (WHERE event_type IN ('transfer_shipped', 'transfer_received') AND quantity IS NULL) AS unstated_count
    FROM event
    GROUP BY document_id
), placed AS (
    SELECT
        *,
        coalesce(shipper, receiver_partner, requester, approver) AS from_facility_id,
        coalesce(shipper_partner, receiver, requester_partner, approver_partner) AS to_facility_id,
        CASE WHEN coalesce(
            shipped_at <= last_received_at AND last_received_at < last_shipped_at
                AND (unstated_count > 0 OR received_units < shipped_units),
            FALSE) THEN no_instant() ELSE last_received_at END AS received_at
    FROM transfer
)
SELECT
    t.transfer_id,
    t.from_facility_id,
    t.to_facility_id,
    t.requested_at,
    t.approved_at,
    t.shipped_at,
    t.received_at,
    seconds_between(t.shipped_at, t.received_at) AS cycle_time_s,
    worked_until(b.worked_s, b.is_open, b.starts_at, t.received_at)
        - worked_until(a.worked_s, a.is_open, a.starts_at, t.shipped_at) AS business_cycle_time_s,
    CASE
        WHEN t.received_at IS NOT NULL THEN 'received'
        WHEN t.shipped_at IS NOT NULL THEN 'in_transit'
        WHEN t.approved_at IS NOT NULL THEN 'approved'
        ELSE 'requested'
    END AS status,
    t.shipped_units,
    t.received_units
FROM placed t
LEFT JOIN shared.working_clock a ON a.facility_id = t.to_facility_id AND a.quarter_no = quarter_of(t.shipped_at)
LEFT JOIN shared.working_clock b ON b.facility_id = t.to_facility_id AND b.quarter_no = quarter_of(t.received_at)
