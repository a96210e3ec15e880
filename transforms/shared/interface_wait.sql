/*
title: Waits under the measured schedule
question: How long does an event wait for the next run of its facility's interface?
definition: Minutes from each minute of the day, on the clock of the interface, to the next run; 0 at a run, and at a facility that posts in real time.
edge_rules:
  - After the last run of a day comes the first of the next.
  - A facility of whose runs none was found has no row.
source: shared.interface_run
owner: integration lead
grain: [facility_id, minute_no]
columns:
  facility_id: {unit: id, description: the facility}
  minute_no: {unit: number, description: 'minute of the day, on the clock of the interface', min: 0, max: 1439}
  wait_minutes: {unit: number, description: minutes to the next run, min: 0, max: 1439}
*/
WITH first_run AS (
    SELECT facility_id, min(run_minute) AS run_minute FROM shared.interface_run GROUP BY facility_id
)
SELECT
    f.facility_id,
    m.minute_no,
    coalesce(min(r.run_minute) OVER (
        PARTITION BY f.facility_id ORDER BY m.minute_no ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ), f.run_minute + 1440) - m.minute_no AS wait_minutes
FROM first_run f
CROSS JOIN shared.day_minute m
LEFT JOIN shared.interface_run r ON r.facility_id = f.facility_id AND r.run_minute = m.minute_no
UNION ALL
SELECT c.facility_id, m.minute_no, CAST(0 AS BIGINT) AS wait_minutes
FROM shared.interface_clock c
CROSS JOIN shared.day_minute m
WHERE c.kind = 'at_once'
