/*
title: Transfer lead time, leg by leg
question: On which leg does a transfer lose its time - approval, release, transit, or the books at either end?
definition: Quantiles in seconds of each leg of a transfer per lane, with open legs censored at as_of.
formula: "p50_s = median(end - start of the leg); km_p50_s = the smallest t with S(t) <= 0.5, open legs censored at as_of"
headline: p50_s
edge_rules:
  - "approval: request to approval; release: approval to first shipment; transit: first shipment to last receipt (the physical cycle); lead_time: request to last receipt; shipment_posting: first shipment to its posting; receipt_posting: last receipt to the last posting of the receipts; book_cycle: from the one posting to the other; ledger_lead_time: request to the posting of the receipt."
  - A leg that was skipped (shipped without approval) is not here; one that has started and not ended is open.
  - p50 to p95 are over finished legs, NULL where none is; km quantiles censor open ones at as_of, NULL while more than that share is open.
  - A lane end that no event names is NULL. Negative durations (received before shipped) stay.
not_to_be_confused_with: transfer cycle time, which is the transit alone and also counts transfers that were not shipped
source: "domain model, headline measures; SCOR RS.3.139"
owner: logistics manager
grain: [from_facility_id, to_facility_id, leg]
direction: down_is_good
columns:
  from_facility_id: {unit: id, description: shipping facility, nullable: true}
  to_facility_id: {unit: id, description: receiving facility, nullable: true}
  leg: {unit: text, description: the leg}
  cases_count: {unit: count, description: transfers that started the leg, min: 1}
  finished_count: {unit: count, description: those that ended it, min: 0}
  open_count: {unit: count, description: those still on it at as_of, min: 0}
  p50_s: {unit: s, description: median over finished legs, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over finished legs, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over finished legs, nullable: true}
  km_p50_s: {unit: s, description: median with open legs censored at as_of, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open legs censored at as_of, nullable: true}
*/
SELECT
    group_1 AS from_facility_id,
    group_2 AS to_facility_id,
    CASE measure WHEN 'transfer_cycle_time' THEN 'transit' ELSE substr(measure, 10) END AS leg,
    finished_count + open_count AS cases_count,
    finished_count,
    open_count,
    p50_s,
    p90_s,
    p95_s,
    km_p50_s,
    km_p90_s
FROM shared.duration_quantile
WHERE NOT is_total
  AND measure IN (
      'transfer_cycle_time', 'transfer_approval', 'transfer_release', 'transfer_lead_time', 'transfer_shipment_posting',
      'transfer_receipt_posting', 'transfer_book_cycle', 'transfer_ledger_lead_time'
  )
