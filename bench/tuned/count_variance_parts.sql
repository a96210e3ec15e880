-- Movements are taken from the events themselves, which hold when they were posted, so that nothing is joined by event;
-- only items that are counted are moved, as numbers, and the books only at facilities whose opening stock is given.
WITH counted AS MATERIALIZED (
    SELECT
        count_id, facility_id, item_id, counted_at, book_quantity, variance_units, tolerance_ratio,
        min(coalesce(location_id, '')) OVER item <> max(coalesce(location_id, '')) OVER item AS is_by_location,
        dense_rank() OVER (ORDER BY facility_id, item_id) AS place_no
    FROM marts.count_records
    WINDOW item AS (PARTITION BY facility_id, item_id)
), wanted AS MATERIALIZED (
    SELECT DISTINCT place_no, facility_id, item_id FROM counted WHERE book_quantity IS NOT NULL AND NOT is_by_location
), adjusted AS MATERIALIZED (
    SELECT facility_id, document_id, item_id FROM canonical.inventory_event WHERE event_type = 'inventory_adjusted' AND document_id IS NOT NULL
), part AS MATERIALIZED (
    SELECT l.event_id, p.posted_at, p.quantity, sum(p.quantity) OVER (PARTITION BY l.event_id) > 0 AS is_positive
    FROM (
        SELECT posting_id, event_id FROM matching.posting_reference WHERE is_event_known AND role IN ('part', 'partial')
        UNION ALL SELECT posting_id, event_id FROM matching.split_match
        UNION ALL SELECT posting_id, event_id FROM matching.key_part
    ) l
    JOIN (SELECT posting_id, posted_at, quantity FROM canonical.erp_posting) p ON p.posting_id = l.posting_id
), moved AS MATERIALIZED (
    SELECT
        w.place_no, l.event_id, l.event_time AS moved_at, greatest(l.event_time, l.posted_at) AS known_at,
        l.posted_at IS NOT NULL AND l.match_method <> 'split' AS is_known,
        CASE t.direction WHEN 'in' THEN abs(l.quantity) WHEN 'out' THEN -abs(l.quantity) ELSE l.quantity END AS q
    FROM marts.event_latency l
    JOIN reference.event_type t ON t.event_type = l.event_type
    JOIN wanted w ON w.facility_id = l.facility_id AND w.item_id = l.item_id
    WHERE (
        t.direction IN ('in', 'out') OR l.event_type = 'inventory_adjusted'
        OR l.event_type = 'count_variance_approved' AND NOT EXISTS (FROM adjusted a WHERE a.facility_id = l.facility_id AND a.document_id = l.document_id AND a.item_id = l.item_id)
    ) AND l.quantity <> 0
), point AS (
    SELECT place_no, moved_at, q AS in_flight, NULL AS in_book, NULL AS count_id FROM moved
    UNION ALL
    SELECT place_no, known_at, -q, NULL, NULL FROM moved WHERE is_known
    UNION ALL
    SELECT m.place_no, greatest(m.moved_at, p.posted_at), if((m.q > 0) = p.is_positive, -p.quantity, p.quantity), NULL, NULL
    FROM moved m JOIN part p ON p.event_id = m.event_id
    UNION ALL
    SELECT w.place_no, b.moved_at, NULL, b.signed_quantity, NULL
    FROM shared.book_move b
    JOIN wanted w ON w.facility_id = b.facility_id AND w.item_id = b.item_id
    WHERE b.facility_id IN (SELECT facility_id FROM reference.opening_stock)
    UNION ALL
    SELECT place_no, counted_at, NULL, NULL, count_id FROM counted WHERE book_quantity IS NOT NULL AND NOT is_by_location
), stood AS (
    SELECT count_id, coalesce(sum(in_flight) OVER until, 0) AS in_flight_units, coalesce(sum(in_book) OVER until, 0) AS book_units
    FROM point
    WINDOW until AS (PARTITION BY place_no ORDER BY moved_at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), parted AS (
    SELECT
        c.*, s.in_flight_units,
        if(c.facility_id IN (SELECT facility_id FROM reference.opening_stock), s.book_units - c.book_quantity, NULL) AS posted_during_units,
        CASE
            WHEN c.book_quantity IS NULL THEN 'no_book_quantity'
            WHEN c.is_by_location THEN 'several_locations'
            WHEN c.facility_id NOT IN (SELECT facility_id FROM reference.opening_stock) THEN 'no_opening_stock'
        END AS unsplit_reason
    FROM counted c
    LEFT JOIN (FROM stood WHERE count_id IS NOT NULL) s ON s.count_id = c.count_id
)
SELECT
    count_id, facility_id, item_id, counted_at, variance_units, in_flight_units, posted_during_units,
    variance_units - in_flight_units - coalesce(posted_during_units, 0) AS residual_units,
    variance_units <> 0 AND variance_units - in_flight_units - coalesce(posted_during_units, 0) = 0 AS is_explained,
    abs(variance_units - in_flight_units - coalesce(posted_during_units, 0)) > tolerance_ratio * abs(book_quantity) AS is_recount_due,
    unsplit_reason
FROM parted
