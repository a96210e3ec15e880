-- A movement matters only where a count lies between its happening and its being known. Each of the two is looked up by
-- ASOF among the counts, and what finds the same count twice is left out before anything is summed; the books are read
-- only at facilities whose opening stock is given.
WITH counted AS MATERIALIZED (
    SELECT
        count_id, facility_id, item_id, counted_at, book_quantity, variance_units, tolerance_ratio,
        min(coalesce(location_id, '')) OVER item <> max(coalesce(location_id, '')) OVER item AS is_by_location
    FROM marts.count_records
    WINDOW item AS (PARTITION BY facility_id, item_id)
), slot AS MATERIALIZED (
    SELECT facility_id, item_id, counted_at, row_number() OVER (PARTITION BY facility_id, item_id ORDER BY counted_at) AS no
    FROM (SELECT DISTINCT facility_id, item_id, counted_at FROM counted WHERE book_quantity IS NOT NULL AND NOT is_by_location)
), moved AS MATERIALIZED (
    SELECT l.facility_id, l.item_id, l.event_time,
        if(l.posted_at IS NULL, 'infinity', greatest(l.event_time, l.posted_at)) AS known_at,
        CASE t.direction WHEN 'in' THEN abs(l.quantity) WHEN 'out' THEN -abs(l.quantity) ELSE l.quantity END AS q
    FROM marts.event_latency l
    JOIN reference.event_type t ON t.event_type = l.event_type
    WHERE (t.direction IN ('in', 'out') OR l.event_type = 'inventory_adjusted') AND l.item_id IS NOT NULL AND l.quantity <> 0
), change AS (
    SELECT m.facility_id, m.item_id, m.q, a.no AS happened_no, b.no AS known_no
    FROM moved m
    ASOF JOIN slot a ON a.facility_id = m.facility_id AND a.item_id = m.item_id AND m.event_time <= a.counted_at
    ASOF LEFT JOIN slot b ON b.facility_id = m.facility_id AND b.item_id = m.item_id AND m.known_at <= b.counted_at
    WHERE a.no IS DISTINCT FROM b.no
), in_flight AS (
    SELECT s.facility_id, s.item_id, s.counted_at, sum(c.q) AS q
    FROM change c
    JOIN slot s ON s.facility_id = c.facility_id AND s.item_id = c.item_id AND s.no >= c.happened_no AND (c.known_no IS NULL OR s.no < c.known_no)
    GROUP BY ALL
), booked AS (
    SELECT b.facility_id, b.item_id, s.no, sum(b.signed_quantity) AS q
    FROM shared.book_move b
    ASOF JOIN slot s ON s.facility_id = b.facility_id AND s.item_id = b.item_id AND b.moved_at <= s.counted_at
    WHERE b.facility_id IN (SELECT facility_id FROM reference.opening_stock)
    GROUP BY ALL
), book AS (
    SELECT s.facility_id, s.item_id, s.counted_at, sum(b.q) OVER (PARTITION BY s.facility_id, s.item_id ORDER BY s.no ROWS UNBOUNDED PRECEDING) AS q
    FROM slot s
    LEFT JOIN booked b USING (facility_id, item_id, no)
), parted AS (
    SELECT
        c.*, if(s.no IS NULL, NULL, coalesce(f.q, 0)) AS in_flight_units,
        if(c.facility_id IN (SELECT facility_id FROM reference.opening_stock) AND s.no IS NOT NULL, coalesce(k.q, 0) - c.book_quantity, NULL) AS posted_during_units,
        CASE
            WHEN c.book_quantity IS NULL THEN 'no_book_quantity'
            WHEN c.is_by_location THEN 'several_locations'
            WHEN c.facility_id NOT IN (SELECT facility_id FROM reference.opening_stock) THEN 'no_opening_stock'
        END AS unsplit_reason
    FROM counted c
    LEFT JOIN slot s ON c.book_quantity IS NOT NULL AND NOT c.is_by_location AND s.facility_id = c.facility_id AND s.item_id = c.item_id AND s.counted_at = c.counted_at
    LEFT JOIN in_flight f ON f.facility_id = s.facility_id AND f.item_id = s.item_id AND f.counted_at = s.counted_at
    LEFT JOIN book k ON k.facility_id = s.facility_id AND k.item_id = s.item_id AND k.counted_at = s.counted_at
)
SELECT
    count_id, facility_id, item_id, counted_at, variance_units, in_flight_units, posted_during_units,
    variance_units - in_flight_units - coalesce(posted_during_units, 0) AS residual_units,
    variance_units <> 0 AND variance_units - in_flight_units - coalesce(posted_during_units, 0) = 0 AS is_explained,
    abs(variance_units - in_flight_units - coalesce(posted_during_units, 0)) > tolerance_ratio * abs(book_quantity) AS is_recount_due,
    unsplit_reason
FROM parted
