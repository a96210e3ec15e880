-- The rest of the lively run: cases behind the variants of sample.sql, and what other pages show. Figures follow from rows.

-- Cases, one for each that a variant counts: they begin half an hour apart, and every step takes twenty minutes.
UPDATE marts.variants SET variant_no = n.variant_no, variant_id = 'v' || n.variant_no
FROM (SELECT variant, row_number() OVER (ORDER BY variant) AS variant_no FROM (SELECT DISTINCT variant FROM marts.variants)) AS n
WHERE n.variant = variants.variant;
CREATE TEMP TABLE way AS
SELECT DISTINCT process, variant_no, string_split(variant, ' > ') AS steps FROM marts.variants;
INSERT INTO marts.process_variant_steps BY NAME
SELECT process, variant_no, k AS step_no, steps[k] AS activity, CASE WHEN k > 1 THEN steps[k - 1] END AS from_activity,
       k = len(steps) AS is_last
FROM way, LATERAL (SELECT unnest(range(1, len(steps) + 1)) AS k);
INSERT INTO marts.process_variant_edges BY NAME
SELECT process, variant_no, dense_rank() OVER (ORDER BY process, from_activity, to_activity) AS edge_no, from_activity, to_activity,
       edges_count
FROM (
    SELECT process, variant_no, from_activity, activity AS to_activity, count(*) AS edges_count
    FROM marts.process_variant_steps GROUP BY ALL
    UNION ALL SELECT process, variant_no, activity, NULL, 1 FROM marts.process_variant_steps WHERE is_last);
INSERT INTO marts.process_cases BY NAME
SELECT row_number() OVER (ORDER BY process, facility_id, variant_no, i) AS case_no, process, facility_id,
       facility_id || '|D' || variant_no || '-' || i AS case_id, variant_no, first_at,
       first_at + to_seconds(1200 * (len(steps) - 1)) AS last_at, 1200 * (len(steps) - 1) AS duration_s, len(steps) AS events_count,
       i % 20 = 19 AS is_open, ['A', 'B', 'C'][1 + i % 3] AS abc_class, 'SUP-0' || (i % 4) AS supplier_id, ['A', 'B'][1 + i % 2] AS shift
FROM (SELECT v.process, v.facility_id, v.variant_no, w.steps, i, at_utc('2026-02-10 00:00:00+00') + to_seconds(1800 * i) AS first_at
      FROM marts.variants v JOIN way w USING (process, variant_no), LATERAL (SELECT unnest(range(v.cases_count)) AS i));
INSERT INTO marts.process_case_edges BY NAME
SELECT c.case_no, s.step_no - 1 AS edge_order, e.edge_no, c.first_at + to_seconds(1200 * (s.step_no - 1)) AS reached_at,
       1200 AS waited_s
FROM marts.process_cases c JOIN marts.process_variant_steps s USING (process, variant_no)
JOIN (SELECT DISTINCT process, edge_no, from_activity, to_activity FROM marts.process_variant_edges) e
    ON e.process = s.process AND e.from_activity = s.from_activity AND e.to_activity = s.activity;
UPDATE marts.process_edges SET cases_count = edges_count, p95_s = 2 * p90_s;

-- What is counted of cases.
CREATE TEMP TABLE step AS
SELECT process, facility_id, from_activity, to_activity, edges_count FROM marts.process_edges
WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL;
INSERT INTO marts.process_throughput BY NAME
SELECT process, facility_id, first_at::DATE AS day, count(*) AS started_count, count(*) AS ended_count, 1 AS in_progress_count
FROM marts.process_cases GROUP BY ALL;
INSERT INTO marts.process_spectrum BY NAME
SELECT s.process, s.facility_id, s.from_activity, s.to_activity, t.day, 10 AS segments_count, 4 AS fastest_count, 3 AS fast_count,
       2 AS slow_count, 1 AS slowest_count
FROM step s JOIN marts.process_throughput t USING (process, facility_id);
INSERT INTO marts.process_drift BY NAME
SELECT process, facility_id, from_activity, to_activity, 40 AS earlier_count, 50 AS later_count, 0.4 AS earlier_ratio, 0.5 AS later_ratio,
       0.1 AS change_ratio, 4.2 AS chi_square, 0.04 AS p_value, 0.0004 AS adjusted_p_value, TRUE AS is_drifting
