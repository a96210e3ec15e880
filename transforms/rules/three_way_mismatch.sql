/*
title: Three-way mismatch
question: Which invoices do not agree with what was ordered and received?
definition: Invoice lines at as_of whose order line is not known, or of which the quantity invoiced differs from the quantity received, or the unit price from the order's, by more than its tolerance.
formula: "exceptions_count = count(invoice lines without order line, or where abs(invoiced - received) > invoice_quantity_ratio * received, or abs(price - ordered price) > invoice_price_ratio * ordered price)"
edge_rules:
  - What is compared, and by which tolerances, shared.invoice_check says; exactly on the tolerance agrees. Where nothing can be compared there is no mismatch.
  - An unknown order line or a price that differs opens at invoiced_at; where that is not stated at the beginning of the invoice's day in UTC, and without a day at as_of.
  - A quantity that differs opens at the first instant from which the quantities invoiced and received up to then stayed beyond the tolerance, a line charged later when it is charged. What the order line alone states as received counts from the beginning. Every exception stays open.
  - Quantity is the difference where quantities differ, else what the line charges. Each line of an order line bears the whole difference.
  - In the reference a slash within the invoice line is written %2F.
source: domain model, exception rules
owner: accounts payable
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: accounts payable
cause: a part still to come, a price changed after the order, or a receipt that was not recorded
sla: 259200
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: invoice_id/invoice_line}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH differing AS (
    SELECT DISTINCT i.purchase_order_id, i.purchase_order_line, c.received_quantity
    FROM canonical.invoice_line i
    JOIN shared.invoice_check c ON c.invoice_id = i.invoice_id AND c.invoice_line = i.invoice_line
    WHERE c.outcome = 'quantity'
), receipt AS (
    SELECT e.purchase_order_id, e.purchase_order_line, e.event_time AS moment, e.quantity AS received
    FROM shared.purchase_receipt e
    JOIN differing d ON d.purchase_order_id = e.purchase_order_id AND d.purchase_order_line = e.purchase_order_line
), told AS (
    SELECT
        i.purchase_order_id, i.purchase_order_line, c.charged_at AS moment,
        coalesce(i.quantity, 0) AS invoiced, CAST(0 AS DECIMAL(18, 6)) AS received, 0 AS is_receipt
    FROM canonical.invoice_line i
    JOIN shared.invoice_check c ON c.invoice_id = i.invoice_id AND c.invoice_line = i.invoice_line
    UNION ALL
    SELECT r.purchase_order_id, r.purchase_order_line, r.moment, CAST(0 AS DECIMAL(18, 6)), r.received, 1 FROM receipt r
), moved AS (
    -- What is told of one instant counts together.
    SELECT
        t.purchase_order_id, t.purchase_order_line, t.moment, max(d.received_quantity) AS received_quantity,
        sum(t.invoiced) AS invoiced, sum(t.received) AS received, sum(t.is_receipt) AS receipts_count
    FROM told t
    JOIN differing d ON d.purchase_order_id = t.purchase_order_id AND d.purchase_order_line = t.purchase_order_line
    GROUP BY t.purchase_order_id, t.purchase_order_line, t.moment
), stood AS (
    SELECT
        purchase_order_id, purchase_order_line, moment,
        CAST(sum(invoiced) OVER so_far AS DECIMAL(18, 6)) AS invoiced,
        CAST(CASE
            WHEN sum(receipts_count) OVER (PARTITION BY purchase_order_id, purchase_order_line) > 0
                THEN sum(received) OVER so_far
            ELSE received_quantity
        END AS DECIMAL(18, 6)) AS received
    FROM moved
    WINDOW so_far AS (
        PARTITION BY purchase_order_id, purchase_order_line ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), agreed AS (
    SELECT
        t.purchase_order_id, t.purchase_order_line,
        max(CASE WHEN abs(t.invoiced - t.received) <= CAST(s.invoice_quantity_ratio AS DECIMAL(12, 6)) * t.received
            THEN t.moment END) AS moment
    FROM stood t
    CROSS JOIN reference.setting s
    GROUP BY t.purchase_order_id, t.purchase_order_line
), opened AS (
    SELECT t.purchase_order_id, t.purchase_order_line, min(t.moment) AS moment
    FROM stood t
    JOIN agreed a ON a.purchase_order_id = t.purchase_order_id AND a.purchase_order_line = t.purchase_order_line
    WHERE a.moment IS NULL OR t.moment > a.moment
    GROUP BY t.purchase_order_id, t.purchase_order_line
)
SELECT
    c.facility_id,
    i.invoice_id || '/' || replace(i.invoice_line, '/', '%2F') AS reference_id,
    CASE WHEN c.outcome = 'quantity' THEN greatest(c.charged_at, o.moment) ELSE c.charged_at END AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    c.item_id,
    CASE WHEN c.outcome IN ('quantity', 'both') THEN c.difference_quantity ELSE abs(i.quantity) END AS quantity,
    concat_ws(' ',
        'document:' || replace(i.invoice_id, ' ', '%20'),
        'document:' || replace(i.purchase_order_id, ' ', '%20'),
        'file:' || replace(i.file, ' ', '%20') || '#' || CAST(CAST(i.row_number AS BIGINT) AS STRING)) AS evidence,
    CASE
        WHEN c.outcome = 'no_order' THEN 'no such order line'
        ELSE concat_ws('; ',
            CASE WHEN c.outcome IN ('quantity', 'both')
                THEN concat_ws('', CAST(c.invoiced_quantity AS STRING), ' invoiced, ', CAST(c.received_quantity AS STRING), ' received') END,
            CASE WHEN c.outcome IN ('price', 'both')
                THEN concat_ws('', 'price ', coalesce(CAST(i.unit_price AS STRING), '?'), ', ordered at ', coalesce(CAST(c.ordered_price AS STRING), '?')) END)
    END AS detail
FROM canonical.invoice_line i
JOIN shared.invoice_check c ON c.invoice_id = i.invoice_id AND c.invoice_line = i.invoice_line
LEFT JOIN opened o ON o.purchase_order_id = i.purchase_order_id AND o.purchase_order_line = i.purchase_order_line
WHERE c.outcome NOT IN ('matched', 'unknown')
