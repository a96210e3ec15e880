/*
title: Order cycle time
question: How long from an order to the shipment that completes it?
definition: Quantiles in seconds from the first time of ordering to the completing shipment of the last line, over orders per facility, with incomplete ones censored at as_of.
formula: "p50_s = median(last completed_at - first ordered_at) over complete orders; km_p50_s = the smallest t with S(t) <= 0.5, incomplete ones censored at as_of"
headline: p50_s
edge_rules:
  - An order counts at each facility that has lines of it, over those lines.
  - Lines without an ordered quantity above zero are left out; orders without a time of ordering, or completed at a time that is not stated, are in no case.
  - p50 to p95 are over complete orders, NULL where none is; km quantiles censor incomplete ones, NULL while more than that share is open.
  - Orders that name no facility are in the NULL row.
not_to_be_confused_with: pick and ship times of step times, which run inside the warehouse
source: "domain model, headline measures; SCOR RS.1.1 order fulfilment cycle time, APQC"
owner: customer service
grain: [facility_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: 'the facility; NULL: not stated', nullable: true}
  orders_count: {unit: count, description: orders, min: 1}
  complete_count: {unit: count, description: complete ones, min: 0}
  open_count: {unit: count, description: those incomplete at as_of, min: 0}
  p50_s: {unit: s, description: median over complete orders, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over complete orders, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over complete orders, nullable: true}
  km_p50_s: {unit: s, description: median with incomplete orders censored at as_of, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with incomplete orders censored at as_of, nullable: true}
*/
SELECT
    group_1 AS facility_id,
    finished_count + open_count AS orders_count,
    finished_count AS complete_count,
    open_count,
    p50_s,
    p90_s,
    p95_s,
    km_p50_s,
    km_p90_s
FROM shared.duration_quantile
WHERE measure = 'order_cycle_time' AND NOT is_total