FROM step;
INSERT INTO marts.process_milestones BY NAME
SELECT process, facility_id, from_activity, to_activity, edges_count AS cases_count, edges_count AS reached_count, 0 AS waiting_count,
       1 AS reached_ratio, 600 AS p50_s, 1200 AS p90_s, 1800 AS p95_s
FROM step;
INSERT INTO marts.process_rework BY NAME
SELECT process, facility_id, to_activity AS activity, 50 AS cases_count, 3 AS self_loop_cases_count, 2 AS loop_cases_count,
       5 AS rework_cases_count, 6 AS repeats_count, 0.1 AS rework_ratio
FROM step;
INSERT INTO marts.process_batches BY NAME
SELECT process, facility_id, to_activity AS activity, 50 AS events_count, 0 AS resource_unknown_count, 4 AS batches_count,
       1 AS simultaneous_batches_count, 3 AS sequential_batches_count, 12 AS batched_events_count, 5 AS largest_cases_count,
       0.24 AS batched_ratio
FROM step;
INSERT INTO marts.process_handovers BY NAME
SELECT 'transfer_to_reconcile' AS process, from_facility_id, to_facility_id, 'transfer_shipped' AS from_activity,
       'transfer_received' AS to_activity, count(*) AS handovers_count, count(*) AS cases_count, 90000 AS p50_s, 120000 AS p90_s
FROM marts.transfers WHERE received_at IS NOT NULL GROUP BY ALL;
INSERT INTO marts.process_book_edges BY NAME
SELECT process, facility_id, from_activity, to_activity, edges_count, cases_count, 300 AS p50_s, 900 AS p90_s, 1500 AS p95_s
FROM marts.process_edges;
INSERT INTO marts.process_clocks BY NAME
SELECT process, facility_id, from_activity, to_activity, edges_count AS floor_count, edges_count AS books_count, 0 AS difference_count,
       FALSE AS is_only_in_books, 0 AS only_books_cases_count, 0 AS inverted_count, 0 AS level_unknown_cases_count, 0 AS negative_units
FROM step
UNION ALL BY NAME
SELECT 'procure_to_receive' AS process, facility_id, 'putaway_completed' AS from_activity, 'receipt_created' AS to_activity,
       0 AS floor_count, 7 AS books_count, 7 AS difference_count, TRUE AS is_only_in_books, 7 AS only_books_cases_count,
       7 AS inverted_count, 0 AS level_unknown_cases_count, 35 AS negative_units
FROM marts.facilities;
INSERT INTO marts.process_book_only_edges BY NAME
SELECT process, case_id, facility_id, 'putaway_completed' AS from_activity, 'receipt_created' AS to_activity, 1 AS books_count,
       1 AS inverted_count, last_at AS first_posted_at, 5 AS negative_units
FROM marts.process_cases WHERE process = 'procure_to_receive' AND case_no % 40 = 0;

-- Cases against the model.
INSERT INTO marts.case_conformance BY NAME
SELECT process, case_id, facility_id, 'v' || variant_no AS variant_id, CASE WHEN case_no % 6 = 0 THEN 0.8 ELSE 1 END AS fitness,
       case_no % 6 != 0 AS is_conformant, is_open, TRUE AS is_exact, first_at, last_at, duration_s,
       CASE WHEN case_no % 6 = 0 THEN 1 ELSE 0 END AS deviations_count, 0 AS accepted_count
FROM marts.process_cases;
UPDATE marts.deviations SET is_accepted = TRUE, accepted_reason = 'trial of a new dock', accepted_until_date = DATE '2026-03-31'
WHERE activity = 'quality_hold_placed' AND facility_id = 'RDC';
INSERT INTO marts.temporal_profile BY NAME
SELECT DISTINCT process, from_activity, to_activity, 200 AS pairs_count, 1200 AS mean_s, 60 AS stddev_s FROM step;
INSERT INTO marts.temporal_deviations BY NAME
SELECT process, facility_id, case_id, 'receipt_created' AS from_activity, 1 AS from_order, 'putaway_completed' AS to_activity, 3 AS to_order,
       3000 AS elapsed_s, 1200 AS mean_s, 200 AS stddev_s, 9 AS zeta_ratio
