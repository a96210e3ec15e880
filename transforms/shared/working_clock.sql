/*
title: Working clock of the facilities
question: How long had a facility worked when a quarter of an hour began, and does it work in it?
definition: For every facility with a calendar and every quarter of an hour from the first instant of the data to as_of, the seconds worked before it, and whether it is open.
edge_rules:
  - "Working seconds between a and b are W(b) - W(a), where W(t) = worked_s + (t - starts_at) where is_open, of the quarter quarter_of(t) in which t lies, which is worked_until(worked_s, is_open, starts_at, t); negative where b is before a."
  - Shifts begin and end on quarters, local, and zones differ from UTC by whole quarters, so that a quarter is open or not as a whole.
  - "A quarter is open where the clock on the wall shows a time within a shift that began on that local day, or on the day before and ends after midnight. So no change of clocks needs a rule: a night shift from 22:00 to 06:00 has 7 hours in the spring night and 9 in the autumn night."
  - On a holiday no shift begins; one that began on the day before goes on.
  - Seconds are counted from the first instant of the data of all facilities, at most 3,653 days before as_of; an instant before, or after as_of, has no row, and a duration from there is NULL.
  - A facility without a calendar has no row; its business durations are NULL, since it is not known when it works.
not_to_be_confused_with: local_clock, the local day and hour of events
source: workspace settings calendars and facilities
owner: operations manager
grain: [facility_id, quarter_no]
columns:
  facility_id: {unit: id, description: the facility}
  quarter_no: {unit: number, description: quarters of an hour since 1970 in UTC, min: 0}
  starts_at: {unit: instant, description: when the quarter begins}
  worked_s: {unit: s, description: seconds worked before it, min: 0}
  is_open: {unit: boolean, description: whether the facility works in it}
*/
WITH digit AS (
    SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
), number AS (
    SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS n
    FROM digit a
    CROSS JOIN digit b
    CROSS JOIN digit c
    CROSS JOIN digit d
), earliest AS (
    SELECT min(event_time) AS first_at FROM canonical.inventory_event
    UNION ALL
    SELECT min(posted_at) AS first_at FROM canonical.erp_posting
    UNION ALL
    SELECT min(counted_at) AS first_at FROM canonical.count_record
    UNION ALL
    SELECT min(sent_at) AS first_at FROM canonical.integration_message
    UNION ALL
    SELECT min(reserved_at) AS first_at FROM canonical.reservation
    UNION ALL
    SELECT min(invoiced_at) AS first_at FROM canonical.invoice_line
    UNION ALL
    SELECT instant(CAST(min(invoice_date) AS STRING) || ' 00:00:00Z') AS first_at FROM canonical.invoice_line WHERE invoiced_at IS NULL
), reach AS (
    SELECT
        CASE WHEN min(x.first_at) IS NOT NULL
            THEN greatest(quarter_of(min(x.first_at)), quarter_of(min(e.as_of)) - 3653 * 96) END AS first_no,
        quarter_of(min(e.as_of)) AS last_no
    FROM earliest x
    CROSS JOIN reference.evaluation e
), quarter AS (
    SELECT
        f.facility_id, f.calendar, f.timezone, r.first_no + 96 * d.n + q.n AS quarter_no,
        add_seconds(instant('1970-01-01 00:00:00Z'), (r.first_no + 96 * d.n + q.n) * 900) AS starts_at
    FROM reach r
    JOIN number d ON r.first_no + 96 * d.n <= r.last_no
    JOIN number q ON q.n < 96 AND r.first_no + 96 * d.n + q.n <= r.last_no
    CROSS JOIN reference.facility f
    WHERE f.calendar IS NOT NULL
), wall AS (
    SELECT
        facility_id, calendar, quarter_no,
        local_day(starts_at, timezone) AS local_date,
        local_weekday(starts_at, timezone) AS weekday,
        local_minute(starts_at, timezone) AS minute_no
    FROM quarter
), open_quarter AS (
    SELECT w.facility_id, w.quarter_no
    FROM wall w
    JOIN reference.calendar_shift s ON s.calendar = w.calendar AND s.weekday = w.weekday
    LEFT JOIN reference.calendar_holiday h ON h.calendar = w.calendar AND h.day = w.local_date
    WHERE w.minute_no >= s.start_minute AND w.minute_no < s.end_minute AND h.day IS NULL
    UNION
    SELECT w.facility_id, w.quarter_no
    FROM wall w
    JOIN reference.calendar_shift s
      ON s.calendar = w.calendar AND s.weekday = CASE WHEN w.weekday = 1 THEN 7 ELSE w.weekday - 1 END
    LEFT JOIN reference.calendar_holiday h
      ON h.calendar = w.calendar AND h.day = day_before(w.local_date)
    WHERE w.minute_no + 1440 < s.end_minute AND h.day IS NULL
)
SELECT
    q.facility_id,
    q.quarter_no,
    q.starts_at,
    CAST(coalesce(sum(CASE WHEN o.quarter_no IS NULL THEN 0 ELSE 900 END) OVER (
        PARTITION BY q.facility_id ORDER BY q.quarter_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS DOUBLE) AS worked_s,
    o.quarter_no IS NOT NULL AS is_open
FROM quarter q
LEFT JOIN open_quarter o ON o.facility_id = q.facility_id AND o.quarter_no = q.quarter_no
