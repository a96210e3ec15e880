/*
title: Dock-to-stock
question: How long until received goods can be sold - on the floor, and in the books?
definition: Quantiles in seconds from the confirmed receipt of a line to its putaway (physical) and to the posting of that putaway (ledger), per facility; their difference is the posting latency of the putaway.
formula: "physical_p50_s = median(last putaway - first confirmed receipt of a round); ledger_p50_s = median(last posting of the putaways - first confirmed receipt); posting_gap_s = ledger_km_p50_s - physical_km_p50_s"
headline: ledger_p50_s
edge_rules:
  - A line that is received again after a putaway is a case anew, a round of its own (step_duration); lines_count counts rounds.
  - A line is finished on the floor with its last putaway so far, in the books when all of its putaways are posted; else it is open and censored at as_of.
  - "posting_gap_s is the Kaplan-Meier median in the books less that on the floor: what the books add; NULL where either is NULL. Quantiles do not subtract exactly; for one line the difference is the latency of its putaway."
  - Where no putaway is expected to be posted and none is, nothing is open in the books, and their quantiles are NULL.
  - Quantiles are NULL where no line is finished; Kaplan-Meier ones while more than that share is open.
not_to_be_confused_with: receiving, which ends with the confirmed receipt
source: "APQC dock-to-stock cycle time (ends when the putaway is recorded); WERC dock-to-stock (ends when it is done); domain model, five clocks"
owner: operations manager
grain: [facility_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  lines_count: {unit: count, description: rounds of lines with a confirmed receipt, min: 1}
  physical_open_count: {unit: count, description: not put away up to as_of, min: 0}
  ledger_open_count: {unit: count, description: whose putaway is not posted up to as_of, min: 0}
  physical_p50_s: {unit: s, description: median on the floor, nullable: true}
  physical_p90_s: {unit: s, description: 90 % quantile on the floor, nullable: true}
  physical_km_p50_s: {unit: s, description: median on the floor with open lines censored, nullable: true}
  physical_km_p90_s: {unit: s, description: 90 % quantile on the floor with open lines censored, nullable: true}
  ledger_p50_s: {unit: s, description: median in the books, nullable: true}
  ledger_p90_s: {unit: s, description: 90 % quantile in the books, nullable: true}
  ledger_km_p50_s: {unit: s, description: median in the books with open lines censored, nullable: true}
  ledger_km_p90_s: {unit: s, description: 90 % quantile in the books with open lines censored, nullable: true}
  posting_gap_s: {unit: s, description: what the books add to the median, nullable: true}
*/
SELECT
    p.group_1 AS facility_id,
    p.finished_count + p.open_count AS lines_count,
    p.open_count AS physical_open_count,
    coalesce(b.open_count, 0) AS ledger_open_count,
    p.p50_s AS physical_p50_s,
    p.p90_s AS physical_p90_s,
    p.km_p50_s AS physical_km_p50_s,
    p.km_p90_s AS physical_km_p90_s,
    b.p50_s AS ledger_p50_s,
    b.p90_s AS ledger_p90_s,
    b.km_p50_s AS ledger_km_p50_s,
    b.km_p90_s AS ledger_km_p90_s,
    b.km_p50_s - p.km_p50_s AS posting_gap_s
FROM shared.duration_quantile p
LEFT JOIN shared.duration_quantile b
  ON b.measure = 'step_time' AND b.group_2 = 'dock_to_stock_ledger' AND b.group_1 = p.group_1
WHERE p.measure = 'step_time' AND p.group_2 = 'putaway'
