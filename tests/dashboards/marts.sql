-- The published schema as docs/architecture.md and docs/metrics describe it, without rows. What is not here is made as
-- the headers of the models say (conftest.py).
CREATE SCHEMA marts;
CREATE TABLE marts.run_info (run_id VARCHAR, as_of TIMESTAMPTZ, events_count BIGINT, postings_count BIGINT);
CREATE TABLE marts.facilities (facility_id VARCHAR, name VARCHAR, kind VARCHAR, timezone VARCHAR, timing_model VARCHAR);
CREATE TABLE marts.metric_catalogue (
    model VARCHAR, title VARCHAR, question VARCHAR, definition VARCHAR, unit VARCHAR, direction VARCHAR, additivity VARCHAR,
    owner VARCHAR, source VARCHAR, version INTEGER);
CREATE TABLE marts.feed_health (
    feed VARCHAR, facility_id VARCHAR, last_event_at TIMESTAMPTZ, last_ingested_at TIMESTAMPTZ, watermark_at TIMESTAMPTZ,
    age_s DOUBLE, expected_interval_s BIGINT, intervals_count BIGINT, covered_count BIGINT, completeness_ratio DOUBLE,
    unknown_reason VARCHAR, status VARCHAR);
CREATE TABLE marts.event_latency (
    event_id VARCHAR, facility_id VARCHAR, event_type VARCHAR, event_time TIMESTAMPTZ, posting_id VARCHAR, posted_at TIMESTAMPTZ,
    latency_s DOUBLE, is_posted BOOLEAN, match_method VARCHAR, recorded_at TIMESTAMPTZ, item_id VARCHAR, quantity DECIMAL(18, 6),
    document_id VARCHAR, shift VARCHAR, supplier_id VARCHAR, sla_s BIGINT, is_late BOOLEAN, feed VARCHAR, file VARCHAR,
    row_number BIGINT);
CREATE TABLE marts.latency_by_facility (
    facility_id VARCHAR, event_type VARCHAR, events_count BIGINT, posted_count BIGINT, unposted_count BIGINT, p50_s DOUBLE,
    p90_s DOUBLE, p95_s DOUBLE, p99_s DOUBLE, km_p50_s DOUBLE, km_p90_s DOUBLE, within_sla_ratio DOUBLE);
CREATE TABLE marts.latency_by_hour (
    facility_id VARCHAR, event_type VARCHAR, weekday INTEGER, hour INTEGER, events_count BIGINT, posted_count BIGINT,
    p50_s DOUBLE, p90_s DOUBLE, within_sla_ratio DOUBLE);
CREATE TABLE marts.latency_distribution (
    facility_id VARCHAR, event_type VARCHAR, bucket_no INTEGER, lower_s DOUBLE, upper_s DOUBLE, events_count BIGINT);
CREATE TABLE marts.latency_trend (
    facility_id VARCHAR, event_type VARCHAR, day DATE, events_count BIGINT, posted_count BIGINT, p50_s DOUBLE, p90_s DOUBLE,
    within_sla_ratio DOUBLE);
CREATE TABLE marts.exceptions (
    exception_id VARCHAR, rule VARCHAR, facility_id VARCHAR, reference_id VARCHAR, opened_at TIMESTAMPTZ,
    resolved_at TIMESTAMPTZ, age_s DOUBLE, business_age_s DOUBLE, sla_s BIGINT, is_breached BOOLEAN, severity VARCHAR, queue VARCHAR, item_id VARCHAR,
    quantity DECIMAL(18, 6), value_at_risk_usd DOUBLE, probable_cause VARCHAR, evidence VARCHAR, detail VARCHAR);
CREATE TABLE marts.exception_aging (
    facility_id VARCHAR, rule VARCHAR, bucket VARCHAR, open_count BIGINT, breached_count BIGINT);
CREATE TABLE marts.exceptions_trend (
    facility_id VARCHAR, rule VARCHAR, day DATE, opened_count BIGINT, resolved_count BIGINT, open_count BIGINT);
