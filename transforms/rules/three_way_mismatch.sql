/*
title: Three-way mismatch
question: Which invoices do not agree with what was ordered and received?
definition: Invoice lines at as_of whose order line is not known, or of which the quantity invoiced differs from the quantity received, or the unit price from the order's, by more than its tolerance.
edge_rules:
  - Invoiced is the sum over all invoice lines of the order line; received the sum of its receipt_confirmed events (document_id and document_line), where there is none the order line's received_quantity, where it states none 0.
  - Tolerances are shares of the quantity received and of the order's price (invoice_quantity_ratio, invoice_price_ratio of the workspace); exactly on the tolerance agrees.
  - A quantity or price that one side does not state is not compared; prices in different currencies differ.
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
WITH charged AS (
    SELECT
        i.*,
        sum(i.quantity) OVER (PARTITION BY i.purchase_order_id, i.purchase_order_line) AS invoiced
    FROM canonical.invoice_line i
), received AS (
    SELECT e.document_id, e.document_line, sum(abs(e.quantity)) AS received
    FROM canonical.inventory_event e
    WHERE e.event_type = 'receipt_confirmed' AND e.document_id IN (SELECT i.purchase_order_id FROM canonical.invoice_line i)
    GROUP BY e.document_id, e.document_line
), compared AS (
    SELECT
        c.*, o.purchase_order_id IS NOT NULL AS is_ordered, o.unit_price AS ordered_price,
        coalesce(c.facility_id, o.facility_id) AS place, coalesce(c.item_id, o.item_id) AS item,
        abs(CAST(c.invoiced AS DECIMAL(18, 6)) - CAST(coalesce(r.received, o.received_quantity, 0) AS DECIMAL(18, 6))) AS difference,
        CAST(coalesce(r.received, o.received_quantity, 0) AS DECIMAL(18, 6)) AS received,
        abs(c.unit_price - o.unit_price) > CAST(s.invoice_price_ratio AS DECIMAL(12, 6)) * abs(o.unit_price)
            OR c.currency <> o.currency AS is_price_off,
        CAST(s.invoice_quantity_ratio AS DECIMAL(12, 6)) AS quantity_ratio
    FROM charged c
    CROSS JOIN reference.setting s
    LEFT JOIN canonical.purchase_line o
      ON o.purchase_order_id = c.purchase_order_id AND o.purchase_order_line = c.purchase_order_line
    LEFT JOIN received r ON r.document_id = c.purchase_order_id AND r.document_line = c.purchase_order_line
), judged AS (
    SELECT *, difference > quantity_ratio * received AS is_quantity_off
    FROM compared
)
SELECT
    j.place AS facility_id,
    j.invoice_id || '/' || replace(j.invoice_line, '/', '%2F') AS reference_id,
    coalesce(j.invoiced_at, e.as_of) AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    j.item AS item_id,
    CASE WHEN j.is_ordered AND j.is_quantity_off THEN j.difference ELSE abs(j.quantity) END AS quantity,
    concat_ws(' ',
        'document:' || replace(j.invoice_id, ' ', '%20'),
        'document:' || replace(j.purchase_order_id, ' ', '%20'),
        'file:' || replace(j.file, ' ', '%20') || '#' || CAST(CAST(j.row_number AS BIGINT) AS STRING)) AS evidence,
    CASE
        WHEN NOT j.is_ordered THEN 'no such order line'
        ELSE concat_ws('; ',
            CASE WHEN j.is_quantity_off THEN concat_ws('', CAST(CAST(j.invoiced AS DECIMAL(18, 6)) AS STRING), ' invoiced, ', CAST(j.received AS STRING), ' received') END,
            CASE WHEN j.is_price_off THEN concat_ws('', 'price ', coalesce(CAST(j.unit_price AS STRING), '?'), ', ordered at ', coalesce(CAST(j.ordered_price AS STRING), '?')) END)
    END AS detail
FROM judged j
CROSS JOIN reference.evaluation e
WHERE NOT j.is_ordered OR j.is_quantity_off OR j.is_price_off
