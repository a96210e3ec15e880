-- A small, lively run for the pages: three sites, three weeks, the same on every machine. Figures follow from rows.
CREATE MACRO unit_random(seed, salt) AS (hash(seed, salt) % 1000003)::DOUBLE / 1000003;
CREATE MACRO at_utc(text) AS text::TIMESTAMPTZ;

INSERT INTO marts.facilities VALUES
    ('NDC', 'National DC', 'national_dc', 'America/Chicago', 'realtime'),
    ('RDC', 'Regional warehouse', 'regional_dc', 'America/New_York', 'micro_batch'),
    ('3PL1', 'Third-party site', '3pl', 'UTC', 'batch');

-- Events: every site has its own pace; the third-party site posts on its next upload, four times a day.
CREATE TEMP TABLE happened AS
WITH numbered AS (
    SELECT i, CASE WHEN unit_random(i, 1) < 0.5 THEN 'NDC' WHEN unit_random(i, 1) < 0.8 THEN 'RDC' ELSE '3PL1' END AS facility_id,
           CASE WHEN unit_random(i, 2) < 0.2 THEN 'receipt_confirmed' WHEN unit_random(i, 2) < 0.4 THEN 'putaway_completed'
                WHEN unit_random(i, 2) < 0.7 THEN 'pick_confirmed' WHEN unit_random(i, 2) < 0.9 THEN 'shipment_confirmed'
                ELSE 'inventory_adjusted' END AS event_type,
           floor(unit_random(i, 3) * 21) AS day_no, 6 + 14 * (unit_random(i, 4) + unit_random(i, 5)) / 2 AS hour_no
    FROM range(2400) AS r(i))
SELECT printf('E%05d', i) AS event_id, i, facility_id, event_type,
       date_trunc('second', at_utc('2026-02-08 00:00:00+00') + to_seconds(day_no * 86400 + hour_no * 3600)) AS event_time,
       round(CASE facility_id
           WHEN 'NDC' THEN 40 + exp(4 + 1.1 * sqrt(-2 * ln(1e-9 + unit_random(i, 6))) * cos(6.2832 * unit_random(i, 7)))
           WHEN 'RDC' THEN 300 + 1800 * unit_random(i, 6) + CASE WHEN unit_random(i, 7) < 0.1 THEN 9000 ELSE 0 END
           ELSE 1200 + 6 * 3600 * unit_random(i, 6) + CASE WHEN unit_random(i, 7) < 0.05 THEN 86400 ELSE 0 END END) AS lag_s,
       unit_random(i, 8) < CASE facility_id WHEN 'NDC' THEN 0.006 WHEN 'RDC' THEN 0.03 ELSE 0.11 END AS is_lost,
       CASE facility_id WHEN '3PL1' THEN 21600 ELSE 3600 END AS sla_s
FROM numbered;
UPDATE happened SET lag_s = -45 WHERE event_id = 'E00007';