FROM marts.process_cases WHERE process = 'procure_to_receive' AND case_no % 50 = 0;
INSERT INTO marts.process_model_quality BY NAME
SELECT process, facility_id, kind, cases_count, 4 AS variants_count, 0.97 AS fitness_ratio, cases_count AS aligned_count,
       0.98 AS replay_ratio, cases_count AS replayed_count, 0.9 AS precision_ratio, 0.85 AS generalisation_ratio, 0.9 AS simplicity_ratio
FROM marts.process_conformance, (VALUES ('normative'), ('discovered')) AS k(kind);
INSERT INTO marts.process_constraints BY NAME
SELECT process, facility_id, 'response' AS template, from_activity AS activity, to_activity AS other_activity, 50 AS cases_count,
       50 AS activated_count, 48 AS satisfied_count, 1 AS support_ratio, 0.96 AS confidence_ratio
FROM step;
INSERT INTO marts.process_relations BY NAME
SELECT process, facility_id, from_activity, to_activity, edges_count AS follows_count, 'sequence' AS relation, 0.9 AS dependency,
       TRUE AS is_in_heuristics_net, TRUE AS is_allowed
FROM step;

-- Orders and purchases.
CREATE TEMP TABLE place AS SELECT facility_id, row_number() OVER (ORDER BY facility_id) AS n FROM marts.facilities;
INSERT INTO marts.fill_rate BY NAME
SELECT facility_id, 100 AS lines_count, 90 + n AS filled_lines_count, (90 + n) / 100 AS line_fill_ratio, 40 AS orders_count,
       30 AS filled_orders_count, 0.75 AS order_fill_ratio, 1000 AS ordered_units, 950 AS filled_units, 0.95 AS unit_fill_ratio,
       4 AS undecided_lines_count, 0 AS unknown_lines_count
FROM place;
INSERT INTO marts.on_time_shipment BY NAME
SELECT facility_id, 100 AS lines_count, 88 AS on_time_lines_count, 0.88 AS on_time_ratio, 2 AS open_late_lines_count, 40 AS orders_count,
       32 AS on_time_orders_count, 0.8 AS on_time_in_full_ratio, 0 AS undecided_lines_count, 0 AS unjudged_lines_count
FROM place;
INSERT INTO marts.promise_accuracy BY NAME
SELECT facility_id, 90 AS completed_count, 10 AS open_count, 20 AS early_count, 60 AS kept_count, 10 AS late_count, 0.667 AS accuracy_ratio,
       40000 AS mean_absolute_error_s, -3600 AS p50_s, 7200 AS p90_s, -3000 AS km_p50_s, 9000 AS km_p90_s
FROM place;
INSERT INTO marts.order_cycle_time BY NAME
SELECT facility_id, 100 AS orders_count, 90 AS complete_count, 10 AS open_count, 7200 * n AS p50_s, 14400 * n AS p90_s, 20000 * n AS p95_s,
       8000 * n AS km_p50_s, 18000 * n AS km_p90_s
FROM place;
INSERT INTO marts.reservation_coverage BY NAME
SELECT facility_id, 60 AS reservations_count, 20 AS open_count, 500 AS reserved_units, 450 AS covered_units, 0.9 AS coverage_ratio,
       2 AS uncovered_items_count, 4 AS conflicts_count, 1 AS open_conflicts_count, 4 / 60 AS conflict_ratio
FROM place WHERE n < 3
UNION ALL BY NAME
SELECT facility_id, 60 AS reservations_count, 20 AS open_count, 500 AS reserved_units, 'no_opening_stock' AS unknown_reason
FROM place WHERE n = 3;
INSERT INTO marts.order_lines BY NAME
SELECT 'SO-' || i AS order_id, '1' AS order_line, facility_id, 'SKU-001' AS item_id, 10 AS ordered_quantity, 10 AS shipped_quantity,
       at_utc('2026-02-20 08:00:00+00') AS ordered_at, 'orders' AS feed, 'feeds/orders.csv' AS file, i AS row_number
