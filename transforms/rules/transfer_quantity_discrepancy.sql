/*
title: Transfer quantity discrepancy
question: Which transfers did not arrive as they were shipped?
definition: Transfers that were shipped and received and of which, for any item, the absolute quantities shipped and received differ in sum.
formula: "exceptions_count = count(transfers where sum over items of abs(shipped - received) > 0)"
edge_rules:
  - Judged from the first receipt on, so that a transfer that has come in part is one until the rest has come; what is under way before is none. One without shipment, or without receipt, is not compared.
  - At each event what had been shipped until then is held against what had been received until then; what is shipped later differs only from then on.
  - An item shipped only or received only differs by all of it. An item of which any shipment or receipt states no quantity is not compared; events without item are one item.
  - Opens at the first shipment or receipt, both ends being told, after which shipped and received never agreed again, and stays open; a further part does not open it anew. The facility of the last receipt has to act.
  - Quantity is the sum over the items of |shipped - received|; the item is named where it is one.
source: domain model, exception rules
owner: logistics manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: transport
cause: loss or damage on the way, a miscount at one end, or a receipt that is still to come
sla: 172800
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: document_id of the transfer}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH told AS (
    SELECT document_id, item_id, event_type, event_time, recorded_at, sequence_no, event_id, facility_id, abs(quantity) AS quantity
    FROM canonical.inventory_event
    WHERE event_type IN ('transfer_shipped', 'transfer_received') AND document_id IS NOT NULL
), compared AS (
    SELECT
        document_id, item_id,
        count(*) FILTER (WHERE event_type = 'transfer_shipped') AS shipments_count,
        count(*) FILTER (WHERE event_type = 'transfer_received') AS receipts_count,
        count(quantity) = count(*) AS is_compared,
        CASE WHEN count(quantity) = count(*) THEN CAST(abs(
            sum(CASE WHEN event_type = 'transfer_shipped' THEN quantity ELSE -quantity END)
        ) AS DECIMAL(18, 6)) ELSE 0 END AS difference
    FROM told
    GROUP BY document_id, item_id
), differing AS (
    SELECT
        document_id,
        sum(difference) AS difference,
        count(*) FILTER (WHERE difference > 0) AS items_count,
        max(CASE WHEN difference > 0 THEN item_id END) AS item_id
    FROM compared
    GROUP BY document_id
    HAVING sum(shipments_count) > 0 AND sum(receipts_count) > 0 AND sum(difference) > 0
), moved AS (
    -- What an item still lacks, or has too much of, after each of its events, and by how much the event changed it.
    SELECT
        t.document_id, t.event_type, t.event_time, t.recorded_at, t.sequence_no, t.event_id, t.facility_id, c.is_compared,
        CASE WHEN t.event_type = 'transfer_shipped' THEN t.quantity ELSE -t.quantity END AS delta,
        sum(CASE WHEN t.event_type = 'transfer_shipped' THEN t.quantity ELSE -t.quantity END) OVER (
            PARTITION BY t.document_id, t.item_id
            ORDER BY t.event_time, t.recorded_at NULLS FIRST, t.sequence_no NULLS FIRST, t.event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS net
    FROM told t
    JOIN differing d ON d.document_id = t.document_id
    JOIN compared c ON c.document_id = t.document_id AND c.item_id IS NOT DISTINCT FROM t.item_id
), stood AS (
    SELECT
        document_id, event_type, event_time, event_id, facility_id,
        row_number() OVER in_order AS nth,
        sum(CASE WHEN is_compared THEN abs(net) - abs(net - delta) ELSE 0 END) OVER in_order AS difference,
        count(CASE WHEN event_type = 'transfer_shipped' THEN 1 END) OVER in_order AS shipments_count,
        count(CASE WHEN event_type = 'transfer_received' THEN 1 END) OVER in_order AS receipts_count
    FROM moved
    WINDOW in_order AS (
        PARTITION BY document_id
        ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), judged AS (
    SELECT
        document_id, event_time, nth,
        max(CASE WHEN difference = 0 THEN nth ELSE 0 END) OVER (PARTITION BY document_id) AS agreed_nth
    FROM stood
    WHERE shipments_count > 0 AND receipts_count > 0
), opened AS (
    SELECT document_id, min(event_time) AS opened_at FROM judged WHERE nth > agreed_nth GROUP BY document_id
), came AS (
    SELECT
        document_id, event_id, facility_id,
        row_number() OVER (PARTITION BY document_id ORDER BY nth DESC) AS nth_from_last
    FROM stood
    WHERE event_type = 'transfer_received'
)
SELECT
    c.facility_id,
    d.document_id AS reference_id,
    o.opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    CASE WHEN d.items_count = 1 THEN d.item_id END AS item_id,
    CAST(d.difference AS DECIMAL(18, 6)) AS quantity,
    concat_ws(' ',
        'document:' || replace(d.document_id, ' ', '%20'),
        'event:' || replace(c.event_id, ' ', '%20')) AS evidence,
    concat_ws('', 'shipped and received differ by ', CAST(CAST(d.difference AS DECIMAL(18, 6)) AS STRING), ' in ', CAST(d.items_count AS STRING),
        CASE WHEN d.items_count = 1 THEN ' item' ELSE ' items' END) AS detail
FROM differing d
JOIN opened o ON o.document_id = d.document_id
JOIN came c ON c.document_id = d.document_id AND c.nth_from_last = 1
