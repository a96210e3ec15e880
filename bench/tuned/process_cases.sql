SELECT
    c.case_no, c.process, c.facility_id, c.case_id, n.variant_no, c.first_at, c.last_at, epoch(c.last_at) - epoch(c.first_at) AS duration_s,
    c.events_count, c.is_open, c.item_id, i.abc_class, c.supplier_id, c.shift
FROM process.case_variant c
JOIN process.variant_number n USING (process, variant_id)
LEFT JOIN reference.item i ON i.item_id = c.item_id
ORDER BY c.case_no
