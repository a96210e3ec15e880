/*
title: Fill rate
question: How much of what was ordered did each facility ship - by line, by order, by unit?
definition: Lines shipped in full / lines, orders shipped in full / orders, and units shipped (at most what was ordered) / units ordered, over what was due up to as_of, per facility.
formula: "line_fill_ratio = filled_lines_count / lines_count; order_fill_ratio = filled_orders_count / orders_count; unit_fill_ratio = sum(least(shipped, ordered)) / sum(ordered)"
headline: line_fill_ratio
edge_rules:
  - A line is due at its promise (exactly at as_of is due); one without a promise is due as soon as anything of its order was shipped. Others are undecided_lines_count and in no ratio.
  - Several shipments of a line are added up; what was shipped beyond the order fills nothing more.
  - Lines that state no ordered quantity above zero are unknown_lines_count and in no ratio.
  - An order counts at each facility that has lines of it, over those lines, once all of them are due; ordered_units and filled_units are of due lines.
  - A ratio is NULL where nothing is due; the counts say whether lines are undecided or unknown. A line that names no facility is in the NULL row.
not_to_be_confused_with: on-time shipment, which asks whether it was shipped by its promise
source: "domain model, headline measures; SCOR RL.2.1 (delivery in full), WERC order fill rate, line fill rate"
owner: customer service
grain: [facility_id]
direction: up_is_good
columns:
  facility_id: {unit: id, description: 'the facility; NULL: not stated', nullable: true}
  lines_count: {unit: count, description: lines that are due, min: 0}
  filled_lines_count: {unit: count, description: those shipped in full, min: 0}
  line_fill_ratio: {unit: ratio, description: share of lines shipped in full, nullable: true, min: 0, max: 1}
  orders_count: {unit: count, description: orders of which all lines are due, min: 0}
  filled_orders_count: {unit: count, description: those of which all lines were shipped in full, min: 0}
  order_fill_ratio: {unit: ratio, description: share of orders shipped in full, nullable: true, min: 0, max: 1}
  ordered_units: {unit: units, description: units ordered on due lines, min: 0}
  filled_units: {unit: units, description: 'units shipped of them, at most what was ordered', min: 0}
  unit_fill_ratio: {unit: ratio, description: share of units shipped, nullable: true, min: 0, max: 1}
  undecided_lines_count: {unit: count, description: lines that are not due yet, min: 0}
  unknown_lines_count: {unit: count, description: lines that state no ordered quantity above zero, min: 0}
*/
WITH line AS (
    SELECT
        s.order_id, s.facility_id, s.is_complete, s.ordered_quantity,
        least(greatest(s.shipped_quantity, 0), s.ordered_quantity) AS filled_quantity,
        CASE
            WHEN s.is_complete IS NULL THEN NULL
            WHEN s.promised_at IS NULL THEN max(s.shipped_quantity) OVER (PARTITION BY s.order_id) > 0
            ELSE s.promised_at <= v.as_of
        END AS is_due
    FROM shared.order_line_state s
    CROSS JOIN reference.evaluation v
), by_order AS (
    SELECT
        facility_id,
        count(*) FILTER (WHERE is_due) AS lines_count,
        count(*) FILTER (WHERE is_due AND is_complete) AS filled_lines_count,
        count(*) FILTER (WHERE NOT is_due) AS undecided_lines_count,
        count(*) FILTER (WHERE is_due IS NULL) AS unknown_lines_count,
        coalesce(sum(CASE WHEN is_due THEN ordered_quantity END), 0) AS ordered_units,
        coalesce(sum(CASE WHEN is_due THEN filled_quantity END), 0) AS filled_units
    FROM line
    GROUP BY facility_id, order_id
), counted AS (
    SELECT
        facility_id,
        sum(lines_count) AS lines_count,
        sum(filled_lines_count) AS filled_lines_count,
        count(*) FILTER (WHERE lines_count > 0 AND undecided_lines_count = 0) AS orders_count,
        count(*) FILTER (WHERE lines_count > 0 AND undecided_lines_count = 0 AND filled_lines_count = lines_count)
            AS filled_orders_count,
        sum(ordered_units) AS ordered_units,
        sum(filled_units) AS filled_units,
        sum(undecided_lines_count) AS undecided_lines_count,
        sum(unknown_lines_count) AS unknown_lines_count
    FROM by_order
    GROUP BY facility_id
)
SELECT
    facility_id,
    CAST(lines_count AS BIGINT) AS lines_count,
    CAST(filled_lines_count AS BIGINT) AS filled_lines_count,
    CAST(filled_lines_count AS DOUBLE) / nullif(lines_count, 0) AS line_fill_ratio,
    orders_count,
    filled_orders_count,
    CAST(filled_orders_count AS DOUBLE) / nullif(orders_count, 0) AS order_fill_ratio,
    CAST(ordered_units AS DOUBLE) AS ordered_units,
    CAST(filled_units AS DOUBLE) AS filled_units,
    CAST(filled_units AS DOUBLE) / nullif(CAST(ordered_units AS DOUBLE), 0) AS unit_fill_ratio,
    CAST(undecided_lines_count AS BIGINT) AS undecided_lines_count,
    CAST(unknown_lines_count AS BIGINT) AS unknown_lines_count
FROM counted
