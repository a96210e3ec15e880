-- The macro prelude for Spark: of each macro that models use, a function of the same name and meaning as in duckdb.sql.
-- The session's time zone is UTC and ANSI mode is on (pipelines/engines/spark.py).
CREATE OR REPLACE TEMPORARY FUNCTION seconds_between(start_at TIMESTAMP, end_at TIMESTAMP) RETURNS DOUBLE
    RETURN CAST(unix_micros(end_at) - unix_micros(start_at) AS DOUBLE) / 1e6;
CREATE OR REPLACE TEMPORARY FUNCTION add_seconds(moment TIMESTAMP, seconds DOUBLE) RETURNS TIMESTAMP
    RETURN timestamp_micros(unix_micros(moment) + CAST(round(seconds * 1e6) AS BIGINT));
CREATE OR REPLACE TEMPORARY FUNCTION quarter_of(moment TIMESTAMP) RETURNS BIGINT
    RETURN unix_micros(moment) div 900000000;
CREATE OR REPLACE TEMPORARY FUNCTION worked_until(worked_s DOUBLE, is_open BOOLEAN, starts_at TIMESTAMP, moment TIMESTAMP) RETURNS DOUBLE
    RETURN worked_s + CASE WHEN is_open THEN seconds_between(starts_at, moment) ELSE 0 END;
CREATE OR REPLACE TEMPORARY FUNCTION minute_of(moment TIMESTAMP) RETURNS BIGINT
    RETURN unix_micros(moment) div 60000000;
CREATE OR REPLACE TEMPORARY FUNCTION local_minute_of(moment TIMESTAMP, zone STRING) RETURNS BIGINT
    RETURN unix_micros(from_utc_timestamp(moment, zone)) div 60000000;
CREATE OR REPLACE TEMPORARY FUNCTION instant(txt STRING) RETURNS TIMESTAMP
    RETURN CAST(txt AS TIMESTAMP);
CREATE OR REPLACE TEMPORARY FUNCTION no_instant() RETURNS TIMESTAMP
    RETURN CAST(NULL AS TIMESTAMP);
-- A double is written with an exponent from ten million on: decimals are not.
CREATE OR REPLACE TEMPORARY FUNCTION number_text(number DOUBLE) RETURNS STRING
    RETURN CASE WHEN number = floor(number) THEN CAST(CAST(number AS DECIMAL(20, 1)) AS STRING)
        ELSE trim(TRAILING '0' FROM CAST(CAST(number AS DECIMAL(26, 6)) AS STRING)) END;
CREATE OR REPLACE TEMPORARY FUNCTION local_day(moment TIMESTAMP, zone STRING) RETURNS DATE
    RETURN CAST(from_utc_timestamp(moment, zone) AS DATE);
CREATE OR REPLACE TEMPORARY FUNCTION local_hour(moment TIMESTAMP, zone STRING) RETURNS INT
    RETURN hour(from_utc_timestamp(moment, zone));
CREATE OR REPLACE TEMPORARY FUNCTION local_minute(moment TIMESTAMP, zone STRING) RETURNS INT
    RETURN hour(from_utc_timestamp(moment, zone)) * 60 + minute(from_utc_timestamp(moment, zone));
CREATE OR REPLACE TEMPORARY FUNCTION day_before(day DATE) RETURNS DATE
    RETURN date_sub(day, 1);
CREATE OR REPLACE TEMPORARY FUNCTION local_weekday(moment TIMESTAMP, zone STRING) RETURNS INT
    RETURN weekday(from_utc_timestamp(moment, zone)) + 1;
-- Of a local time that is there twice Java takes the earlier instant, and one that is not there it moves on by the gap.
CREATE OR REPLACE TEMPORARY FUNCTION end_of_day(day DATE, zone STRING) RETURNS TIMESTAMP
    RETURN to_utc_timestamp(CAST(date_add(day, 1) AS TIMESTAMP), zone);
CREATE OR REPLACE TEMPORARY FUNCTION days_between(start_date DATE, end_date DATE) RETURNS DOUBLE
    RETURN CAST(datediff(end_date, start_date) AS DOUBLE);
CREATE OR REPLACE TEMPORARY FUNCTION trace_step(activity STRING, place BIGINT) RETURNS STRING
    RETURN lpad(CAST(place AS STRING), 10, '0') || activity;
CREATE OR REPLACE TEMPORARY FUNCTION trace_text(steps ARRAY<STRING>) RETURNS STRING
    RETURN array_join(transform(array_sort(steps), step -> substr(step, 11)), ' > ');
-- Other values than DuckDB's hash: no published value may depend on it.
CREATE OR REPLACE TEMPORARY FUNCTION hash_of(a STRING, b STRING) RETURNS BIGINT
    RETURN xxhash64(a, b);
CREATE OR REPLACE TEMPORARY FUNCTION case_of(case_key STRING, facility STRING, document STRING, line STRING) RETURNS STRING
    RETURN CASE WHEN case_key = 'document' THEN document ELSE facility || '|' || document || '|' || coalesce(line, '') END;
