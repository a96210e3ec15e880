/*
title: Three-way mismatch
question: Which invoices do not agree with what was ordered and received?
definition: Invoice lines at as_of whose order line is not known, or of which the quantity invoiced differs from the quantity received, or the unit price from the order's, by more than its tolerance.
formula: "exceptions_count = count(invoice lines without order line, or where abs(invoiced - received) > invoice_quantity_ratio * received, or abs(price - ordered price) > invoice_price_ratio * ordered price)"
edge_rules:
  - What is compared, and by which tolerances, shared.invoice_check says; exactly on the tolerance agrees. Where nothing can be compared there is no mismatch.
  - Opens at invoiced_at, at as_of where it is not stated, and stays open.
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
SELECT
    c.facility_id,
    i.invoice_id || '/' || replace(i.invoice_line, '/', '%2F') AS reference_id,
    coalesce(i.invoiced_at, e.as_of) AS opened_at,
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
CROSS JOIN reference.evaluation e
WHERE c.outcome NOT IN ('matched', 'unknown')