CREATE TABLE marts.transfers (
    transfer_id VARCHAR, from_facility_id VARCHAR, to_facility_id VARCHAR, requested_at TIMESTAMPTZ, approved_at TIMESTAMPTZ,
    shipped_at TIMESTAMPTZ, received_at TIMESTAMPTZ, cycle_time_s DOUBLE, status VARCHAR);
CREATE TABLE marts.transfer_cycle_time (
    from_facility_id VARCHAR, to_facility_id VARCHAR, transfers_count BIGINT, timed_count BIGINT, open_count BIGINT,
    unshipped_count BIGINT, p50_s DOUBLE, p90_s DOUBLE);
CREATE TABLE marts.count_variance (
    facility_id VARCHAR, counts_count BIGINT, variance_units DOUBLE, absolute_variance_units DOUBLE, ira_strict_ratio DOUBLE,
    ira_tolerance_ratio DOUBLE, unit_accuracy_ratio DOUBLE);
CREATE TABLE marts.count_records (
    count_id VARCHAR, facility_id VARCHAR, location_id VARCHAR, item_id VARCHAR, abc_class VARCHAR, counted_at TIMESTAMPTZ,
    shift VARCHAR, counted_quantity DECIMAL(18, 6), book_quantity DECIMAL(18, 6), variance_units DOUBLE,
    tolerance_ratio DOUBLE, is_exact BOOLEAN, is_within_tolerance BOOLEAN, feed VARCHAR, file VARCHAR, row_number BIGINT);
CREATE TABLE marts.deviations (
    process VARCHAR, facility_id VARCHAR, kind VARCHAR, activity VARCHAR, cases_count BIGINT,
    share_ratio DOUBLE, added_duration_p50_s DOUBLE, value_at_risk_usd DOUBLE, added_duration_reason VARCHAR,
    valued_count BIGINT, is_accepted BOOLEAN, accepted_reason VARCHAR, accepted_until_date DATE);
CREATE TABLE marts.case_deviation (
    process VARCHAR, case_id VARCHAR, facility_id VARCHAR, kind VARCHAR, activity VARCHAR, variant_id VARCHAR,
    is_accepted BOOLEAN, accepted_reason VARCHAR, accepted_until_date DATE, value_at_risk_usd DOUBLE, value_reason VARCHAR);
CREATE TABLE marts.process_conformance (
    process VARCHAR, facility_id VARCHAR, cases_count BIGINT, conformant_count BIGINT, fitness_ratio DOUBLE,
    open_count BIGINT, approximated_count BIGINT, adherence_ratio DOUBLE, adherence_low_ratio DOUBLE,
    adherence_high_ratio DOUBLE);
CREATE TABLE marts.process_models (process VARCHAR, facility_id VARCHAR, kind VARCHAR, bpmn_xml VARCHAR, dot VARCHAR);
CREATE TABLE marts.scorecard (
    metric VARCHAR, title VARCHAR, facility_id VARCHAR, value DOUBLE, unit VARCHAR, target DOUBLE, direction VARCHAR,
    is_met BOOLEAN, materiality DOUBLE, is_material BOOLEAN, material_unknown_reason VARCHAR, n BIGINT, place INTEGER);
CREATE TABLE marts.scorecard_trend (metric VARCHAR, facility_id VARCHAR, day DATE, value DOUBLE, n BIGINT);
CREATE TABLE marts.feed_reconciliation (
    feed VARCHAR, file VARCHAR, received_count BIGINT, accepted_count BIGINT, quarantined_count BIGINT,
    duplicate_count BIGINT, out_of_scope_count BIGINT);
