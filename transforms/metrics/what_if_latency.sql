/*
title: What if the interface ran at other times
question: What would change for latency and dark stock if an interface ran at other times?
definition: Event-to-posting latency, the share in time and dark stock per changed facility (or all facilities of a timing model) and schedule, as measured, and as they would have been with the same events at other runs.
formula: "replayed_p50_s = Kaplan-Meier median of (recorded_at - event_time + wait for the other run + measured processing time)"
headline: replayed_p50_s
edge_rules:
  - The events are the real ones with their real recorded_at; nothing is drawn at random. assumptions says what is taken for granted.
  - "Checked: unchanged_ figures replay the measured runs, each scheduled event with the processing time of another one. Where they miss the measured figure by more than the tolerance, the replayed figure is NULL and unknown_reason says so. Tolerances: quantiles and dark stock 10 % of the measured figure (quantiles at least 5 s), the share in time 0.02."
  - Quantiles are Kaplan-Meier ones with unposted events censored at as_of, NULL while more than that share is open; over seconds up to an hour and whole minutes from there on, so that they may differ from latency_by_facility by half of that.
  - Dark stock is the sum of quantity x latency as in dark_stock, over the same rounded latencies; NULL where no event states a quantity, or has a cost.
  - "Events whose new posting would lie after as_of are open (replayed_open_count)."
  - A facility that cannot be replayed has a row for each schedule without figures, and unknown_reason; a timing model is all facilities with that detected model that can be (facilities_count).
not_to_be_confused_with: latency_by_facility, which holds what was measured
source: marts.what_if_interface; domain model, headline measures
owner: integration lead
grain: [scope_kind, scope, schedule]
direction: down_is_good
columns:
  scope_kind: {unit: text, description: 'facility or timing_model: what changes'}
  scope: {unit: text, description: 'the facility, or the timing model'}
  schedule: {unit: text, description: when the interface would run}
  schedule_title: {unit: text, description: the same in words}
  place: {unit: number, description: order of the schedules, min: 1}
  facilities_count: {unit: count, description: facilities that change, min: 0}
  events_count: {unit: count, description: their events whose posting is expected or exists, nullable: true, min: 0}
  measured_p50_s: {unit: s, description: measured median latency, nullable: true}
  unchanged_p50_s: {unit: s, description: 'the same, replayed with the measured runs', nullable: true}
  replayed_p50_s: {unit: s, description: 'the same, replayed with the other runs', nullable: true}
  measured_p90_s: {unit: s, description: measured 90 % quantile, nullable: true}
  unchanged_p90_s: {unit: s, description: 'the same, replayed with the measured runs', nullable: true}
  replayed_p90_s: {unit: s, description: 'the same, replayed with the other runs', nullable: true}
  measured_within_sla_ratio: {unit: ratio, description: 'posted in time / (posted, or unposted and older than the SLA)', nullable: true, min: 0, max: 1}
  unchanged_within_sla_ratio: {unit: ratio, description: 'the same, replayed with the measured runs', nullable: true, min: 0, max: 1}
  replayed_within_sla_ratio: {unit: ratio, description: 'the same, replayed with the other runs', nullable: true, min: 0, max: 1}
  measured_dark_unit_h: {unit: unit_h, description: measured dark stock, nullable: true}
  unchanged_dark_unit_h: {unit: unit_h, description: 'the same, replayed with the measured runs', nullable: true}
  replayed_dark_unit_h: {unit: unit_h, description: 'the same, replayed with the other runs', nullable: true}
  measured_dark_usd_h: {unit: usd_h, description: measured dark stock in dollar-hours, nullable: true}
  replayed_dark_usd_h: {unit: usd_h, description: 'the same, replayed with the other runs', nullable: true}
  measured_open_count: {unit: count, description: events unposted at as_of, nullable: true, min: 0}
  replayed_open_count: {unit: count, description: 'the same, replayed with the other runs', nullable: true, min: 0}
  assumptions: {unit: text, description: what the replay takes for granted}
  unknown_reason: {unit: text, description: 'why a replayed figure is not given', nullable: true}
*/
WITH target AS (
    SELECT scope_kind, scope, count(*) AS facilities_count, CAST(NULL AS STRING) AS unknown_reason
    FROM shared.what_if_scope
    GROUP BY scope_kind, scope
    UNION ALL
    SELECT 'facility' AS scope_kind, facility_id AS scope, 0 AS facilities_count, unknown_reason
    FROM marts.what_if_interface
    WHERE NOT is_replayable
), total AS (
    SELECT
        s.scope_kind, s.scope, r.schedule,
        CAST(sum(r.finished_count + r.censored_count) AS BIGINT) AS events_count,
        CAST(sum(r.censored_count) AS BIGINT) AS open_count,
        CAST(sum(r.in_time_count) AS DOUBLE) / nullif(sum(r.due_count), 0) AS within_sla_ratio,
        CAST(sum(CAST(r.dark_units AS DECIMAL(22, 6)) * CAST(r.duration_s AS DECIMAL(14, 0))) AS DOUBLE) / 3600 AS dark_unit_h,
        CAST(sum(CAST(r.dark_usd AS DECIMAL(22, 4)) * CAST(r.duration_s AS DECIMAL(14, 0))) AS DOUBLE) / 3600 AS dark_usd_h
    FROM shared.replayed_latency r
    JOIN shared.what_if_scope s ON s.facility_id = r.facility_id
    GROUP BY s.scope_kind, s.scope, r.schedule
), figure AS (
    SELECT t.*, q.km_p50_s AS p50_s, q.km_p90_s AS p90_s
    FROM total t
    JOIN shared.replayed_quantile q
      ON q.measure = 'latency' AND q.scope_kind = t.scope_kind AND q.scope = t.scope AND q.schedule = t.schedule
), checked AS (
    SELECT
        m.scope_kind, m.scope, m.events_count, m.p50_s, m.p90_s, m.within_sla_ratio, m.dark_unit_h, m.dark_usd_h, m.open_count,
        u.p50_s AS unchanged_p50_s, u.p90_s AS unchanged_p90_s, u.within_sla_ratio AS unchanged_within_sla_ratio,
        u.dark_unit_h AS unchanged_dark_unit_h,
        coalesce(abs(u.p50_s - m.p50_s) <= greatest(0.1 * abs(m.p50_s), 5), FALSE) AS is_p50_held,
        coalesce(abs(u.p90_s - m.p90_s) <= greatest(0.1 * abs(m.p90_s), 5), FALSE) AS is_p90_held,
        coalesce(abs(u.within_sla_ratio - m.within_sla_ratio) <= 0.02, FALSE) AS is_ratio_held,
        coalesce(abs(u.dark_unit_h - m.dark_unit_h) <= 0.1 * abs(m.dark_unit_h), FALSE) AS is_dark_held
    FROM figure m
    JOIN figure u ON u.scope_kind = m.scope_kind AND u.scope = m.scope AND u.schedule = 'unchanged'
    WHERE m.schedule = 'measured'
)
SELECT
    t.scope_kind,
    t.scope,
    w.schedule,
    w.title AS schedule_title,
    w.place,
    t.facilities_count,
    c.events_count,
    c.p50_s AS measured_p50_s,
    c.unchanged_p50_s,
    CASE WHEN c.is_p50_held THEN r.p50_s END AS replayed_p50_s,
    c.p90_s AS measured_p90_s,
    c.unchanged_p90_s,
    CASE WHEN c.is_p90_held THEN r.p90_s END AS replayed_p90_s,
    c.within_sla_ratio AS measured_within_sla_ratio,
    c.unchanged_within_sla_ratio,
    CASE WHEN c.is_ratio_held THEN r.within_sla_ratio END AS replayed_within_sla_ratio,
    c.dark_unit_h AS measured_dark_unit_h,
    c.unchanged_dark_unit_h,
    CASE WHEN c.is_dark_held THEN r.dark_unit_h END AS replayed_dark_unit_h,
    c.dark_usd_h AS measured_dark_usd_h,
    CASE WHEN c.is_dark_held THEN r.dark_usd_h END AS replayed_dark_usd_h,
    c.open_count AS measured_open_count,
    r.open_count AS replayed_open_count,
    CASE
        WHEN w.kind = 'undisturbed'
            THEN 'The runs stay as they are. What was held up, or never posted, is posted by its run after the median processing time of its facility and event type; what was posted before its run stays.'
        WHEN w.kind = 'at_once'
            THEN 'Each event goes to the ERP when it is recorded, and processing takes as long as it took. Postings that were held up for other reasons come no earlier than they did, those that bypassed the interface stay, and lost ones stay lost. More messages take no longer.'
        ELSE 'Runs are on the local clock, and each carries all that was recorded until then; processing takes as long as it took. Postings that were held up for other reasons come no earlier than they did, those that bypassed the interface stay, and lost ones stay lost. More runs take no longer.'
    END AS assumptions,
    CASE
        WHEN t.unknown_reason IS NOT NULL THEN t.unknown_reason
        WHEN c.scope IS NULL THEN 'no event of it is known'
        ELSE nullif(concat_ws(
            '; ',
            CASE WHEN c.p50_s IS NULL OR r.p50_s IS NULL THEN 'half of the events, or more, are not posted'
                 WHEN NOT c.is_p50_held THEN 'the replay of the measured runs misses the median by more than 10 %' END,
            CASE WHEN c.p90_s IS NULL OR r.p90_s IS NULL THEN 'a tenth of the events, or more, are not posted'
                 WHEN NOT c.is_p90_held THEN 'the replay of the measured runs misses the 90 % quantile by more than 10 %' END,
            CASE WHEN NOT c.is_ratio_held THEN 'the replay of the measured runs misses the share in time by more than 2 points, or nothing is due' END,
            CASE WHEN c.dark_unit_h IS NULL THEN 'no event states a quantity'
                 WHEN NOT c.is_dark_held THEN 'the replay of the measured runs misses dark stock by more than 10 %' END
        ), '')
    END AS unknown_reason
FROM target t
CROSS JOIN reference.what_if_schedule w
LEFT JOIN checked c ON c.scope_kind = t.scope_kind AND c.scope = t.scope
LEFT JOIN figure r ON r.scope_kind = t.scope_kind AND r.scope = t.scope AND r.schedule = w.schedule
