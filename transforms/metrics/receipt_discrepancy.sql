/*
title: Receipt discrepancies
question: Which supplier delivers too much, too little, or damaged goods, and where?
definition: Purchase lines and units received over, short, rejected and damaged, per facility and supplier, and the share of decided lines with any of these.
formula: "discrepant_ratio = discrepant_lines_count / lines_count; over_units = sum(greatest(received - ordered, 0)); short_units = sum(greatest(ordered - received, 0))"
headline: discrepant_ratio
edge_rules:
  - Received is the sum of the receipts of the line (shared.purchase_receipt); where there is none, the quantity that the purchase line states.
  - A line is short where less than ordered came and its due date lies before the local day of as_of; without a due date, as soon as anything came. Less than ordered before that is open_lines_count and decides nothing.
  - Rejected is as the purchase line states; damaged is what was received into the status damaged.
  - A line may be short and damaged at once; discrepant_lines_count counts it once. Exactly as ordered is neither over nor short.
  - Lines that state no ordered quantity, or none above zero (a return to the supplier), are unknown_lines_count and in nothing else.
  - What a line states as received or rejected counts as stated, also below zero. A facility or supplier that is not stated is NULL.
not_to_be_confused_with: three-way match, which also asks for the invoice
source: "domain model, headline measures; SCOR RL.3.24 (delivered in full), WERC supplier orders without discrepancies"
owner: purchasing
grain: [facility_id, supplier_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: where it is received, nullable: true}
  supplier_id: {unit: id, description: who delivers, nullable: true}
  supplier_name: {unit: text, description: 'what people call it; NULL: the suppliers of the workspace do not say', nullable: true}
  lines_count: {unit: count, description: 'decided lines: received in full or more, or short', min: 0}
  open_lines_count: {unit: count, description: lines that may still come, min: 0}
  unknown_lines_count: {unit: count, description: lines without an ordered quantity above zero, min: 0}
  over_lines_count: {unit: count, description: lines of which more came, min: 0}
  short_lines_count: {unit: count, description: lines of which less came, min: 0}
  rejected_lines_count: {unit: count, description: decided lines with rejected units, min: 0}
  damaged_lines_count: {unit: count, description: decided lines with damaged units, min: 0}
  discrepant_lines_count: {unit: count, description: decided lines with any of these, min: 0}
  discrepant_ratio: {unit: ratio, description: their share of decided lines, nullable: true, min: 0, max: 1}
  ordered_units: {unit: units, description: units ordered on decided lines, min: 0}
  received_units: {unit: units, description: units received of them}
  over_units: {unit: units, description: units beyond what was ordered, min: 0}
  short_units: {unit: units, description: units missing, min: 0}
  rejected_units: {unit: units, description: units rejected}
  damaged_units: {unit: units, description: units received as damaged, min: 0}
*/
WITH receipt AS (
    SELECT
        purchase_order_id,
        purchase_order_line,
        sum(quantity) AS received_quantity,
        sum(CASE WHEN to_status = 'damaged' THEN quantity ELSE 0 END) AS damaged_quantity
    FROM shared.purchase_receipt
    GROUP BY purchase_order_id, purchase_order_line
), line AS (
    SELECT
        p.facility_id,
        p.supplier_id,
        p.ordered_quantity,
        coalesce(r.received_quantity, p.received_quantity, 0) AS received_quantity,
        coalesce(p.rejected_quantity, 0) AS rejected_quantity,
        coalesce(r.damaged_quantity, 0) AS damaged_quantity,
        CASE
            WHEN p.ordered_quantity IS NULL OR p.ordered_quantity <= 0 THEN NULL
            WHEN coalesce(r.received_quantity, p.received_quantity, 0) >= p.ordered_quantity THEN TRUE
            WHEN p.due_date IS NULL THEN coalesce(r.received_quantity, p.received_quantity, 0) > 0
            ELSE p.due_date < local_day(v.as_of, coalesce(f.timezone, 'UTC'))
        END AS is_decided
    FROM marts.purchase_lines p
    CROSS JOIN reference.evaluation v
    LEFT JOIN reference.facility f ON f.facility_id = p.facility_id
    LEFT JOIN receipt r ON r.purchase_order_id = p.purchase_order_id AND r.purchase_order_line = p.purchase_order_line
), judged AS (
    SELECT
        *,
        CASE WHEN is_decided THEN greatest(received_quantity - ordered_quantity, 0) ELSE 0 END AS over_quantity,
        CASE WHEN is_decided THEN greatest(ordered_quantity - received_quantity, 0) ELSE 0 END AS short_quantity
    FROM line
)
SELECT
    j.facility_id,
    j.supplier_id,
    max(n.name) AS supplier_name,
    count(*) FILTER (WHERE is_decided) AS lines_count,
    count(*) FILTER (WHERE NOT is_decided) AS open_lines_count,
    count(*) FILTER (WHERE is_decided IS NULL) AS unknown_lines_count,
    count(*) FILTER (WHERE over_quantity > 0) AS over_lines_count,
    count(*) FILTER (WHERE short_quantity > 0) AS short_lines_count,
    count(*) FILTER (WHERE is_decided AND rejected_quantity > 0) AS rejected_lines_count,
    count(*) FILTER (WHERE is_decided AND damaged_quantity > 0) AS damaged_lines_count,
    count(*) FILTER (WHERE is_decided AND over_quantity + short_quantity + rejected_quantity + damaged_quantity > 0)
        AS discrepant_lines_count,
    CAST(count(*) FILTER (WHERE is_decided AND over_quantity + short_quantity + rejected_quantity + damaged_quantity > 0) AS DOUBLE)
        / nullif(count(*) FILTER (WHERE is_decided), 0) AS discrepant_ratio,
    CAST(coalesce(sum(CASE WHEN is_decided THEN ordered_quantity END), 0) AS DOUBLE) AS ordered_units,
    CAST(coalesce(sum(CASE WHEN is_decided THEN received_quantity END), 0) AS DOUBLE) AS received_units,
    CAST(sum(over_quantity) AS DOUBLE) AS over_units,
    CAST(sum(short_quantity) AS DOUBLE) AS short_units,
    CAST(coalesce(sum(CASE WHEN is_decided THEN rejected_quantity END), 0) AS DOUBLE) AS rejected_units,
    CAST(coalesce(sum(CASE WHEN is_decided THEN damaged_quantity END), 0) AS DOUBLE) AS damaged_units
FROM judged j
LEFT JOIN reference.supplier n ON n.supplier_id = j.supplier_id
GROUP BY j.facility_id, j.supplier_id
