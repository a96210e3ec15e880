/*
title: Runs of the interfaces
question: At which times of the day does what a facility recorded go to the ERP?
definition: The minutes of the day at which the interface of a facility runs, found from recorded_at and posted_at; none for a facility that posts in real time.
edge_rules:
  - "micro_batch: runs follow the period that marts.timing_model detected. An event speaks for the minutes of the period that lie between its recording and its posting, and against those that do so twice; of the minutes within 0.5 % of the highest count the latest is taken, since nothing is posted before its run."
  - "batch: a run begins where the postings of the following hour are at least 5 % of all, and those of the half hour before at most a fifth of that. Of the minutes where that is so, an event speaks for those at which it waits and will be posted within 90 minutes, and against those within an hour of its recording at which it will wait for longer; of the minutes within 0.5 % of the highest count the latest is taken."
  - "On the local clock an event and its posting are read with the offset that held when it was recorded, so that on the night of a clock change a run may be taken for one an hour off."
  - An event without recorded_at counts as recorded when it happened.
source: "marts.timing_model; domain model, five clocks"
owner: integration lead
grain: [facility_id, run_minute]
columns:
  facility_id: {unit: id, description: the facility}
  run_minute: {unit: number, description: 'minute of the day at which it runs, on the clock of shared.interface_clock', min: 0, max: 1439}
*/
WITH arc AS (
    -- Whole minutes from the first at which the event could leave to the last before its posting.
    SELECT
        c.facility_id, c.kind, c.period_minutes,
        minute_of(add_seconds(coalesce(l.recorded_at, l.event_time), 59.999999))
            + CASE WHEN c.clock = 'local' THEN a.ahead_minutes ELSE 0 END AS ready_minute,
        minute_of(l.posted_at) + CASE WHEN c.clock = 'local' THEN a.ahead_minutes ELSE 0 END AS posted_minute
    FROM marts.event_latency l
    JOIN shared.interface_clock c ON c.facility_id = l.facility_id
    JOIN shared.recorded_clock a
      ON a.facility_id = l.facility_id AND a.quarter_no = quarter_of(coalesce(l.recorded_at, l.event_time))
    WHERE c.kind IN ('interval', 'hours') AND l.is_posted
), span AS (
    -- Of an interval: between recording and posting lies one run. An event that took longer than a period, but less than two,
    -- would see two at the minutes that it passes twice.
    SELECT facility_id, period_minutes, ready_minute AS begins, posted_minute AS ends, 1 AS vote
    FROM arc
    WHERE kind = 'interval' AND posted_minute >= ready_minute AND posted_minute - ready_minute < period_minutes
    UNION ALL
    SELECT facility_id, period_minutes, ready_minute AS begins, posted_minute - period_minutes AS ends, -1 AS vote
    FROM arc
    WHERE kind = 'interval' AND posted_minute - ready_minute >= period_minutes AND posted_minute - ready_minute < 2 * period_minutes
    UNION ALL
    -- Of times of the day: what waits and is posted soon speaks for a run; what has just been recorded and waits on, against one.
    SELECT facility_id, period_minutes, greatest(ready_minute, posted_minute - 90) AS begins, posted_minute AS ends, 1 AS vote
    FROM arc
    WHERE kind = 'hours' AND posted_minute >= ready_minute
    UNION ALL
    SELECT facility_id, period_minutes, ready_minute AS begins, least(ready_minute + 59, posted_minute - 91) AS ends, -1 AS vote
    FROM arc
    WHERE kind = 'hours' AND posted_minute - ready_minute > 90
), counted AS (
    SELECT
        facility_id,
        begins - period_minutes * floor(begins / CAST(period_minutes AS DOUBLE)) AS first_minute,
        ends - period_minutes * floor(ends / CAST(period_minutes AS DOUBLE)) AS last_minute,
        sum(vote) AS n
    FROM span
    GROUP BY
        facility_id, begins - period_minutes * floor(begins / CAST(period_minutes AS DOUBLE)),
        ends - period_minutes * floor(ends / CAST(period_minutes AS DOUBLE))
), change AS (
    SELECT facility_id, first_minute AS at_minute, n AS more FROM counted
    UNION ALL
    SELECT facility_id, last_minute + 1 AS at_minute, -n AS more FROM counted
    UNION ALL
    SELECT facility_id, 0 AS at_minute, n AS more FROM counted WHERE first_minute > last_minute
), changed AS (
    SELECT facility_id, at_minute, sum(more) AS more FROM change GROUP BY facility_id, at_minute
), landed AS (
    SELECT
        facility_id, posted_minute - period_minutes * floor(posted_minute / CAST(period_minutes AS DOUBLE)) AS last_minute,
        count(*) AS n
    FROM arc
    GROUP BY facility_id, posted_minute - period_minutes * floor(posted_minute / CAST(period_minutes AS DOUBLE))
), spoken AS (
    SELECT
        c.facility_id, c.kind, c.period_minutes, m.minute_no, coalesce(p.n, 0) AS posted,
        sum(coalesce(h.more, 0)) OVER (
            PARTITION BY c.facility_id ORDER BY m.minute_no ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS speaking
    FROM shared.interface_clock c
    JOIN shared.day_minute m ON m.minute_no < c.period_minutes
    LEFT JOIN changed h ON h.facility_id = c.facility_id AND h.at_minute = m.minute_no
    LEFT JOIN landed p ON p.facility_id = c.facility_id AND p.last_minute = m.minute_no
    WHERE c.kind IN ('interval', 'hours')
), twice AS (
    -- Two days, so that what begins before midnight is whole once.
    SELECT facility_id, minute_no, posted, speaking FROM spoken WHERE kind = 'hours'
    UNION ALL
    SELECT facility_id, minute_no + 1440 AS minute_no, posted, speaking FROM spoken WHERE kind = 'hours'
), around AS (
    SELECT
        *,
        sum(posted) OVER (PARTITION BY facility_id) AS posted_twice,
        coalesce(sum(posted) OVER (
            PARTITION BY facility_id ORDER BY minute_no ROWS BETWEEN 30 PRECEDING AND 1 PRECEDING
        ), 0) AS before,
        sum(posted) OVER (PARTITION BY facility_id ORDER BY minute_no ROWS BETWEEN CURRENT ROW AND 59 FOLLOWING) AS after
    FROM twice
), beginning AS (
    SELECT
        facility_id, minute_no, speaking,
        minute_no - row_number() OVER (PARTITION BY facility_id ORDER BY minute_no) AS stretch
    FROM around
    WHERE minute_no BETWEEN 60 AND 2819 AND 40 * after >= posted_twice AND 5 * before <= after
), whole_stretch AS (
    SELECT
        facility_id, minute_no, speaking, stretch,
        min(minute_no) OVER (PARTITION BY facility_id, stretch) AS begins,
        max(minute_no) OVER (PARTITION BY facility_id, stretch) AS ends
    FROM beginning
), candidate AS (
    SELECT facility_id, 0 AS stretch, minute_no, speaking FROM spoken WHERE kind = 'interval'
    UNION ALL
    SELECT facility_id, stretch, minute_no, speaking FROM whole_stretch WHERE begins > 60 AND ends < 2819
), nearest AS (
    SELECT *, max(speaking) OVER (PARTITION BY facility_id, stretch) AS most FROM candidate
), chosen AS (
    SELECT facility_id, max(minute_no) AS minute_no
    FROM nearest
    WHERE 1000 * speaking >= 995 * most
    GROUP BY facility_id, stretch
)
SELECT DISTINCT
    c.facility_id,
    CAST(CASE WHEN k.kind = 'interval' THEN m.minute_no WHEN c.minute_no >= 1440 THEN c.minute_no - 1440 ELSE c.minute_no END AS BIGINT)
        AS run_minute
FROM chosen c
JOIN shared.interface_clock k ON k.facility_id = c.facility_id
JOIN shared.day_minute m
  ON CASE WHEN k.kind = 'interval' THEN m.minute_no - k.period_minutes * floor(m.minute_no / CAST(k.period_minutes AS DOUBLE)) = c.minute_no
          ELSE m.minute_no = 0 END
