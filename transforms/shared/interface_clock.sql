/*
title: Clocks of the interfaces
question: By which kind of schedule does a facility post, and whose clock does it follow?
definition: Per facility, whether it posts in real time, at an interval or at certain times of the day, as marts.timing_model detected it, with the clock of its runs.
edge_rules:
  - A facility whose timing is not detected has no kind; unknown_reason says why.
  - Times of a batch are sought over a day, also where a period was detected, since runs at unequal times may look like one.
source: marts.timing_model
owner: integration lead
grain: [facility_id]
columns:
  facility_id: {unit: id, description: the facility}
  kind: {unit: text, description: 'at_once, interval or hours; NULL: not known', nullable: true}
  period_minutes: {unit: number, description: 'of an interval, minutes from run to run; of hours, a day', nullable: true, min: 1, max: 1440}
  clock: {unit: text, description: 'local or utc: the clock that the runs follow', nullable: true}
  unknown_reason: {unit: text, description: why the kind is not known, nullable: true}
*/
SELECT
    facility_id,
    CASE detected_model WHEN 'realtime' THEN 'at_once' WHEN 'micro_batch' THEN 'interval' WHEN 'batch' THEN 'hours' END AS kind,
    CASE detected_model
        WHEN 'micro_batch' THEN CAST(round(detected_period_s / 60) AS BIGINT)
        WHEN 'batch' THEN CAST(1440 AS BIGINT)
    END AS period_minutes,
    CASE WHEN detected_model <> 'realtime' THEN coalesce(clock, 'local') END AS clock,
    unknown_reason
FROM marts.timing_model