INSERT INTO marts.event_latency
SELECT event_id, facility_id, event_type, event_time, CASE WHEN is_posted THEN 'P' || event_id END,
       CASE WHEN is_posted THEN event_time + to_seconds(lag_s) END, CASE WHEN is_posted THEN lag_s END, is_posted,
       CASE WHEN is_posted THEN CASE WHEN i % 5 = 0 THEN 'business_key' ELSE 'event_id' END END, event_time + INTERVAL 3 SECOND,
       printf('SKU-%03d', i % 120), 1 + i % 40, printf('D%05d', i // 3), CASE WHEN i % 2 = 0 THEN 'A' ELSE 'B' END,
       CASE WHEN event_type = 'receipt_confirmed' THEN printf('SUP-%02d', i % 7) END, sla_s,
       CASE WHEN is_posted THEN lag_s > sla_s ELSE epoch(at_utc('2026-03-01 00:00:00+00') - event_time) > sla_s END,
       lower(facility_id) || '_wms', 'feeds/' || lower(facility_id) || '/' || strftime(event_time, '%Y%m%d') || '.csv', i + 1
FROM (SELECT *, NOT is_lost AND event_time + to_seconds(lag_s) <= at_utc('2026-03-01 00:00:00+00') AS is_posted FROM happened);

INSERT INTO marts.run_info
SELECT '20260301T000000Z-5f3a', at_utc('2026-03-01 00:00:00+00'), count(*), count(posting_id) FROM marts.event_latency;

-- Latency, by type and for all types. Kaplan-Meier: product over distinct times of 1 - posted / still waiting.
CREATE TEMP TABLE waiting AS
SELECT facility_id, t.event_type, is_posted, coalesce(latency_s, epoch(at_utc('2026-03-01 00:00:00+00') - event_time)) AS t_s,
       latency_s, is_late, event_time
FROM marts.event_latency AS e, LATERAL (SELECT unnest([e.event_type, NULL])) AS t(event_type);
CREATE TEMP TABLE survival AS
SELECT facility_id, event_type, t_s,
       exp(sum(ln(greatest(1e-300, 1 - posted / at_risk))) OVER (PARTITION BY facility_id, event_type ORDER BY t_s)) AS s
FROM (SELECT facility_id, event_type, t_s, count(*) FILTER (is_posted) AS posted,
             sum(count(*)) OVER (PARTITION BY facility_id, event_type ORDER BY t_s DESC) AS at_risk
      FROM waiting GROUP BY facility_id, event_type, t_s);
INSERT INTO marts.latency_by_facility
SELECT facility_id, event_type, count(*), count(latency_s), count(*) - count(latency_s), quantile_cont(latency_s, 0.5),
       quantile_cont(latency_s, 0.9), quantile_cont(latency_s, 0.95), quantile_cont(latency_s, 0.99),
       (SELECT min(s.t_s) FROM survival s WHERE s.facility_id = w.facility_id AND s.event_type IS NOT DISTINCT FROM w.event_type
            AND s.s <= 0.5 + 1e-12),
       (SELECT min(s.t_s) FROM survival s WHERE s.facility_id = w.facility_id AND s.event_type IS NOT DISTINCT FROM w.event_type
            AND s.s <= 0.1 + 1e-12),
       1 - count(*) FILTER (is_late) / count(*)
FROM waiting AS w GROUP BY facility_id, event_type;
INSERT INTO marts.latency_by_hour
SELECT facility_id, event_type, isodow(local_time), hour(local_time), count(*), count(latency_s), quantile_cont(latency_s, 0.5),
       quantile_cont(latency_s, 0.9), 1 - count(*) FILTER (is_late) / count(*)
FROM (SELECT w.*, w.event_time AT TIME ZONE f.timezone AS local_time FROM waiting w JOIN marts.facilities f USING (facility_id))
GROUP BY ALL;
INSERT INTO marts.latency_trend
SELECT facility_id, event_type, local_day, count(*), count(latency_s), quantile_cont(latency_s, 0.5),
       quantile_cont(latency_s, 0.9), 1 - count(*) FILTER (is_late) / count(*)
FROM (SELECT w.*, (w.event_time AT TIME ZONE f.timezone)::DATE AS local_day FROM waiting w JOIN marts.facilities f USING (facility_id))
GROUP BY ALL;
INSERT INTO marts.latency_distribution
SELECT facility_id, event_type, b.no, b.lo, b.hi, count(*)
FROM waiting JOIN (VALUES (0, NULL, 0), (1, 0, 60), (2, 60, 300), (3, 300, 900), (4, 900, 3600), (5, 3600, 14400), (6, 14400, 86400),
                          (7, 86400, NULL)) AS b(no, lo, hi)
    ON latency_s >= coalesce(b.lo, -1e18) AND latency_s < coalesce(b.hi, 1e18)
GROUP BY ALL;

-- Transfers and counts.
INSERT INTO marts.transfers
SELECT printf('TR-%04d', i), lane[1], lane[2], requested, requested + INTERVAL 2 HOUR, shipped,
       CASE WHEN is_received THEN shipped + to_seconds(cycle_s) END, CASE WHEN is_received THEN cycle_s END,
       CASE WHEN is_received THEN 'received' ELSE 'in_transit' END
FROM (SELECT *, requested + INTERVAL 6 HOUR AS shipped,
             unit_random(i, 23) > 0.09 AND requested + INTERVAL 6 HOUR + to_seconds(cycle_s) <= at_utc('2026-03-01 00:00:00+00') AS is_received
      FROM (SELECT i, [['NDC', 'RDC'], ['NDC', '3PL1'], ['RDC', '3PL1'], ['RDC', 'NDC']][1 + i % 4] AS lane,
                   round((20 + 10 * (i % 4)) * 3600 * (0.6 + unit_random(i, 21))) AS cycle_s,
                   date_trunc('minute', at_utc('2026-02-08 05:00:00+00') + to_seconds(20 * 86400 * unit_random(i, 22))) AS requested
            FROM range(140) AS r(i)));
INSERT INTO marts.transfer_cycle_time
SELECT from_facility_id, to_facility_id, count(*), count(cycle_time_s), count(*) FILTER (received_at IS NULL),
       count(*) FILTER (received_at IS NULL AND shipped_at IS NULL), quantile_cont(cycle_time_s, 0.5),
       quantile_cont(cycle_time_s, 0.9)
FROM marts.transfers GROUP BY ALL;
INSERT INTO marts.count_records
SELECT printf('C-%04d', i), facility_id, printf('A-%02d-%02d', i % 12, i % 7), printf('SKU-%03d', i % 120), abc,
       at_utc('2026-02-08 09:00:00+00') + to_seconds(1800 * i), CASE WHEN i % 2 = 0 THEN 'A' ELSE 'B' END, book + variance, book, variance,
       tolerance, variance = 0, abs(variance) <= tolerance * book, 'counts', 'feeds/counts/202602.csv', i + 1
FROM (SELECT i, ['NDC', 'RDC', '3PL1'][1 + i % 3] AS facility_id, ['A', 'B', 'C'][1 + i // 3 % 3] AS abc,
             [0.01, 0.03, 0.05][1 + i // 3 % 3] AS tolerance, 20 + i * 7 % 180 AS book,
             CASE WHEN unit_random(i, 31) < [0.05, 0.12, 0.26][1 + i % 3]
                  THEN (CASE WHEN i % 2 = 0 THEN -1 ELSE 1 END) * (1 + floor(9 * unit_random(i, 32))) ELSE 0 END AS variance
      FROM range(600) AS r(i));
INSERT INTO marts.count_variance
SELECT facility_id, count(*), sum(variance_units), sum(abs(variance_units)), count(*) FILTER (is_exact) / count(*),
       count(*) FILTER (is_within_tolerance) / count(*), 1 - sum(abs(variance_units)) / sum(book_quantity)
FROM marts.count_records GROUP BY ALL;

-- Exceptions.
CREATE TEMP TABLE found AS
SELECT 'missing_posting' AS rule, facility_id, event_id AS reference_id, event_time + to_seconds(sla_s) AS opened_at,
       NULL::TIMESTAMPTZ AS resolved_at, sla_s, 'high' AS severity, event_type || ' of ' || item_id || ' is not posted' AS detail
FROM marts.event_latency WHERE NOT is_posted AND is_late
UNION ALL SELECT 'late_posting', facility_id, event_id, event_time + to_seconds(sla_s), posted_at, sla_s, 'medium',
    event_type || ' posted late' FROM marts.event_latency WHERE is_posted AND is_late
UNION ALL SELECT 'negative_latency', facility_id, event_id, posted_at, event_time, 3600, 'low', 'posted before it happened'
    FROM marts.event_latency WHERE latency_s < 0
UNION ALL SELECT 'orphan_posting', facility_id, 'PX' || event_id, event_time, NULL, 3600, 'high', '=manual adjustment'
    FROM happened WHERE i % 97 = 0
UNION ALL SELECT 'duplicate_event', facility_id, event_id, event_time, NULL, 86400, 'low', 'delivered 2 times'
    FROM happened WHERE i % 83 = 0
UNION ALL SELECT 'transfer_unconfirmed', from_facility_id, transfer_id, shipped_at + INTERVAL 48 HOUR, received_at, 172800, 'critical',
    'to ' || to_facility_id FROM marts.transfers
    WHERE shipped_at + INTERVAL 48 HOUR < coalesce(received_at, at_utc('2026-03-01 00:00:00+00'))
UNION ALL SELECT 'count_variance_over_tolerance', facility_id, count_id, counted_at, NULL, 259200, 'medium',
    item_id || ' off by ' || variance_units::BIGINT FROM marts.count_records WHERE NOT is_within_tolerance;
INSERT INTO marts.exceptions
SELECT left(md5(rule || reference_id), 12), rule, facility_id, reference_id, opened_at, resolved_at, age_s, NULL, sla_s, age_s > sla_s, severity,
    'operations', 'I' || (length(reference_id) % 3), 4, 10, 'held back', 'event:' || reference_id, detail
FROM (SELECT *, epoch(coalesce(resolved_at, at_utc('2026-03-01 00:00:00+00')) - opened_at) AS age_s FROM found);
INSERT INTO marts.exception_aging
SELECT facility_id, rule, CASE WHEN age_s < 14400 THEN '0-4h' WHEN age_s < 86400 THEN '4-24h' WHEN age_s < 259200 THEN '1-3d'
                               WHEN age_s < 604800 THEN '3-7d' ELSE '>7d' END, count(*), count(*) FILTER (is_breached)
FROM marts.exceptions WHERE resolved_at IS NULL GROUP BY ALL;
INSERT INTO marts.exceptions_trend
SELECT facility_id, rule, d.day, count(*) FILTER (opened_at::DATE = d.day), count(*) FILTER (resolved_at::DATE = d.day),
       count(*) FILTER (opened_at::DATE <= d.day AND (resolved_at IS NULL OR resolved_at::DATE > d.day))
FROM marts.exceptions, (SELECT unnest(range(DATE '2026-02-08', DATE '2026-03-01', INTERVAL 1 DAY))::DATE AS day) AS d
GROUP BY ALL
HAVING count(*) FILTER (opened_at::DATE = d.day OR resolved_at::DATE = d.day) > 0;

-- Processes.
INSERT INTO marts.variants (process, facility_id, variant, cases_count, share_ratio)
SELECT process, f.facility_id, variant, greatest(1, round(cases * w)::BIGINT), 0
FROM (VALUES ('procure_to_receive', 'receipt_created > receipt_confirmed > putaway_completed', 210),
             ('procure_to_receive', 'receipt_created > receipt_confirmed > quality_hold_placed > quality_hold_released > putaway_completed', 32),
             ('procure_to_receive', 'receipt_confirmed > putaway_completed', 14),
             ('procure_to_receive', 'receipt_created > putaway_completed > receipt_confirmed', 6)) AS v(process, variant, cases),
     (VALUES ('NDC', 1.0), ('RDC', 0.6), ('3PL1', 0.4)) AS f(facility_id, w)
UNION ALL
SELECT 'transfer_to_reconcile', to_facility_id,
       'transfer_requested > transfer_approved > transfer_shipped' || CASE WHEN received_at IS NULL THEN '' ELSE ' > transfer_received' END,
       count(*), 0
FROM marts.transfers GROUP BY ALL;
UPDATE marts.variants SET share_ratio = cases_count / (SELECT sum(o.cases_count) FROM marts.variants o
    WHERE o.process = variants.process AND o.facility_id = variants.facility_id);
INSERT INTO marts.process_edges (process, facility_id, from_activity, to_activity, edges_count, p50_s, p90_s)
SELECT process, facility_id, steps[k], steps[k + 1], sum(cases_count), 600 + 160 * length(steps[k]), 2400 + 300 * length(steps[k])
FROM (SELECT *, unnest(range(1, len(steps))) AS k
      FROM (SELECT *, list_concat([NULL], list_concat(string_split(variant, ' > '), [NULL])) AS steps FROM marts.variants))
GROUP BY process, facility_id, steps[k], steps[k + 1];
UPDATE marts.process_edges SET p50_s = NULL, p90_s = NULL WHERE from_activity IS NULL OR to_activity IS NULL;
INSERT INTO marts.process_conformance
SELECT process, facility_id, sum(cases_count), max(cases_count), round(0.9 + max(share_ratio) / 12, 3), 0, 0,
    max(share_ratio), greatest(max(share_ratio) - 0.03, 0), least(max(share_ratio) + 0.03, 1)
FROM marts.variants GROUP BY ALL;
INSERT INTO marts.deviations
SELECT process, facility_id, kind, activity, greatest(1, round(cases * w)::BIGINT), 0.001 * cases, 600.0 * cases, 95.5 * cases,
    NULL, cases, FALSE, NULL, NULL
FROM (VALUES ('procure_to_receive', 'skipped', 'receipt_created', 14), ('procure_to_receive', 'inserted', 'quality_hold_placed', 32),
             ('procure_to_receive', 'wrong_order', 'putaway_completed', 6), ('transfer_to_reconcile', 'skipped', 'transfer_approved', 3),
             ('transfer_to_reconcile', 'skipped', 'transfer_received', 5)) AS v(process, kind, activity, cases),
     (VALUES ('NDC', 1.0), ('RDC', 0.6), ('3PL1', 0.4)) AS f(facility_id, w);
INSERT INTO marts.case_deviation
SELECT process, facility_id || '|PO-' || n || '|1', facility_id, kind, activity, 'v' || n, FALSE, NULL, NULL, 95.5, NULL
FROM marts.deviations, range(1, 3) AS r(n);
INSERT INTO marts.process_models
SELECT process, facility_id, kind, '<?xml version="1.0"?><definitions/>',
       'digraph { rankdir=LR; node [shape=box]; start [shape=circle label=""]; end [shape=doublecircle label=""]; start -> "receipt created" -> "receipt confirmed" -> "putaway completed" -> end }'
FROM (SELECT DISTINCT process FROM marts.variants), (VALUES (NULL, 'normative'), ('NDC', 'discovered'), ('RDC', 'discovered')) AS k(facility_id, kind);

-- Causes: what skips a receipt's creation, what nothing raises, and what is too rare.
INSERT INTO marts.cause_outcomes VALUES
    ('procure_to_receive', 'skipped receipt_created', 'skipped', 'receipt_created', NULL, 1200, 60, 0.05, 9, 3, NULL),
    ('procure_to_receive', 'slow receipt_confirmed to putaway_completed', 'slow', 'putaway_completed', 'receipt_confirmed', 1100, 110, 0.1,
        9, 0, 'nothing raises it beyond chance'),
    ('posting', 'missing_posting transfer_received', 'missing_posting', 'transfer_received', NULL, 90, 3, 0.0333, 0, 0,
        'fewer than 5 have the outcome');
INSERT INTO marts.causes
SELECT 'procure_to_receive', 'skipped receipt_created', 'skipped', 'receipt_created', NULL, attribute, value, label, n, k, k / n, 1200 - n,
    60 - k, (60 - k) / (1200 - n), CASE WHEN k < 60 THEN k / n * (1200 - n) / (60 - k) END, low, high, NULL, k - n * (60 - k) / (1200 - n),
    p, p, CASE WHEN p IS NULL THEN 'fewer than 30 have the value' END, standing LIKE 'raised%', NULL, NULL, NULL, NULL, NULL,
    'no facility has this value and another', standing = 'raised, as its facility is', standing
FROM (VALUES
    ('facility', '3PL1', 'Facility 3PL1', 200, 40, 6.0, 16.6, 1e-20, 'raised'),
    ('feed', '3pl_edi', 'Feed 3pl_edi', 200, 40, 6.0, 16.6, 1e-20, 'raised, as its facility is'),
    ('shift', 'late', 'Shift late', 300, 60, 21.0, NULL, 1e-22, 'raised'),
    ('weekday', '7', 'Sundays', 100, 5, 0.4, 2.4, 0.6, 'not raised beyond chance'),
    ('hour', '23', '23:00 to 24:00', 12, 1, NULL, NULL, NULL, 'not tested')
) AS v(attribute, value, label, n, k, low, high, p, standing);
INSERT INTO marts.cause_rules VALUES
    ('procure_to_receive', 'skipped receipt_created', 'skipped', 'receipt_created', NULL, 1, 'At 3PL1, in shift late', 150, 38, 0.2533,
        1050, 22, 0.02095, 12.1, 7.4, 19.8, TRUE, 'At 3PL1, in shift late: 25 % of 150 cases, 2.1 % elsewhere.'),
    ('procure_to_receive', 'skipped receipt_created', 'skipped', 'receipt_created', NULL, 2, 'Not at 3PL1', 1050, 22, 0.02095,
        150, 38, 0.2533, 0.083, 0.05, 0.13, FALSE, 'Not at 3PL1: 2.1 % of 1,050 cases, 25 % elsewhere.');

-- Scorecard, feed health, accounting.
INSERT INTO marts.scorecard
SELECT metric, title, facility_id, value, unit, target, direction, is_met, materiality,
    CASE WHEN materiality IS NOT NULL THEN NOT is_met AND abs(value - target) >= materiality END,
    CASE WHEN value IS NULL THEN 'no_value' WHEN target IS NULL THEN 'no_target' WHEN materiality IS NULL THEN 'no_materiality' END, n, place
FROM (
    SELECT 'within_sla_ratio' AS metric, 'Posted within SLA' AS title, facility_id, within_sla_ratio AS value, 'ratio' AS unit, 0.95 AS target,
        'up_is_good' AS direction, within_sla_ratio >= 0.95 AS is_met, 0.1 AS materiality, events_count AS n, 2 AS place
    FROM marts.latency_by_facility WHERE event_type IS NULL
    UNION ALL SELECT 'latency_p90_s', 'Event-to-posting latency (90 %)', facility_id, p90_s, 's', 3600, 'down_is_good', p90_s <= 3600, 600, posted_count, 1
    FROM marts.latency_by_facility WHERE event_type IS NULL
    UNION ALL SELECT 'ira_strict_ratio', 'Inventory record accuracy, exact', facility_id, ira_strict_ratio, 'ratio', 0.9, 'up_is_good',
        ira_strict_ratio >= 0.9, NULL, counts_count, 5 FROM marts.count_variance
    UNION ALL SELECT 'breached_exceptions_count', 'Open exceptions beyond SLA', facility_id, sum(breached_count), 'count', NULL, 'down_is_good', NULL,
        NULL, sum(open_count), 3 FROM marts.exception_aging GROUP BY facility_id
    UNION ALL SELECT 'transfer_p50_s', 'Transfer cycle time to here (median)', to_facility_id, quantile_cont(cycle_time_s, 0.5), 's', 172800,
        'down_is_good', quantile_cont(cycle_time_s, 0.5) <= 172800, NULL, count(*), 4 FROM marts.transfers GROUP BY to_facility_id
) AS s;
INSERT INTO marts.scorecard_trend
SELECT 'within_sla_ratio', facility_id, day, within_sla_ratio, events_count FROM marts.latency_trend WHERE event_type IS NULL
UNION ALL SELECT 'latency_p90_s', facility_id, day, p90_s, posted_count FROM marts.latency_trend WHERE event_type IS NULL
UNION ALL SELECT 'ira_strict_ratio', facility_id, counted_at::DATE, avg(is_exact::INTEGER), count(*) FROM marts.count_records GROUP BY ALL;
INSERT INTO marts.feed_health
SELECT feed, facility_id, max(event_time), NULL, max(event_time), epoch(at_utc('2026-03-01 00:00:00+00') - max(event_time)), 86400,
    28, 28, 1, NULL, 'ok'
FROM marts.event_latency GROUP BY feed, facility_id;
INSERT INTO marts.feed_reconciliation
SELECT feed, file, count(*) + 2, count(*), 1, 1, 0 FROM marts.event_latency GROUP BY feed, file;
INSERT INTO marts.quarantine (feed, file, row_number, reason, raw) VALUES ('rdc_wms', 'feeds/rdc/20260214.csv', 17, 'unknown item', 'E09999,pick_confirmed,SKU-999');
INSERT INTO marts.metric_catalogue VALUES
    ('scorecard', 'Scorecard', 'How does each facility stand?', 'One row per headline measure and facility with its value and target.', 'count', 'neutral', 'non_additive', 'executive', 'domain definition', 1),
    ('missing_posting', 'Missing posting', 'Which events does the ERP not know of?', 'Events still unposted at the as-of instant and older than their SLA in seconds.', 's', 'down_is_good', 'additive', 'operations', 'domain definition', 1),
    ('event_latency', 'Event-to-posting latency', 'How long until the ERP believes it?', 'Seconds from event_time to posted_at of the posting that posts the event.', 's', 'down_is_good', 'non_additive', 'inventory control', 'domain definition', 1),
    ('latency_by_facility', 'Postings within SLA', 'Which share is posted in time?', 'Events posted within the SLA over events posted or older than the SLA, a ratio from 0 to 1.', 'ratio', 'up_is_good', 'non_additive', 'inventory control', 'domain definition', 1),
    ('latency_by_hour', 'Latency by local hour', 'When does posting lag?', 'Quantiles of event-to-posting latency in seconds by local weekday and hour of the event.', 's', 'down_is_good', 'non_additive', 'inventory control', 'domain definition', 1),
    ('latency_distribution', 'Latency distribution', 'How is latency spread?', 'Posted events by latency bucket, lower bound inclusive.', 'count', 'neutral', 'additive', 'inventory control', 'domain definition', 1),
    ('latency_trend', 'Latency by day', 'Does it get better?', 'Quantiles of event-to-posting latency in seconds by local day of the event.', 's', 'down_is_good', 'non_additive', 'inventory control', 'domain definition', 1),
    ('exceptions', 'Exceptions', 'What went wrong, and is it still open?', 'One row for each reference for which a rule is or was true.', 'count', 'down_is_good', 'additive', 'inventory control', 'domain definition', 1),
    ('exception_aging', 'Breached open exceptions', 'How old are the open ones?', 'Open exceptions whose age exceeds the SLA of their rule.', 'count', 'down_is_good', 'additive', 'inventory control', 'domain definition', 1),
    ('exceptions_trend', 'Exception backlog', 'Does the backlog shrink?', 'Exceptions opened, resolved and open at the end of each UTC day.', 'count', 'down_is_good', 'semi_additive', 'inventory control', 'domain definition', 1),
    ('transfers', 'Transfers', 'Where is each transfer?', 'One row for each transfer document.', 'count', 'neutral', 'additive', 'logistics', 'domain definition', 1),
    ('transfer_cycle_time', 'Transfer cycle time', 'How long are goods between sites?', 'Seconds from first shipment to last receipt, by lane, received transfers only.', 's', 'down_is_good', 'non_additive', 'logistics', 'domain definition', 1),
    ('count_variance', 'Inventory record accuracy', 'Do the books match the shelf?', 'Counts that equal the book quantity exactly over all counts, a ratio from 0 to 1.', 'ratio', 'up_is_good', 'non_additive', 'inventory control', 'domain definition', 1),
    ('count_records', 'Counts', 'Which counts differ?', 'One row for each count; variance is counted less book.', 'units', 'neutral', 'additive', 'inventory control', 'domain definition', 1),
    ('process_edges', 'Process map', 'What follows what?', 'Directly-follows pairs of a case, counted, with the seconds between them.', 'count', 'neutral', 'additive', 'process owner', 'domain definition', 1),
    ('variants', 'Variants', 'Which ways do cases take?', 'Cases by their sequence of activities.', 'count', 'neutral', 'additive', 'process owner', 'domain definition', 1),
    ('deviations', 'Deviations', 'Where do cases leave the model?', 'Cases with a skipped or inserted activity against the normative model.', 'count', 'down_is_good', 'additive', 'process owner', 'domain definition', 1),
    ('case_deviation', 'Deviations, case by case', 'Which cases leave the standard?', 'One row for each case and deviation of it.', 'usd', 'down_is_good', 'non_additive', 'process owner', 'domain definition', 1),
    ('causes', 'Causes', 'What raises it?', 'Share with the outcome of each value against the others, lift as a ratio.', 'count', 'neutral', 'non_additive', 'process owner', 'domain definition', 1),
    ('cause_outcomes', 'Outcomes', 'Of what?', 'Each outcome with its cases.', 'count', 'neutral', 'non_additive', 'process owner', 'domain definition', 1),
    ('cause_rules', 'Causes in words', 'Where together?', 'Leaves of a tree.', 'count', 'neutral', 'non_additive', 'process owner', 'domain definition', 1),
    ('process_conformance', 'Conformance', 'Do cases follow the model?', 'Average alignment fitness of cases with the normative model, a ratio from 0 to 1.', 'ratio', 'up_is_good', 'non_additive', 'process owner', 'domain definition', 1),
    ('what_if_latency', 'What if the interface ran at other times', 'What would change?', 'Latency as measured, and with the same events at other runs.', 's', 'down_is_good', 'non_additive', 'integration lead', 'domain definition', 1),
    ('what_if_steps', 'What if a step were left out', 'How much sooner?', 'Durations of cases without the wait before a step.', 's', 'down_is_good', 'non_additive', 'process owner', 'domain definition', 1);

-- What the sites saw and the ERP stored, as canonical rows: figures can be computed from it without the marts.
CREATE VIEW truth_inventory_event AS
SELECT event_id, event_type, event_time, facility_id, item_id, quantity, document_id, posting_id, posted_at FROM marts.event_latency;
CREATE VIEW truth_count_record AS
SELECT count_id, facility_id, location_id, item_id, counted_at, counted_quantity, book_quantity, shift FROM marts.count_records;
CREATE VIEW truth_transfers AS
SELECT transfer_id, from_facility_id, to_facility_id, requested_at, approved_at, shipped_at, received_at FROM marts.transfers;
CREATE VIEW truth_exceptions AS
SELECT rule, facility_id, reference_id, opened_at, resolved_at FROM marts.exceptions;

-- What-if: one site that uploads every half hour, and one that cannot be replayed.
INSERT INTO marts.what_if_interface VALUES
    ('RDC', 'micro_batch', 'every 30 min from 00:00 local', 700, 660, 15, 5, 0, 20, 0, 90, 0.9705, TRUE, NULL),
    ('3PL1', 'batch', '02:00, 14:00 local', 400, 200, 150, 20, 0, 30, 0, 400, 0.5405, FALSE,
     'only 54.1 % of its postings came by its runs, and 90 % are needed');
INSERT INTO marts.what_if_latency
SELECT 'facility', 'RDC', schedule, title, place, 1, 700, 1080, 1085, half_s, 1800, 1810, most_s, 0.9, 0.9, 0.95, 4000, 4010,
       half_s * 4, 90000, half_s * 90, 20, 20, 'Each run carries all that was recorded until then.', NULL
FROM (VALUES ('at_once', 'Real time', 1, 100, 240), ('every_5_minutes', 'Every 5 minutes', 2, 260, 430),
             ('daily', 'Once a day at midnight', 3, 39600, 57600)) AS s(schedule, title, place, half_s, most_s);
INSERT INTO marts.what_if_latency (scope_kind, scope, schedule, schedule_title, place, facilities_count, assumptions, unknown_reason)
SELECT 'facility', '3PL1', schedule, schedule_title, place, 0, assumptions,
       'only 54.1 % of its postings came by its runs, and 90 % are needed'
FROM marts.what_if_latency;
INSERT INTO marts.what_if_latency
SELECT 'timing_model', 'micro_batch', * EXCLUDE (scope_kind, scope) FROM marts.what_if_latency WHERE scope = 'RDC';
INSERT INTO marts.what_if_transfers
SELECT scope_kind, scope, 'NDC', 'RDC', schedule, schedule_title, place, 40, 66000, 66000, 65000, 120000, 120100, 119000, NULL
FROM marts.what_if_latency WHERE facilities_count > 0;
INSERT INTO marts.what_if_steps VALUES
    ('transfer_to_reconcile', 'RDC', 'transfer_approved', 40, 40, 60, 82800, 75600, 79200, 140400, 131400, 135000, 80,
     'What follows waits as long as before.', NULL);
