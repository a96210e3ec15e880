/*
title: Counts, one by one
question: Which counts differ from the books, and by how much?
definition: One row per count with its variance (counted - book) in base units and whether it is exact and within tolerance.
formula: "variance_units = counted_quantity - book_quantity; tolerance_ratio is that of the ABC class; is_exact = (variance_units = 0); is_within_tolerance = abs(variance_units) <= tolerance_ratio * abs(book_quantity)"
headline: variance_units
edge_rules:
  - Without a book quantity there is no variance; the record is listed but takes part in no accuracy.
  - "Tolerance: A 1 %, B 3 %, C 5 % of the book quantity, bounds inclusive; C where no class is given."
  - Book 0 with a difference counts as 100 % off, so it is outside every tolerance.
source: domain model, headline measures; inventory record accuracy with tolerance by ABC class
owner: inventory control
grain: [count_id]
direction: neutral
columns:
  count_id: {unit: id, description: the count}
  facility_id: {unit: id, description: where}
  location_id: {unit: id, description: bin, nullable: true}
  item_id: {unit: id, description: the item}
  abc_class: {unit: text, description: class that decides the tolerance}
  counted_at: {unit: instant, description: when it was counted}
  approved_at: {unit: instant, description: when the variance was approved up to as_of, nullable: true}
  shift: {unit: text, description: shift, nullable: true}
  counted_quantity: {unit: units, description: what was found, min: 0}
  book_quantity: {unit: units, description: what the books said, nullable: true}
  variance_units: {unit: units, description: counted - book, nullable: true}
  tolerance_ratio: {unit: ratio, description: allowed share of the book quantity, min: 0, max: 1}
  is_exact: {unit: boolean, description: whether both are equal, nullable: true}
  is_within_tolerance: {unit: boolean, description: 'whether |variance| is within the tolerance', nullable: true}
  feed: {unit: text, description: feed that delivered the count}
  file: {unit: text, description: file that delivered it}
  row_number: {unit: number, description: its row in that file, min: 1}
*/
SELECT
    c.count_id,
    c.facility_id,
    c.location_id,
    c.item_id,
    coalesce(i.abc_class, 'C') AS abc_class,
    c.counted_at,
    CASE WHEN c.approved_at <= v.as_of THEN c.approved_at END AS approved_at,
    c.shift,
    c.counted_quantity,
    c.book_quantity,
    c.counted_quantity - c.book_quantity AS variance_units,
    t.tolerance_ratio,
    c.counted_quantity = c.book_quantity AS is_exact,
    abs(c.counted_quantity - c.book_quantity) <= t.tolerance_ratio * abs(c.book_quantity) AS is_within_tolerance,
    c.feed,
    c.file,
    c.row_number
FROM canonical.count_record c
CROSS JOIN reference.evaluation v
LEFT JOIN reference.item i ON i.item_id = c.item_id
JOIN reference.count_tolerance t ON t.abc_class = coalesce(i.abc_class, 'C')
