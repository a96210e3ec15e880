-- Postings that name their event are linked without a table of links; what bears an adjustment's document is a hash set.
WITH linked AS MATERIALIZED (
    SELECT posting_id, event_id FROM matching.posting_reference WHERE is_event_known
    UNION ALL SELECT posting_id, event_id FROM matching.key_match
    UNION ALL SELECT posting_id, min(event_id) FROM matching.batch_match GROUP BY posting_id
    UNION ALL SELECT posting_id, event_id FROM matching.split_match
    UNION ALL SELECT posting_id, event_id FROM matching.unequal_match
    UNION ALL SELECT posting_id, event_id FROM matching.key_part
), led AS (
    SELECT l.posting_id, first(p.quantity > 0) OVER (PARTITION BY l.event_id ORDER BY p.facility_id <> e.facility_id, p.posted_at, p.posting_id) <> (p.quantity > 0) AS is_against
    FROM linked l
    SEMI JOIN (SELECT event_id FROM linked GROUP BY ALL HAVING count(*) > 1) s ON s.event_id = l.event_id
    JOIN (SELECT posting_id, posted_at, facility_id, quantity FROM canonical.erp_posting WHERE quantity <> 0) p ON p.posting_id = l.posting_id
    JOIN (SELECT event_id, facility_id FROM canonical.inventory_event) e ON e.event_id = l.event_id
), adjusted AS MATERIALIZED (
    SELECT document_id, item_id FROM canonical.inventory_event WHERE event_type = 'inventory_adjusted' AND document_id IS NOT NULL
    UNION
    SELECT document_id, item_id FROM canonical.erp_posting WHERE posting_type = 'inventory_adjusted' AND document_id IS NOT NULL
), signed AS (
    SELECT
        p.facility_id, p.item_id, p.posted_at, p.posting_id, e.event_id,
        CASE
            WHEN coalesce(e.event_type, p.posting_type) = 'inventory_adjusted' THEN p.quantity
            WHEN coalesce(e.event_type, p.posting_type) = 'count_variance_approved' AND a.document_id IS NULL THEN p.quantity
            WHEN t.direction = 'none' THEN NULL
            WHEN e.event_id IS NULL THEN p.quantity
            WHEN (t.direction = 'in') <> coalesce(d.is_against, FALSE) THEN abs(p.quantity)
            ELSE -abs(p.quantity)
        END AS signed_quantity
    FROM canonical.erp_posting p
    LEFT JOIN linked l ON l.posting_id = p.posting_id
    LEFT JOIN (SELECT event_id, event_type, document_id FROM canonical.inventory_event) e ON e.event_id = l.event_id
    LEFT JOIN led d ON d.posting_id = p.posting_id
    LEFT JOIN reference.event_type t ON t.event_type = coalesce(e.event_type, p.posting_type)
    LEFT JOIN adjusted a ON a.document_id = coalesce(p.document_id, e.document_id) AND a.item_id = p.item_id
    ANTI JOIN (SELECT posting_id FROM matching.cancelled_posting WHERE fate <> 'in_vain') c ON c.posting_id = p.posting_id
    WHERE p.item_id IS NOT NULL AND p.quantity <> 0
)
SELECT
    facility_id, item_id, '1970-01-01 00:00:00Z'::TIMESTAMPTZ AS moved_at, NULL::VARCHAR AS posting_id, NULL::VARCHAR AS event_id,
    coalesce(book_quantity, quantity) AS signed_quantity, TRUE AS is_opening
FROM reference.opening_stock
UNION ALL
SELECT facility_id, item_id, posted_at, posting_id, event_id, signed_quantity, FALSE
FROM signed
WHERE signed_quantity IS NOT NULL
