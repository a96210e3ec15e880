/*
title: Expedited transfers
question: How many transfers are rushed, by what they say and by how fast they are?
definition: Share of the transfers of a lane that are declared expedited by their document type, or that took at most half of the lane's median transit, per lane.
formula: "expedited_ratio = expedited_count / transfers_count; expedited_count = count(declared, or 0 <= transit <= median_transit_s / 2 on a lane with 5 received or more)"
headline: expedited_ratio
edge_rules:
  - "declared: an event of the transfer bears a document_type of data/reference/expedited_document_types.csv, in any case."
  - "fast: the transit from first shipment to last receipt is at least zero and at most half of the median of the lane's received transfers, bound inclusive; judged only on lanes with at least five received ones, fast_count is else NULL."
  - A transfer that is both counts once in expedited_count; where fast ones cannot be judged that is the declared ones.
  - expedited_ratio is over all transfers of the lane, open ones included. A lane end that no event names is NULL.
not_to_be_confused_with: the transfer SLA, which says how long a transfer may take
source: "domain model, headline measures; SCOR expedited shipments"
owner: logistics manager
grain: [from_facility_id, to_facility_id]
direction: down_is_good
columns:
  from_facility_id: {unit: id, description: shipping facility, nullable: true}
  to_facility_id: {unit: id, description: receiving facility, nullable: true}
  transfers_count: {unit: count, description: transfers of the lane, min: 1}
  received_count: {unit: count, description: shipped and received ones, min: 0}
  median_transit_s: {unit: s, description: median transit of received ones, nullable: true}
  declared_count: {unit: count, description: transfers declared expedited, min: 0}
  fast_count: {unit: count, description: 'transfers at most half as long as the median; NULL: fewer than five received', nullable: true, min: 0}
  expedited_count: {unit: count, description: transfers that are one or the other, min: 0}
  expedited_ratio: {unit: ratio, description: share of transfers that are expedited, min: 0, max: 1}
*/
WITH declared AS (
    SELECT DISTINCT e.document_id
    FROM canonical.inventory_event e
    JOIN reference.expedited_document_type d ON d.document_type = lower(e.document_type)
    WHERE e.event_type IN ('transfer_requested', 'transfer_approved', 'transfer_shipped', 'transfer_received')
), lane AS (
    SELECT
        from_facility_id,
        to_facility_id,
        count(cycle_time_s) AS received_count,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY cycle_time_s) AS median_transit_s
    FROM marts.transfers
    GROUP BY from_facility_id, to_facility_id
), judged AS (
    SELECT
        t.from_facility_id,
        t.to_facility_id,
        l.received_count,
        l.median_transit_s,
        d.document_id IS NOT NULL AS is_declared,
        coalesce(l.received_count >= 5 AND t.cycle_time_s >= 0 AND t.cycle_time_s <= l.median_transit_s / 2, FALSE) AS is_fast
    FROM marts.transfers t
    JOIN lane l
      ON l.from_facility_id IS NOT DISTINCT FROM t.from_facility_id AND l.to_facility_id IS NOT DISTINCT FROM t.to_facility_id
    LEFT JOIN declared d ON d.document_id = t.transfer_id
)
SELECT
    from_facility_id,
    to_facility_id,
    count(*) AS transfers_count,
    max(received_count) AS received_count,
    max(median_transit_s) AS median_transit_s,
    count(*) FILTER (WHERE is_declared) AS declared_count,
    CASE WHEN max(received_count) >= 5 THEN count(*) FILTER (WHERE is_fast) END AS fast_count,
    count(*) FILTER (WHERE is_declared OR is_fast) AS expedited_count,
    CAST(count(*) FILTER (WHERE is_declared OR is_fast) AS DOUBLE) / nullif(count(*), 0) AS expedited_ratio
FROM judged
GROUP BY from_facility_id, to_facility_id
