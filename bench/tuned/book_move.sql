-- Postings that name their event are linked without a table of links; what bears an adjustment's document is a hash set.
WITH batch AS MATERIALIZED (
    SELECT b.posting_id, b.event_id, p.item_id IS NULL AS is_of_item
    FROM matching.batch_match b
    JOIN (SELECT posting_id, item_id FROM canonical.erp_posting) p ON p.posting_id = b.posting_id
), linked AS MATERIALIZED (
    SELECT posting_id, event_id FROM matching.posting_reference WHERE is_event_known
    UNION ALL SELECT posting_id, event_id FROM matching.key_match
    UNION ALL SELECT posting_id, min(event_id) FROM batch WHERE NOT is_of_item GROUP BY posting_id
    UNION ALL SELECT posting_id, event_id FROM matching.split_match
    UNION ALL SELECT posting_id, event_id FROM matching.unequal_match
    UNION ALL SELECT posting_id, event_id FROM matching.key_part
), meant AS (
    SELECT l.posting_id, e.event_id, e.event_type, e.document_id, e.item_id, e.quantity, FALSE AS is_of_item
    FROM linked l
    JOIN (SELECT event_id, event_type, document_id, item_id, quantity FROM canonical.inventory_event) e ON e.event_id = l.event_id
    UNION ALL
    SELECT b.posting_id, min(e.event_id), min(e.event_type), min(e.document_id), e.item_id,
        sum(if(t.direction = 'none', e.quantity, abs(e.quantity)))::DECIMAL(18, 6), TRUE
    FROM batch b
    JOIN (SELECT event_id, event_type, document_id, item_id, quantity FROM canonical.inventory_event WHERE item_id IS NOT NULL) e ON e.event_id = b.event_id
    JOIN reference.event_type t ON t.event_type = e.event_type
    WHERE b.is_of_item AND (t.direction IN ('in', 'out') OR e.event_type IN ('inventory_adjusted', 'count_variance_approved'))
    GROUP BY b.posting_id, e.item_id
), led AS (
    SELECT l.posting_id, first(p.quantity > 0) OVER (PARTITION BY l.event_id ORDER BY p.facility_id <> e.facility_id, p.posted_at, p.posting_id) <> (p.quantity > 0) AS is_against
    FROM linked l
    SEMI JOIN (SELECT event_id FROM linked GROUP BY ALL HAVING count(*) > 1) s ON s.event_id = l.event_id
    JOIN (SELECT posting_id, posted_at, facility_id, quantity FROM canonical.erp_posting WHERE quantity <> 0) p ON p.posting_id = l.posting_id
    JOIN (SELECT event_id, facility_id FROM canonical.inventory_event) e ON e.event_id = l.event_id
), adjusted AS MATERIALIZED (
    SELECT facility_id, document_id, item_id FROM canonical.inventory_event WHERE event_type = 'inventory_adjusted' AND document_id IS NOT NULL
    UNION
    SELECT facility_id, document_id, item_id FROM canonical.erp_posting WHERE posting_type = 'inventory_adjusted' AND document_id IS NOT NULL
), stated AS (
    SELECT
        p.facility_id, coalesce(p.item_id, m.item_id) AS item_id, p.posted_at, p.posting_id, m.event_id,
        coalesce(m.event_type, p.posting_type) AS kind, coalesce(p.document_id, m.document_id) AS document_id,
        if(m.is_of_item, m.quantity, coalesce(p.quantity, m.quantity)) AS quantity
    FROM canonical.erp_posting p
    LEFT JOIN meant m ON m.posting_id = p.posting_id
    ANTI JOIN (SELECT posting_id FROM matching.cancelled_posting WHERE fate <> 'in_vain') c ON c.posting_id = p.posting_id
), signed AS (
    SELECT
        s.facility_id, s.item_id, s.posted_at, s.posting_id, s.event_id,
        CASE
            WHEN s.kind = 'inventory_adjusted' THEN s.quantity
            WHEN s.kind = 'count_variance_approved' AND a.document_id IS NULL THEN s.quantity
            WHEN t.direction = 'none' THEN NULL
            WHEN s.event_id IS NULL THEN s.quantity
            WHEN (t.direction = 'in') <> coalesce(d.is_against, FALSE) THEN abs(s.quantity)
            ELSE -abs(s.quantity)
        END AS signed_quantity
    FROM stated s
    LEFT JOIN led d ON d.posting_id = s.posting_id
    LEFT JOIN reference.event_type t ON t.event_type = s.kind
    LEFT JOIN adjusted a ON a.facility_id = s.facility_id AND a.document_id = s.document_id AND a.item_id = s.item_id
    WHERE s.item_id IS NOT NULL AND s.quantity <> 0
)
SELECT
    facility_id, item_id, '1970-01-01 00:00:00Z'::TIMESTAMPTZ AS moved_at, NULL::VARCHAR AS posting_id, NULL::VARCHAR AS event_id,
    coalesce(book_quantity, quantity) AS signed_quantity, TRUE AS is_opening
FROM reference.opening_stock
UNION ALL
SELECT facility_id, item_id, posted_at, posting_id, event_id, signed_quantity, FALSE
FROM signed
WHERE signed_quantity IS NOT NULL
