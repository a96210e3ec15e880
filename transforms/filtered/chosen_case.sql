/*
title: Cases of a choice
question: Which cases does the choice leave?
definition: Cases of the chosen process that keep every condition on their way, their time, their duration and what they state.
edge_rules:
  - A case has to be at one of the chosen facilities, and to state one of the items, classes, suppliers and shifts, as far as any are given; a case that states none, or several, is then left out.
  - "Time runs from from_at, inclusive, to to_at, exclusive; time_basis says what has to lie in it: `started` the first event, `ended` the last, `within` both, `touching` any moment of the case between them."
  - Durations are bounds that are themselves in.
source: ADR 26
owner: process owner
grain: [side, case_no]
storage: view
columns:
  side: {unit: text, description: which of the choices}
  case_no: {unit: number, description: number of the case in this build, min: 1}
  variant_no: {unit: number, description: number of its variant in this build, min: 1}
additivity: additive
*/
WITH asked AS (
    SELECT
        s.side, s.process, s.from_at, s.to_at, s.time_basis, s.min_duration_s, s.max_duration_s, s.is_open,
        bool_or(coalesce(w.kind = 'facility', FALSE)) AS has_facility, bool_or(coalesce(w.kind = 'item', FALSE)) AS has_item,
        bool_or(coalesce(w.kind = 'abc_class', FALSE)) AS has_abc_class,
        bool_or(coalesce(w.kind = 'supplier', FALSE)) AS has_supplier, bool_or(coalesce(w.kind = 'shift', FALSE)) AS has_shift
    FROM selection s
    LEFT JOIN selection_value w ON w.side = s.side
    GROUP BY
        s.side, s.process, s.from_at, s.to_at, s.time_basis, s.min_duration_s, s.max_duration_s, s.is_open
)
SELECT a.side, c.case_no, c.variant_no
FROM marts.process_cases c
JOIN asked a ON a.process = c.process
JOIN chosen_variant v ON v.side = a.side AND v.variant_no = c.variant_no
LEFT JOIN selection_value f ON f.side = a.side AND f.kind = 'facility' AND f.value = c.facility_id
LEFT JOIN selection_value i ON i.side = a.side AND i.kind = 'item' AND i.value = c.item_id
LEFT JOIN selection_value b ON b.side = a.side AND b.kind = 'abc_class' AND b.value = c.abc_class
LEFT JOIN selection_value p ON p.side = a.side AND p.kind = 'supplier' AND p.value = c.supplier_id
LEFT JOIN selection_value h ON h.side = a.side AND h.kind = 'shift' AND h.value = c.shift
WHERE (f.value IS NOT NULL OR NOT a.has_facility)
  AND (i.value IS NOT NULL OR NOT a.has_item)
  AND (b.value IS NOT NULL OR NOT a.has_abc_class)
  AND (p.value IS NOT NULL OR NOT a.has_supplier)
  AND (h.value IS NOT NULL OR NOT a.has_shift)
  AND (a.is_open IS NULL OR a.is_open = c.is_open)
  AND (a.min_duration_s IS NULL OR a.min_duration_s <= c.duration_s)
  AND (a.max_duration_s IS NULL OR a.max_duration_s >= c.duration_s)
  AND (a.from_at IS NULL OR a.from_at <= CASE WHEN a.time_basis IN ('started', 'within') THEN c.first_at ELSE c.last_at END)
  AND (a.to_at IS NULL OR a.to_at > CASE WHEN a.time_basis IN ('started', 'touching') THEN c.first_at ELSE c.last_at END)
