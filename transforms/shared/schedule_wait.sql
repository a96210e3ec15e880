/*
title: Waits under the schedules of what-if
question: How long would an event wait for its run if the interface ran at other times?
definition: Seconds from each local minute of the day to the next run, per schedule that can be asked for; of schedules without runs of their own, the kind says what holds instead.
edge_rules:
  - A minute at which the interface runs waits 0.
  - Runs are on the local clock of the facility; those of an interval are counted from midnight. After the last run of a day comes the first of the next.
  - at_once has no runs and waits 0; undisturbed keeps the measured runs and has no wait of its own (NULL).
source: data/reference/what_if_schedules.csv; workspace setting what_if
owner: integration lead
grain: [schedule, day_minute]
columns:
  schedule: {unit: text, description: the schedule}
  kind: {unit: text, description: 'at_once, interval, hours or undisturbed'}
  day_minute: {unit: number, description: local minute of the day, min: 0, max: 1439}
  wait_s: {unit: s, description: 'seconds from that minute to the next run; NULL: the measured runs', nullable: true, min: 0}
*/
WITH own AS (
    SELECT
        r.schedule, m.minute_no AS day_minute,
        min(CASE WHEN r.run_minute >= m.minute_no THEN r.run_minute ELSE r.run_minute + 1440 END - m.minute_no) AS wait_minutes
    FROM reference.what_if_run r
    CROSS JOIN shared.day_minute m
    GROUP BY r.schedule, m.minute_no
)
SELECT
    s.schedule, s.kind, m.minute_no AS day_minute,
    CAST(60 * CASE
        WHEN s.kind = 'at_once' THEN 0
        WHEN s.kind = 'interval' THEN s.interval_minutes * ceil(CAST(m.minute_no AS DOUBLE) / s.interval_minutes) - m.minute_no
        WHEN s.kind = 'hours' THEN o.wait_minutes
    END AS DOUBLE) AS wait_s
FROM reference.what_if_schedule s
CROSS JOIN shared.day_minute m
LEFT JOIN own o ON o.schedule = s.schedule AND o.day_minute = m.minute_no
