/*
title: Reservation conflict
question: Which promises were made of stock that was not there?
definition: Reservations at whose reserved_at the active reservations of the item at the facility, this one included, exceed the physical stock on hand.
formula: "exceptions_count = count(reservations where sum(active reservations at reserved_at) > stock on hand at reserved_at)"
edge_rules:
  - Active at t means reserved_at <= t and not released at or before t; of equal reserved_at those with a smaller reservation_id are included. One that ended when it began or before promised nothing.
  - Stock on hand at t is opening stock and signed quantities of events with event_time <= t; it may be below zero. Exactly as much as there is, is no conflict.
  - Judged only where reference.opening_stock covers the facility; an item without a row there starts at 0.
  - Opens at reserved_at, resolved at released_at; a release after as_of is not known yet.
  - Quantity is the shortfall, at most what is reserved.
source: domain model, exception rules
owner: order manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: order management
cause: the system that promises stock sees an old or a second copy of it
sla: 14400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: reservation_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH promise AS (
    SELECT
        r.reservation_id, r.facility_id, r.item_id, r.quantity, r.reserved_at, r.order_id, r.file, r.row_number,
        CASE WHEN r.released_at <= e.as_of THEN r.released_at END AS released_at
    FROM canonical.reservation r
    CROSS JOIN reference.evaluation e
    WHERE r.facility_id IN (SELECT o.facility_id FROM reference.opening_stock o)
      AND (r.released_at IS NULL OR r.released_at > r.reserved_at)
), promised_item AS (
    SELECT DISTINCT facility_id, item_id FROM promise
), change AS (
    SELECT m.facility_id, m.item_id, m.moved_at AS changed_at, 1 AS step, '' AS reservation_id, m.signed_quantity AS stock, 0 AS promised
    FROM shared.physical_move m
    JOIN promised_item i ON i.facility_id = m.facility_id AND i.item_id = m.item_id
    UNION ALL
    SELECT facility_id, item_id, released_at AS changed_at, 2 AS step, '' AS reservation_id, 0 AS stock, -quantity AS promised
    FROM promise
    WHERE released_at IS NOT NULL
    UNION ALL
    SELECT facility_id, item_id, reserved_at AS changed_at, 3 AS step, reservation_id, 0 AS stock, quantity AS promised
    FROM promise
), level AS (
    SELECT
        reservation_id,
        sum(stock) OVER before AS stock,
        sum(promised) OVER before AS promised
    FROM change
    WINDOW before AS (
        PARTITION BY facility_id, item_id ORDER BY changed_at, step, reservation_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)
SELECT
    p.facility_id,
    p.reservation_id AS reference_id,
    p.reserved_at AS opened_at,
    p.released_at AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    p.item_id,
    CAST(least(l.promised - l.stock, p.quantity) AS DECIMAL(18, 6)) AS quantity,
    concat_ws(' ',
        'reservation:' || replace(p.reservation_id, ' ', '%20'),
        'document:' || replace(p.order_id, ' ', '%20'),
        'file:' || replace(p.file, ' ', '%20') || '#' || CAST(CAST(p.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', CAST(CAST(l.promised AS DECIMAL(18, 6)) AS STRING), ' promised of ', CAST(CAST(l.stock AS DECIMAL(18, 6)) AS STRING), ' on hand') AS detail
FROM promise p
JOIN level l ON l.reservation_id = p.reservation_id
WHERE l.promised > l.stock
