/*
title: Receipts that are adjusted afterwards
question: Which supplier's receipts are always put right by hand?
definition: Share of received lines of a supplier that an adjustment follows, per facility and supplier, with the units adjusted.
formula: "adjusted_ratio = adjusted_count / receipts_count; adjusted = an adjustment bears its document, or none and comes within 259200 s and before the next receipt"
headline: adjusted_ratio
edge_rules:
  - A received line is a facility, document, line, item and supplier with a confirmed receipt, and every receipt without a document is one of its own; its time is that of the first.
  - An adjustment follows it that bears its document, at the same facility and of the same item, at or after it (and of the same line where both name one); or one without any document, within 259200 s (three days, inclusive) after the receipt and before the next one of the item there.
  - Adjustments of counts bear the count's document and so follow no receipt.
  - A supplier that is not stated is NULL.
not_to_be_confused_with: receipt discrepancies, which are found at the dock
source: domain model, scenarios (a supplier whose receipts are always adjusted)
owner: purchasing
grain: [facility_id, supplier_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: where it was received}
  supplier_id: {unit: id, description: who delivered, nullable: true}
  supplier_name: {unit: text, description: 'what people call it; NULL: the suppliers of the workspace do not say', nullable: true}
  receipts_count: {unit: count, description: lines received, min: 1}
  adjusted_count: {unit: count, description: those that an adjustment followed, min: 0}
  adjusted_ratio: {unit: ratio, description: share of lines adjusted, min: 0, max: 1}
  received_units: {unit: units, description: units received, nullable: true, min: 0}
  adjusted_net_units: {unit: units, description: signed units of the adjustments}
  adjusted_absolute_units: {unit: units, description: units of the adjustments without sign, min: 0}
*/
SELECT
    r.facility_id,
    r.supplier_id,
    max(n.name) AS supplier_name,
    count(*) AS receipts_count,
    count(r.adjusted_absolute_units) AS adjusted_count,
    CAST(count(r.adjusted_absolute_units) AS DOUBLE) / nullif(count(*), 0) AS adjusted_ratio,
    CAST(sum(r.received_units) AS DOUBLE) AS received_units,
    CAST(coalesce(sum(r.adjusted_net_units), 0) AS DOUBLE) AS adjusted_net_units,
    CAST(coalesce(sum(r.adjusted_absolute_units), 0) AS DOUBLE) AS adjusted_absolute_units
FROM shared.adjusted_receipt r
LEFT JOIN reference.supplier n ON n.supplier_id = r.supplier_id
GROUP BY r.facility_id, r.supplier_id
