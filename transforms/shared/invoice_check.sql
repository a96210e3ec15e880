/*
title: Invoice lines against order and receipt
question: Does each invoice line agree with what was ordered and received?
definition: One row per invoice line with its outcome in the three-way match and what it charges in US dollars.
edge_rules:
  - "no_order: the order line is not known. Else quantity, price or both: the sum invoiced for the order line differs from the quantity received, or the unit price from the order's, by more than the tolerance. Else matched."
  - Received is the sum of the receipts of the order line (shared.purchase_receipt), where there is none the order line's received_quantity, where it states none 0.
  - Tolerances are shares of the quantity received and of the order's price (invoice_quantity_ratio, invoice_price_ratio of the workspace); exactly on the tolerance agrees.
  - A quantity or price that one side does not state is not compared; prices in different currencies differ, and a price without a currency is in US dollars. Where neither can be compared the outcome is unknown.
  - Each line of an order line bears its whole difference, as a line is paid or held as a whole.
  - The value is |quantity| x unit price at the rate of charged_at; NULL where quantity, price or rate is not known.
source: domain model, exception rules
owner: accounts payable
grain: [invoice_id, invoice_line]
columns:
  invoice_id: {unit: id, description: the invoice}
  invoice_line: {unit: text, description: its line}
  facility_id: {unit: id, description: 'where the goods were received, as the invoice or else the order says', nullable: true}
  supplier_id: {unit: id, description: 'who charges, as the invoice or else the order says', nullable: true}
  item_id: {unit: id, description: 'the item, as the invoice or else the order says', nullable: true}
  charged_at: {unit: instant, description: 'invoiced_at, else the beginning of the invoice''s day in UTC, else as_of'}
  invoiced_quantity: {unit: units, description: sum invoiced for the order line, nullable: true}
  received_quantity: {unit: units, description: received of it}
  difference_quantity: {unit: units, description: 'the two apart, without sign', nullable: true, min: 0}
  ordered_price: {unit: number, description: the order's price of one unit, nullable: true}
  outcome: {unit: text, description: 'matched, quantity, price, both, no_order or unknown'}
  value_usd: {unit: usd, description: what it charges, nullable: true, min: 0}
*/
WITH charged AS (
    SELECT
        i.*,
        sum(i.quantity) OVER (PARTITION BY i.purchase_order_id, i.purchase_order_line) AS invoiced
    FROM canonical.invoice_line i
), received AS (
    SELECT e.purchase_order_id, e.purchase_order_line, sum(e.quantity) AS received
    FROM shared.purchase_receipt e
    WHERE e.purchase_order_id IN (SELECT i.purchase_order_id FROM canonical.invoice_line i)
    GROUP BY e.purchase_order_id, e.purchase_order_line
), compared AS (
    SELECT
        c.invoice_id, c.invoice_line, c.quantity, c.unit_price, c.currency,
        coalesce(c.facility_id, o.facility_id) AS facility_id,
        coalesce(c.supplier_id, o.supplier_id) AS supplier_id,
        coalesce(c.item_id, o.item_id) AS item_id,
        CAST(c.invoiced AS DECIMAL(18, 6)) AS invoiced_quantity,
        CAST(coalesce(r.received, o.received_quantity, 0) AS DECIMAL(18, 6)) AS received_quantity,
        o.unit_price AS ordered_price,
        coalesce(c.invoiced_at, instant(CAST(c.invoice_date AS STRING) || ' 00:00:00Z'), v.as_of) AS charged_at,
        o.purchase_order_id IS NOT NULL AS is_ordered,
        CAST(s.invoice_quantity_ratio AS DECIMAL(12, 6)) AS quantity_ratio,
        abs(c.unit_price - o.unit_price) > CAST(s.invoice_price_ratio AS DECIMAL(12, 6)) * abs(o.unit_price)
            OR (coalesce(c.currency, 'USD') <> coalesce(o.currency, 'USD')
                AND c.unit_price IS NOT NULL AND o.unit_price IS NOT NULL) AS is_price_off
    FROM charged c
    CROSS JOIN reference.setting s
    CROSS JOIN reference.evaluation v
    LEFT JOIN canonical.purchase_line o
      ON o.purchase_order_id = c.purchase_order_id AND o.purchase_order_line = c.purchase_order_line
    LEFT JOIN received r
      ON r.purchase_order_id = c.purchase_order_id AND r.purchase_order_line = c.purchase_order_line
), judged AS (
    SELECT
        *,
        abs(invoiced_quantity - received_quantity) AS difference_quantity,
        abs(invoiced_quantity - received_quantity) > quantity_ratio * received_quantity AS is_quantity_off
    FROM compared
)
SELECT
    c.invoice_id,
    c.invoice_line,
    c.facility_id,
    c.supplier_id,
    c.item_id,
    c.charged_at,
    c.invoiced_quantity,
    c.received_quantity,
    c.difference_quantity,
    c.ordered_price,
    CASE
        WHEN NOT c.is_ordered THEN 'no_order'
        WHEN c.is_quantity_off AND c.is_price_off THEN 'both'
        WHEN c.is_quantity_off THEN 'quantity'
        WHEN c.is_price_off THEN 'price'
        WHEN c.is_quantity_off IS NULL AND c.is_price_off IS NULL THEN 'unknown'
        ELSE 'matched'
    END AS outcome,
    abs(CAST(c.quantity AS DOUBLE) * CAST(c.unit_price AS DOUBLE)) * r.rate_usd AS value_usd
FROM judged c
LEFT JOIN shared.currency_rate r
  ON r.currency = coalesce(c.currency, 'USD') AND c.charged_at >= r.valid_from_at AND c.charged_at < r.valid_until_at
