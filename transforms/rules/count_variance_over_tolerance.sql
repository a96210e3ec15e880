/*
title: Count variance over tolerance
question: Which counts differ from the books by more than the tolerance of their item?
definition: Counts whose absolute variance exceeds the tolerance of the item's ABC class.
formula: "exceptions_count = count(counts where abs(counted_quantity - book_quantity) > tolerance_ratio * abs(book_quantity))"
edge_rules:
  - Exactly on the tolerance is within; book 0 with a difference is over.
  - Opens at counted_at; the approval of the variance (approved_at) resolves it.
  - The quantity at risk is the absolute variance.
  - Counts without a book quantity cannot be judged.
source: domain model, exception rules
owner: inventory control
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: inventory control
cause: stock moved without a booking, a posting still under way at the count, or a miscount
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: count_id}
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
    c.count_id AS reference_id,
    c.counted_at AS opened_at,
    CASE WHEN c.approved_at >= c.counted_at THEN c.approved_at WHEN c.approved_at IS NOT NULL THEN c.counted_at END AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    c.item_id,
    abs(c.variance_units) AS quantity,
    concat_ws(' ',
        'count:' || replace(c.count_id, ' ', '%20'),
        'file:' || replace(c.file, ' ', '%20') || '#' || CAST(CAST(c.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', 'item ', c.item_id, ': counted ', CAST(c.counted_quantity AS STRING), ', book ', CAST(c.book_quantity AS STRING)) AS detail
FROM marts.count_records c
WHERE NOT c.is_within_tolerance