CREATE TABLE marts.causes (
    subject VARCHAR, outcome VARCHAR, kind VARCHAR, activity VARCHAR, from_activity VARCHAR, attribute VARCHAR, value VARCHAR,
    label VARCHAR, units_count BIGINT, outcome_count BIGINT, share_ratio DOUBLE, others_count BIGINT,
    others_outcome_count BIGINT, others_share_ratio DOUBLE, lift_ratio DOUBLE, lift_low_ratio DOUBLE, lift_high_ratio DOUBLE,
    lift_unknown_reason VARCHAR, excess_count DOUBLE, p_value DOUBLE, p_adjusted DOUBLE, untested_reason VARCHAR,
    is_raised BOOLEAN, facility_lift_ratio DOUBLE, facility_lift_low_ratio DOUBLE, facility_lift_high_ratio DOUBLE,
    facility_p_value DOUBLE, facility_p_adjusted DOUBLE, facility_lift_reason VARCHAR, is_explained_by_facility BOOLEAN, standing VARCHAR);
CREATE TABLE marts.cause_outcomes (
    subject VARCHAR, outcome VARCHAR, kind VARCHAR, activity VARCHAR, from_activity VARCHAR, units_count BIGINT,
    outcome_count BIGINT, share_ratio DOUBLE, tested_count BIGINT, raised_count BIGINT, unknown_reason VARCHAR);
CREATE TABLE marts.cause_rules (
    subject VARCHAR, outcome VARCHAR, kind VARCHAR, activity VARCHAR, from_activity VARCHAR, rule_no BIGINT, condition VARCHAR,
    units_count BIGINT, outcome_count BIGINT, share_ratio DOUBLE, others_count BIGINT, others_outcome_count BIGINT,
    others_share_ratio DOUBLE, lift_ratio DOUBLE, lift_low_ratio DOUBLE, lift_high_ratio DOUBLE, is_told BOOLEAN,
    sentence VARCHAR);
CREATE TABLE marts.what_if_interface (
    facility_id VARCHAR, detected_model VARCHAR, runs VARCHAR, events_count BIGINT, scheduled_count BIGINT, held_up_count BIGINT,
    bypassed_count BIGINT, waiting_count BIGINT, missing_count BIGINT, unrecorded_count BIGINT, processing_p50_s DOUBLE,
    explained_ratio DOUBLE, is_replayable BOOLEAN, unknown_reason VARCHAR);
CREATE TABLE marts.what_if_latency (
    scope_kind VARCHAR, scope VARCHAR, schedule VARCHAR, schedule_title VARCHAR, place BIGINT, facilities_count BIGINT,
    events_count BIGINT, measured_p50_s DOUBLE, unchanged_p50_s DOUBLE, replayed_p50_s DOUBLE, measured_p90_s DOUBLE,
    unchanged_p90_s DOUBLE, replayed_p90_s DOUBLE, measured_within_sla_ratio DOUBLE, unchanged_within_sla_ratio DOUBLE,
    replayed_within_sla_ratio DOUBLE, measured_dark_unit_h DOUBLE, unchanged_dark_unit_h DOUBLE, replayed_dark_unit_h DOUBLE,
    measured_dark_usd_h DOUBLE, replayed_dark_usd_h DOUBLE, measured_open_count BIGINT, replayed_open_count BIGINT,
    assumptions VARCHAR, unknown_reason VARCHAR);
CREATE TABLE marts.what_if_transfers (
    scope_kind VARCHAR, scope VARCHAR, from_facility_id VARCHAR, to_facility_id VARCHAR, schedule VARCHAR, schedule_title VARCHAR,
    place BIGINT, transfers_count BIGINT, measured_p50_s DOUBLE, unchanged_p50_s DOUBLE, replayed_p50_s DOUBLE,
    measured_p90_s DOUBLE, unchanged_p90_s DOUBLE, replayed_p90_s DOUBLE, unknown_reason VARCHAR);
CREATE TABLE marts.what_if_steps (
    process VARCHAR, facility_id VARCHAR, activity VARCHAR, cases_count BIGINT, steps_count BIGINT, closed_cases_count BIGINT,
    measured_p50_s DOUBLE, without_p50_s DOUBLE, halved_p50_s DOUBLE, measured_p90_s DOUBLE, without_p90_s DOUBLE,
    halved_p90_s DOUBLE, saved_h DOUBLE, assumptions VARCHAR, unknown_reason VARCHAR);
