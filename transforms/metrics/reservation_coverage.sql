/*
title: Reservation coverage
question: Is what was promised still there, and how often was it promised twice?
definition: Open reservations and the share of their units that stock on hand covers at as_of, and the share of reservations that were in conflict when they were made, per facility.
formula: "coverage_ratio = covered_units / reserved_units; covered_units = sum(least(reserved, on hand)) by item; conflict_ratio = conflicts_count / reservations_count"
headline: coverage_ratio
edge_rules:
  - Open is a reservation that was not released at or before as_of. Covered is, item by item, at most what is on hand on the floor at as_of.
  - Coverage needs the level of stock; it is NULL (unknown_reason no_opening_stock) where no opening stock is given for the facility, and NULL (nothing_reserved) where nothing is reserved. Conflicts are NULL for the first reason, too.
  - Conflicts are what the rule reservation_conflict reports; an open one is a conflict not released yet.
not_to_be_confused_with: ATP distortion, which compares the ERP's stock with the floor's
source: domain model, headline measures
owner: customer service
grain: [facility_id]
direction: up_is_good
columns:
  facility_id: {unit: id, description: the facility}
  reservations_count: {unit: count, description: reservations, min: 1}
  open_count: {unit: count, description: open ones, min: 0}
  reserved_units: {unit: units, description: units of open reservations, min: 0}
  covered_units: {unit: units, description: units of them that are on hand, nullable: true, min: 0}
  coverage_ratio: {unit: ratio, description: share of reserved units that are on hand, nullable: true, min: 0, max: 1}
  uncovered_items_count: {unit: count, description: items of which more is reserved than on hand, nullable: true, min: 0}
  conflicts_count: {unit: count, description: reservations of stock that was not there, nullable: true, min: 0}
  open_conflicts_count: {unit: count, description: those not released yet, nullable: true, min: 0}
  conflict_ratio: {unit: ratio, description: share of reservations in conflict, nullable: true, min: 0, max: 1}
  unknown_reason: {unit: text, description: 'why the coverage is NULL: no_opening_stock or nothing_reserved', nullable: true}
*/
WITH reserved AS (
    SELECT
        r.facility_id,
        r.item_id,
        count(*) AS reservations_count,
        count(*) FILTER (WHERE r.released_at IS NULL OR r.released_at > v.as_of) AS open_count,
        sum(CASE WHEN r.released_at IS NULL OR r.released_at > v.as_of THEN r.quantity ELSE 0 END) AS reserved_quantity
    FROM canonical.reservation r
    CROSS JOIN reference.evaluation v
    GROUP BY r.facility_id, r.item_id
), on_hand AS (
    SELECT m.facility_id, m.item_id, sum(m.signed_quantity) AS quantity
    FROM shared.physical_move m
    JOIN (SELECT DISTINCT facility_id, item_id FROM canonical.reservation) AS r
      ON r.facility_id = m.facility_id AND r.item_id = m.item_id
    GROUP BY m.facility_id, m.item_id
), summed AS (
    SELECT
        r.facility_id,
        sum(r.reservations_count) AS reservations_count,
        sum(r.open_count) AS open_count,
        sum(r.reserved_quantity) AS reserved_quantity,
        sum(least(r.reserved_quantity, greatest(coalesce(h.quantity, 0), 0))) AS covered_quantity,
        count(*) FILTER (WHERE r.reserved_quantity > greatest(coalesce(h.quantity, 0), 0)) AS uncovered_items_count
    FROM reserved r
    LEFT JOIN on_hand h ON h.facility_id = r.facility_id AND h.item_id = r.item_id
    GROUP BY r.facility_id
), conflict AS (
    SELECT facility_id, count(*) AS conflicts_count, count(*) FILTER (WHERE resolved_at IS NULL) AS open_conflicts_count
    FROM marts.exceptions
    WHERE rule = 'reservation_conflict'
    GROUP BY facility_id
)
SELECT
    s.facility_id,
    CAST(s.reservations_count AS BIGINT) AS reservations_count,
    CAST(s.open_count AS BIGINT) AS open_count,
    CAST(s.reserved_quantity AS DOUBLE) AS reserved_units,
    CASE WHEN o.facility_id IS NOT NULL THEN CAST(s.covered_quantity AS DOUBLE) END AS covered_units,
    CASE WHEN o.facility_id IS NOT NULL
         THEN CAST(s.covered_quantity AS DOUBLE) / nullif(CAST(s.reserved_quantity AS DOUBLE), 0) END AS coverage_ratio,
    CASE WHEN o.facility_id IS NOT NULL THEN s.uncovered_items_count END AS uncovered_items_count,
    CASE WHEN o.facility_id IS NOT NULL THEN coalesce(c.conflicts_count, 0) END AS conflicts_count,
    CASE WHEN o.facility_id IS NOT NULL THEN coalesce(c.open_conflicts_count, 0) END AS open_conflicts_count,
    CASE WHEN o.facility_id IS NOT NULL
         THEN CAST(coalesce(c.conflicts_count, 0) AS DOUBLE) / nullif(CAST(s.reservations_count AS DOUBLE), 0) END AS conflict_ratio,
    CASE WHEN o.facility_id IS NULL THEN 'no_opening_stock' WHEN s.reserved_quantity = 0 THEN 'nothing_reserved' END AS unknown_reason
FROM summed s
LEFT JOIN conflict c ON c.facility_id = s.facility_id
LEFT JOIN (SELECT DISTINCT facility_id FROM reference.opening_stock) AS o ON o.facility_id = s.facility_id