FROM place, range(10) AS r(i);
CREATE TEMP TABLE supplied AS
SELECT facility_id, 'SUP-0' || i AS supplier_id, 'Supplier ' || i AS supplier_name, i FROM place, range(7) AS r(i);
INSERT INTO marts.three_way_match BY NAME
SELECT supplier_id, supplier_name, facility_id, 20 AS lines_count, 18 AS matched_count, 1 AS quantity_count, 1 AS price_count, 0 AS both_count,
       0 AS no_order_count, 0 AS unknown_count, 0.9 AS matched_ratio, 20 AS valued_count, 1000.5 * i AS value_usd,
       900.25 * i AS matched_value_usd, 0.9 AS matched_value_ratio
FROM supplied;
INSERT INTO marts.invoice_disputes BY NAME
SELECT supplier_id, supplier_name, facility_id, 20 AS lines_count, 2 AS disputed_count, 1 AS open_count, 0.1 AS disputed_ratio,
       20 AS valued_count, 90.5 AS disputed_value_usd, 40.25 AS open_value_usd, 90000 AS p50_s, 180000 AS p90_s
FROM supplied;
INSERT INTO marts.receipt_discrepancy BY NAME
SELECT facility_id, supplier_id, supplier_name, 20 AS lines_count, 0.15 AS discrepant_ratio, 1 AS over_lines_count, 1 AS short_lines_count,
       1 AS damaged_lines_count, 0 AS rejected_lines_count, 0 AS open_lines_count, 200 AS ordered_units, 199 AS received_units
FROM supplied;
INSERT INTO marts.receipt_adjustments BY NAME
SELECT facility_id, supplier_id, supplier_name, 40 AS receipts_count, 2 AS adjusted_count, 0.05 AS adjusted_ratio, 400 AS received_units,
       -6 AS adjusted_net_units, 6 AS adjusted_absolute_units
FROM supplied;
INSERT INTO marts.purchase_lines BY NAME
SELECT 'PO-' || i AS purchase_order_id, '1' AS purchase_order_line, facility_id, supplier_id, 'SKU-001' AS item_id, 10 AS ordered_quantity,
       10 AS received_quantity, 2.5 AS unit_price, 'USD' AS currency, DATE '2026-02-20' AS due_date, 'purchases' AS feed,
       'feeds/purchases.csv' AS file, i AS row_number
FROM supplied;

-- Interfaces, feeds and the books.
INSERT INTO marts.process_or_integration BY NAME
SELECT facility_id, 100 AS timed_count, 0.0002 AS capture_share_ratio, 0.9998 AS interface_share_ratio, 4 AS process_exceptions_count,
       40 AS integration_exceptions_count, 0 AS unclassed_exceptions_count, 0 AS messages_count, 'ok' AS worst_feed_status,
       'integration' AS latency_vote, 'integration' AS exceptions_vote, 'integration' AS verdict
FROM place;
INSERT INTO marts.timing_model BY NAME
SELECT l.facility_id, count(l.posted_at) AS postings_count, count(*) AS events_count, f.timing_model AS declared_model,
       f.timing_model AS detected_model, 21600 AS detected_period_s, 0.93 AS confidence_ratio, TRUE AS is_as_declared
FROM marts.event_latency l JOIN marts.facilities f USING (facility_id) GROUP BY l.facility_id, f.timing_model;
INSERT INTO marts.integration_health BY NAME
SELECT lower(facility_id) || '_wms' AS interface, facility_id, 50 AS messages_count, 50 AS attempts_known_count, 0.04 AS retry_ratio,
       50 AS known_statuses_count, 0.02 AS failure_ratio, 50 AS responses_count, 820 AS response_p95_ms, 50 AS queue_waits_count,
       5600 AS queue_wait_p95_ms, 0 AS sequence_error_count
FROM place;
INSERT INTO marts.message_backlog BY NAME
SELECT lower(facility_id) || '_wms' AS interface, facility_id, DATE '2026-02-20' + i::INTEGER AS day, i = 5 AS is_latest, 9 AS sent_count,
       8 AS acknowledged_count, i AS waiting_count, 0 AS failed_count
