/*
title: What a count variance is made of
question: How much of each difference is only timing, and what has to be counted again?
definition: The variance of each count in base units, split into what was in flight (happened up to the count, posted later), what was posted between the reading of the books and the count, and the residual.
formula: "variance_units = in_flight_units + coalesce(posted_during_units, 0) + residual_units"
edge_rules:
  - "in_flight_units: signed quantities of the item's movements at the facility with event_time <= counted_at whose posting is later than counted_at or does not exist; exactly at the count is posted. Movements whose posting is not expected and does not exist are left out."
  - Of a movement that several postings post, completely or so far, each takes its own part out of flight when it is posted; a posting of the opposite sign puts its part back.
  - "posted_during_units: what the books held at counted_at (opening stock and standing postings up to it) less the stated book quantity; it needs opening stock for the facility, and is else NULL (unsplit_reason no_opening_stock), its part then lying in the residual."
  - "variance = in flight + posted during (NULL as 0) + residual. Recount only where the residual is outside tolerance."
  - "A count is taken as being of all of the item at the facility. Where the item was counted at several locations there, or the count states no book quantity, nothing is split: the parts are NULL and unsplit_reason is several_locations or no_book_quantity."
not_to_be_confused_with: event-to-posting latency, which is time, not units
source: domain model, headline measures
owner: inventory control
grain: [count_id]
direction: neutral
additivity: additive
columns:
  count_id: {unit: id, description: the count}
  facility_id: {unit: id, description: where}
  item_id: {unit: id, description: the item}
  counted_at: {unit: instant, description: when it was counted}
  variance_units: {unit: units, description: counted - book, nullable: true}
  in_flight_units: {unit: units, description: happened before the count and not posted by then, nullable: true}
  posted_during_units: {unit: units, description: posted between the reading of the books and the count, nullable: true}
  residual_units: {unit: units, description: what timing does not explain, nullable: true}
  is_explained: {unit: boolean, description: whether it differs and the residual is zero, nullable: true}
  is_recount_due: {unit: boolean, description: whether the residual is outside tolerance, nullable: true}
  unsplit_reason: {unit: text, description: 'why a part is NULL: no_book_quantity, several_locations or no_opening_stock', nullable: true}
*/
WITH counted AS (
    SELECT
        count_id, facility_id, item_id, counted_at, book_quantity, variance_units, tolerance_ratio,
        coalesce(min(coalesce(location_id, '')) OVER item <> max(coalesce(location_id, '')) OVER item, FALSE) AS is_by_location
    FROM marts.count_records
    WINDOW item AS (PARTITION BY facility_id, item_id)
), covered AS (
    SELECT DISTINCT facility_id FROM reference.opening_stock
), wanted AS (
    SELECT CAST(row_number() OVER (ORDER BY facility_id, item_id NULLS FIRST) AS INT) AS place_no, facility_id, item_id
    FROM counted
    WHERE book_quantity IS NOT NULL AND NOT is_by_location
    GROUP BY facility_id, item_id
), part AS (
    SELECT l.event_id, p.posted_at, p.quantity, sum(p.quantity) OVER (PARTITION BY l.event_id) AS total_quantity
    FROM shared.posting_event l
    JOIN canonical.erp_posting p ON p.posting_id = l.posting_id
    WHERE l.is_part
), moved AS (
    SELECT
        w.place_no, m.event_id, m.moved_at, m.signed_quantity, l.posted_at, coalesce(l.match_method, '') = 'split' AS is_split
    FROM shared.physical_move m
    JOIN marts.event_latency l ON l.event_id = m.event_id
    JOIN wanted w ON w.facility_id = m.facility_id AND w.item_id = m.item_id
), point AS (
    SELECT place_no, moved_at, signed_quantity AS in_flight, 0 AS in_book, CAST(NULL AS STRING) AS count_id FROM moved
    UNION ALL
    SELECT place_no, greatest(moved_at, posted_at), -signed_quantity, 0, NULL FROM moved WHERE posted_at IS NOT NULL AND NOT is_split
    UNION ALL
    -- A part has the sign of the movement where it has that of all parts together.
    SELECT
        m.place_no, greatest(m.moved_at, p.posted_at),
        CASE WHEN (m.signed_quantity > 0) = (p.total_quantity > 0) THEN -p.quantity ELSE p.quantity END, 0, NULL
    FROM moved m
    JOIN part p ON p.event_id = m.event_id
    UNION ALL
    SELECT w.place_no, b.moved_at, 0, b.signed_quantity, NULL
    FROM shared.book_move b
    JOIN covered v ON v.facility_id = b.facility_id
    JOIN wanted w ON w.facility_id = b.facility_id AND w.item_id = b.item_id
    UNION ALL
    SELECT w.place_no, c.counted_at, 0, 0, c.count_id
    FROM counted c
    JOIN wanted w ON w.facility_id = c.facility_id AND w.item_id = c.item_id
    WHERE c.book_quantity IS NOT NULL AND NOT c.is_by_location
), stood AS (
    SELECT
        count_id,
        CAST(sum(in_flight) OVER until AS DECIMAL(18, 6)) AS in_flight_units,
        CAST(sum(in_book) OVER until AS DECIMAL(18, 6)) AS book_units
    FROM point
    WINDOW until AS (PARTITION BY place_no ORDER BY moved_at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), parted AS (
    SELECT
        c.count_id, c.facility_id, c.item_id, c.counted_at, c.variance_units, c.book_quantity, c.tolerance_ratio,
        s.in_flight_units,
        CASE WHEN v.facility_id IS NOT NULL THEN s.book_units - c.book_quantity END AS posted_during_units,
        CASE
            WHEN c.book_quantity IS NULL THEN 'no_book_quantity'
            WHEN c.is_by_location THEN 'several_locations'
            WHEN v.facility_id IS NULL THEN 'no_opening_stock'
        END AS unsplit_reason
    FROM counted c
    LEFT JOIN (SELECT count_id, in_flight_units, book_units FROM stood WHERE count_id IS NOT NULL) AS s ON s.count_id = c.count_id
    LEFT JOIN covered v ON v.facility_id = c.facility_id
), rest AS (
    SELECT *, variance_units - in_flight_units - coalesce(posted_during_units, 0) AS residual_units
    FROM parted
)
SELECT
    count_id,
    facility_id,
    item_id,
    counted_at,
    variance_units,
    in_flight_units,
    CASE WHEN in_flight_units IS NOT NULL THEN posted_during_units END AS posted_during_units,
    residual_units,
    variance_units <> 0 AND residual_units = 0 AS is_explained,
    abs(residual_units) > tolerance_ratio * abs(book_quantity) AS is_recount_due,
    unsplit_reason
FROM rest
