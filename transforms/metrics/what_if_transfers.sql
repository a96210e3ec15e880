/*
title: What if interfaces ran at other times, for transfers
question: How long would goods be on their way in the books if an interface ran at other times?
definition: Book cycle time (posting of the shipment to posting of the receipt) in seconds per lane, as measured and as it would have been with other runs at a changed facility or at all facilities of a timing model.
formula: "replayed_p50_s = Kaplan-Meier median of (receipt posting - shipment posting), each end in the scope at its new run"
headline: replayed_p50_s
edge_rules:
  - Only lanes with an end in the scope are here; an end outside of it is posted as it was.
  - A faster interface at the shipping end alone makes the book cycle longer, since the goods leave the books of the shipper sooner.
  - Quantiles are Kaplan-Meier ones over transfers with a posted shipment, those without a posted receipt censored at as_of; over whole minutes from an hour on. NULL while more than that share is open.
  - "Checked as what_if_latency is: where unchanged_ misses measured_ by more than 10 % (at least 5 s), the replayed figure is NULL and unknown_reason says so."
not_to_be_confused_with: transfer_cycle_time, which is about the goods and not about the books
source: marts.what_if_interface; domain model, headline measures
owner: logistics manager
grain: [scope_kind, scope, from_facility_id, to_facility_id, schedule]
direction: down_is_good
columns:
  scope_kind: {unit: text, description: 'facility or timing_model: what changes'}
  scope: {unit: text, description: 'the facility, or the timing model'}
  from_facility_id: {unit: id, description: shipping facility, nullable: true}
  to_facility_id: {unit: id, description: receiving facility, nullable: true}
  schedule: {unit: text, description: when the interface would run}
  schedule_title: {unit: text, description: the same in words}
  place: {unit: number, description: order of the schedules, min: 1}
  transfers_count: {unit: count, description: transfers whose shipment is posted, min: 0}
  measured_p50_s: {unit: s, description: measured median, nullable: true}
  unchanged_p50_s: {unit: s, description: 'the same, replayed with the measured runs', nullable: true}
  replayed_p50_s: {unit: s, description: 'the same, replayed with the other runs', nullable: true}
  measured_p90_s: {unit: s, description: measured 90 % quantile, nullable: true}
  unchanged_p90_s: {unit: s, description: 'the same, replayed with the measured runs', nullable: true}
  replayed_p90_s: {unit: s, description: 'the same, replayed with the other runs', nullable: true}
  unknown_reason: {unit: text, description: 'why a replayed figure is not given', nullable: true}
*/
WITH figure AS (
    SELECT
        scope_kind, scope, from_facility_id, to_facility_id, schedule,
        finished_count + open_count AS transfers_count, km_p50_s AS p50_s, km_p90_s AS p90_s
    FROM shared.replayed_quantile
    WHERE measure = 'book_cycle'
), judged AS (
    SELECT
        r.scope_kind, r.scope, r.from_facility_id, r.to_facility_id, r.schedule, m.transfers_count,
        m.p50_s AS measured_p50_s, u.p50_s AS unchanged_p50_s, r.p50_s,
        m.p90_s AS measured_p90_s, u.p90_s AS unchanged_p90_s, r.p90_s,
        coalesce(abs(u.p50_s - m.p50_s) <= greatest(0.1 * abs(m.p50_s), 5), FALSE) AS is_p50_held,
        coalesce(abs(u.p90_s - m.p90_s) <= greatest(0.1 * abs(m.p90_s), 5), FALSE) AS is_p90_held
    FROM figure r
    JOIN figure m
      ON m.schedule = 'measured' AND m.scope_kind = r.scope_kind AND m.scope = r.scope
     AND m.from_facility_id IS NOT DISTINCT FROM r.from_facility_id AND m.to_facility_id IS NOT DISTINCT FROM r.to_facility_id
    JOIN figure u
      ON u.schedule = 'unchanged' AND u.scope_kind = r.scope_kind AND u.scope = r.scope
     AND u.from_facility_id IS NOT DISTINCT FROM r.from_facility_id AND u.to_facility_id IS NOT DISTINCT FROM r.to_facility_id
)
SELECT
    j.scope_kind,
    j.scope,
    j.from_facility_id,
    j.to_facility_id,
    j.schedule,
    w.title AS schedule_title,
    w.place,
    j.transfers_count,
    j.measured_p50_s,
    j.unchanged_p50_s,
    CASE WHEN j.is_p50_held THEN j.p50_s END AS replayed_p50_s,
    j.measured_p90_s,
    j.unchanged_p90_s,
    CASE WHEN j.is_p90_held THEN j.p90_s END AS replayed_p90_s,
    nullif(concat_ws(
        '; ',
        CASE WHEN j.measured_p50_s IS NULL OR j.p50_s IS NULL THEN 'half of the transfers, or more, are not received in the books'
             WHEN NOT j.is_p50_held THEN 'the replay of the measured runs misses the median by more than 10 %' END,
        CASE WHEN j.measured_p90_s IS NULL OR j.p90_s IS NULL THEN 'a tenth of the transfers, or more, are not received in the books'
             WHEN NOT j.is_p90_held THEN 'the replay of the measured runs misses the 90 % quantile by more than 10 %' END
    ), '') AS unknown_reason
FROM judged j
JOIN reference.what_if_schedule w ON w.schedule = j.schedule
