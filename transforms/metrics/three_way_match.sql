/*
title: Three-way match
question: Which share of what suppliers charge agrees with what was ordered and received?
definition: Per supplier and facility, the invoice lines, and their value in US dollars, that agree with order and receipt in quantity and price within the tolerances, and those that differ or name no known order line.
formula: matched_ratio = matched_count / (lines_count - unknown_count); matched_value_ratio = matched_value_usd / value_usd
headline: matched_ratio
edge_rules:
  - "Every line is in one of six: matched, quantity_count, price_count, both_count, no_order_count, unknown_count. The outcome of a line and its tolerances are those of shared.invoice_check."
  - unknown_count are lines of which neither quantity nor price can be compared; they are in no ratio, and not in the values. NULL where nothing is left to divide by; unknown_reason says why.
  - A value ratio is over lines whose value is known (valued_count); NULL where none is, or all are worth nothing.
  - An invoice line that names no supplier or facility takes the order line's; where that does not either, it is under NULL.
not_to_be_confused_with: three_way_mismatch, the rule that lists the lines that differ
source: domain model, also
owner: accounts payable
grain: [supplier_id, facility_id]
direction: up_is_good
columns:
  supplier_id: {unit: id, description: who charges, nullable: true}
  supplier_name: {unit: text, description: 'what people call it; NULL: the suppliers of the workspace do not say', nullable: true}
  facility_id: {unit: id, description: where the goods were received, nullable: true}
  lines_count: {unit: count, description: invoice lines up to as_of, min: 1}
  matched_count: {unit: count, description: agree with order and receipt, min: 0}
  quantity_count: {unit: count, description: only the quantity differs, min: 0}
  price_count: {unit: count, description: only the price differs, min: 0}
  both_count: {unit: count, description: quantity and price differ, min: 0}
  no_order_count: {unit: count, description: of no known order line, min: 0}
  unknown_count: {unit: count, description: nothing to compare, min: 0}
  matched_ratio: {unit: ratio, description: 'matched_count / lines that can be judged', nullable: true, min: 0, max: 1}
  valued_count: {unit: count, description: judged lines whose value is known, min: 0}
  value_usd: {unit: usd, description: what these charge, nullable: true, min: 0}
  matched_value_usd: {unit: usd, description: value of the matched among them, nullable: true, min: 0}
  matched_value_ratio: {unit: ratio, description: matched_value_usd / value_usd, nullable: true, min: 0, max: 1}
  unknown_reason: {unit: text, description: why matched_ratio is NULL, nullable: true}
*/
WITH line AS (
    -- Decimals add up to the same whatever their order.
    SELECT
        supplier_id, facility_id, outcome,
        CASE WHEN outcome <> 'unknown' THEN CAST(value_usd AS DECIMAL(18, 6)) END AS value
    FROM shared.invoice_check
), summed AS (
    SELECT
        supplier_id,
        facility_id,
        count(*) AS lines_count,
        count(*) FILTER (WHERE outcome = 'matched') AS matched_count,
        count(*) FILTER (WHERE outcome = 'quantity') AS quantity_count,
        count(*) FILTER (WHERE outcome = 'price') AS price_count,
        count(*) FILTER (WHERE outcome = 'both') AS both_count,
        count(*) FILTER (WHERE outcome = 'no_order') AS no_order_count,
        count(*) FILTER (WHERE outcome = 'unknown') AS unknown_count,
        count(value) AS valued_count,
        CAST(sum(value) AS DOUBLE) AS value_usd,
        CAST(sum(CASE WHEN outcome = 'matched' THEN value ELSE 0 * value END) AS DOUBLE) AS matched_value_usd
    FROM line
    GROUP BY supplier_id, facility_id
)
SELECT
    s.supplier_id, n.name AS supplier_name, s.facility_id,
    lines_count, matched_count, quantity_count, price_count, both_count, no_order_count, unknown_count,
    CAST(matched_count AS DOUBLE) / nullif(lines_count - unknown_count, 0) AS matched_ratio,
    valued_count, value_usd, matched_value_usd,
    matched_value_usd / nullif(value_usd, 0) AS matched_value_ratio,
    CASE WHEN lines_count = unknown_count THEN 'no line states what could be compared' END AS unknown_reason
FROM summed s
LEFT JOIN reference.supplier n ON n.supplier_id = s.supplier_id
