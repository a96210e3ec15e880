/*
title: On-time shipment
question: How many lines and orders left in full by their promise?
definition: Lines shipped in full by their promise / lines that could be judged, and the same for orders, per facility.
formula: "on_time_ratio = on_time_lines_count / lines_count; on_time_in_full_ratio = on_time_orders_count / orders_count; on time = completed_at <= promised_at"
headline: on_time_ratio
edge_rules:
  - A line is on time where the shipment that completes it is not later than the promise (exactly on it is in time); late where it is later, or where it is incomplete and the promise lies strictly before as_of. An incomplete line whose promise is still to come is undecided.
  - An order (at one facility) is late as soon as one of its lines is, on time when all of its lines are, else undecided.
  - Lines without a promise, without an ordered quantity above zero, or completed at a time that is not stated are unjudged_lines_count; orders are judged over their other lines.
  - A ratio is NULL where nothing can be judged yet. A line that names no facility is in the NULL row.
not_to_be_confused_with: fill rate, which asks whether it was shipped in full at all; promise accuracy, which asks by how much a promise was missed
source: "domain model, headline measures; SCOR RL.2.2 (delivery performance to commit date)"
owner: customer service
grain: [facility_id]
direction: up_is_good
columns:
  facility_id: {unit: id, description: 'the facility; NULL: not stated', nullable: true}
  lines_count: {unit: count, description: lines on time or late, min: 0}
  on_time_lines_count: {unit: count, description: lines on time, min: 0}
  on_time_ratio: {unit: ratio, description: share of lines on time, nullable: true, min: 0, max: 1}
  open_late_lines_count: {unit: count, description: late lines that are still incomplete, min: 0}
  orders_count: {unit: count, description: orders on time or late, min: 0}
  on_time_orders_count: {unit: count, description: orders on time and in full, min: 0}
  on_time_in_full_ratio: {unit: ratio, description: share of orders on time and in full, nullable: true, min: 0, max: 1}
  undecided_lines_count: {unit: count, description: incomplete lines whose promise is still to come, min: 0}
  unjudged_lines_count: {unit: count, description: 'lines without promise, quantity or time', min: 0}
*/
WITH line AS (
    SELECT
        s.order_id,
        s.facility_id,
        s.is_complete,
        CASE
            WHEN s.promised_at IS NULL OR s.is_complete IS NULL THEN 'unjudged'
            WHEN s.is_complete AND s.completed_at IS NULL THEN 'unjudged'
            WHEN s.is_complete AND s.completed_at <= s.promised_at THEN 'on_time'
            WHEN s.is_complete OR s.promised_at < v.as_of THEN 'late'
            ELSE 'undecided'
        END AS outcome
    FROM shared.order_line_state s
    CROSS JOIN reference.evaluation v
), by_order AS (
    SELECT
        facility_id,
        count(*) FILTER (WHERE outcome = 'on_time') AS on_time_count,
        count(*) FILTER (WHERE outcome = 'late') AS late_count,
        count(*) FILTER (WHERE outcome = 'late' AND NOT is_complete) AS open_late_count,
        count(*) FILTER (WHERE outcome = 'undecided') AS undecided_count,
        count(*) FILTER (WHERE outcome = 'unjudged') AS unjudged_count
    FROM line
    GROUP BY facility_id, order_id
), counted AS (
    SELECT
        facility_id,
        sum(on_time_count + late_count) AS lines_count,
        sum(on_time_count) AS on_time_lines_count,
        sum(open_late_count) AS open_late_lines_count,
        count(*) FILTER (WHERE late_count > 0 OR (on_time_count > 0 AND undecided_count = 0)) AS orders_count,
        count(*) FILTER (WHERE late_count = 0 AND on_time_count > 0 AND undecided_count = 0) AS on_time_orders_count,
        sum(undecided_count) AS undecided_lines_count,
        sum(unjudged_count) AS unjudged_lines_count
    FROM by_order
    GROUP BY facility_id
)
SELECT
    facility_id,
    CAST(lines_count AS BIGINT) AS lines_count,
    CAST(on_time_lines_count AS BIGINT) AS on_time_lines_count,
    CAST(on_time_lines_count AS DOUBLE) / nullif(lines_count, 0) AS on_time_ratio,
    CAST(open_late_lines_count AS BIGINT) AS open_late_lines_count,
    orders_count,
    on_time_orders_count,
    CAST(on_time_orders_count AS DOUBLE) / nullif(orders_count, 0) AS on_time_in_full_ratio,
    CAST(undecided_lines_count AS BIGINT) AS undecided_lines_count,
    CAST(unjudged_lines_count AS BIGINT) AS unjudged_lines_count
FROM counted
