/*
title: Step times
question: How long does each step inside a facility take, and how much of it is still waiting?
definition: Quantiles in seconds from the start to the end of a step of a document's line, per facility and step, with open ones censored at as_of.
formula: "p50_s = median(end - start of the step); km_p50_s = the smallest t with S(t) <= 0.5, open steps censored at as_of"
headline: p50_s
edge_rules:
  - "receiving: receipt created to confirmed; putaway: receipt confirmed to putaway completed; dock_to_stock_ledger: receipt confirmed to the posting of the putaway; pick: released to confirmed; ship: picked to shipped; return_disposition; quality_hold; transfer_approval, at the shipping facility; count_approval, of counts that differ from the books."
  - A line counts from the first start to its last end, once for each round, of which a start after an end begins a new one. A round that has started and not ended is open, one of which a later step has happened was skipped and is not here.
  - p50 to p99 are over finished cases, NULL where none is; km quantiles censor open ones at as_of, NULL while more than that share is open.
  - A transfer whose shipping facility is not known is in a NULL row.
not_to_be_confused_with: the waiting times between the activities of a process, which follow whole cases
source: "domain model, headline measures; APQC and WERC (receiving, putaway, dock-to-stock, pick and ship cycle times)"
owner: operations manager
grain: [facility_id, step]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility, nullable: true}
  step: {unit: text, description: the step}
  cases_count: {unit: count, description: rounds of lines or documents that started the step, min: 1}
  finished_count: {unit: count, description: those that ended it, min: 0}
  open_count: {unit: count, description: those still in it at as_of, min: 0}
  p50_s: {unit: s, description: median over finished cases, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over finished cases, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over finished cases, nullable: true}
  p99_s: {unit: s, description: 99 % quantile over finished cases, nullable: true}
  km_p50_s: {unit: s, description: median with open cases censored at as_of, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open cases censored at as_of, nullable: true}
  km_p95_s: {unit: s, description: 95 % quantile with open cases censored at as_of, nullable: true}
  km_p99_s: {unit: s, description: 99 % quantile with open cases censored at as_of, nullable: true}
*/
SELECT
    group_1 AS facility_id,
    group_2 AS step,
    finished_count + open_count AS cases_count,
    finished_count,
    open_count,
    p50_s,
    p90_s,
    p95_s,
    p99_s,
    km_p50_s,
    km_p90_s,
    km_p95_s,
    km_p99_s
FROM shared.duration_quantile
WHERE measure = 'step_time' AND NOT is_total