FROM place, range(6) AS r(i);
INSERT INTO marts.recovery_time BY NAME
SELECT lower(facility_id) || '_wms' AS feed, facility_id, at_utc('2026-02-20 08:00:00+00') AS last_row_at,
       at_utc('2026-02-21 08:00:00+00') AS silent_from_at, at_utc('2026-02-22 08:00:00+00') AS resumed_at, 12 AS backlog_before_count,
       at_utc('2026-02-22 12:00:00+00') AS recovered_at, 100800 AS recovery_s, 100800 AS age_s
FROM place;
INSERT INTO marts.feed_quality BY NAME
SELECT feed, sum(received_count) AS received_count, sum(accepted_count) AS accepted_count, sum(quarantined_count) AS quarantined_count,
       sum(quarantined_count) / sum(received_count) AS quarantine_ratio, 'no row states when it was received' AS unknown_reason
FROM marts.feed_reconciliation GROUP BY feed;
INSERT INTO marts.reconciliation_backlog BY NAME
SELECT facility_id, rule, count(*) AS open_count, count(*) FILTER (is_breached) AS breached_count, max(age_s) AS oldest_age_s,
       15 AS assumed_minutes, count(*) / 4 AS assumed_effort_h
FROM marts.exceptions WHERE resolved_at IS NULL GROUP BY ALL;
INSERT INTO marts.financial_close_lag BY NAME
SELECT 2026 AS fiscal_year, 1 AS period_no, DATE '2026-01-01' AS first_date, DATE '2026-01-31' AS last_date, 'US01' AS legal_entity_id,
       TRUE AS is_ended, 900 AS postings_count, 30 AS posted_after_count, 0.033 AS posted_after_ratio, 900 AS valued_count,
       50000.5 AS value_usd, 1200.25 AS posted_after_value_usd, 0.024 AS posted_after_value_ratio,
       at_utc('2026-02-04 08:00:00+00') AS last_posted_at, 288000 AS close_lag_s;
INSERT INTO marts.period_cut_off BY NAME
SELECT 2026 AS fiscal_year, 1 AS period_no, DATE '2026-01-31' AS last_date, 'US01' AS legal_entity_id, facility_id, 300 AS events_count,
       300 AS valued_count, 16000 AS value_usd, 4 AS booked_later_count, 200.5 AS booked_later_value_usd, 0 AS unbooked_count,
       0 AS unbooked_value_usd, 1 AS booked_early_count, 50 AS booked_early_value_usd, 0.0157 AS cut_off_error_ratio
FROM place;
INSERT INTO marts.backdating BY NAME
SELECT facility_id, count(posted_at) AS postings_count, count(posted_at) AS dated_count, 5 AS backdated_count, 0 AS ahead_count,
       5 / count(posted_at) AS backdated_ratio, count(posted_at) AS valued_count, 90000 AS value_usd, 250.5 AS backdated_value_usd,
       250.5 / 90000 AS backdated_value_ratio, 2 AS p50_days, 4 AS p90_days, 6 AS max_days
FROM marts.event_latency GROUP BY facility_id;
INSERT INTO marts.adjustments BY NAME
SELECT facility_id, 800 AS movements_count, 8 AS adjustments_count, 0 AS posted_only_count, 10 AS adjustments_per_thousand_ratio,
       2 AS manual_count, 0.25 AS manual_ratio, -6 AS net_units, 14 AS absolute_units, 0 AS unpriced_count, -61.5 AS net_usd,
       140 AS absolute_usd
FROM place;
INSERT INTO marts.posting_leftovers BY NAME
SELECT 'without_event' AS kind, 'PX' || i AS reference_id, facility_id, at_utc('2026-02-20 08:00:00+00') AS since_at, 'PX' || i AS posting_id,
       5 AS posted_quantity, 5 AS difference_quantity
FROM place, range(6) AS r(i);
INSERT INTO marts.object_centric_edges BY NAME
SELECT 'item' AS object_type, from_activity, to_activity, sum(edges_count) AS edges_count, sum(cases_count) AS objects_count,
       600 AS p50_s, 1200 AS p90_s
FROM marts.process_edges GROUP BY ALL;
