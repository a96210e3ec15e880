-- The macro prelude for DuckDB: the only engine-sensitive text. What models use has the same meaning in each dialect;
-- what only landing uses is defined for DuckDB alone, which does the landing.
CREATE OR REPLACE MACRO seconds_between(start_at, end_at) AS (epoch_us(end_at) - epoch_us(start_at)) / 1000000.0;
CREATE OR REPLACE MACRO add_seconds(moment, seconds) AS moment + to_microseconds(CAST(round(seconds * 1000000) AS BIGINT));
CREATE OR REPLACE MACRO quarter_of(moment) AS epoch_us(moment) // 900000000;
-- Seconds worked up to a moment, of the row of shared.working_clock in whose quarter it lies; NULL where there is none.
CREATE OR REPLACE MACRO worked_until(worked_s, is_open, starts_at, moment) AS
    worked_s + CASE WHEN is_open THEN seconds_between(starts_at, moment) ELSE 0 END;
-- The instant of a text such as 2026-03-01 00:00:00Z, and one that is not known. The type has no name that both engines read.
CREATE OR REPLACE MACRO instant(txt) AS CAST(txt AS TIMESTAMPTZ);
CREATE OR REPLACE MACRO no_instant() AS CAST(NULL AS TIMESTAMPTZ);
-- A measured number as text: plain, with up to six places and at least one, never with an exponent.
CREATE OR REPLACE MACRO number_text(number) AS CAST(round(number, 6) AS VARCHAR);
CREATE OR REPLACE MACRO minute_of(moment) AS epoch_us(moment) // 60000000;
-- Minutes since 1970 of what the clock on the wall says.
CREATE OR REPLACE MACRO local_minute_of(moment, zone) AS epoch_us(timezone(zone, moment)) // 60000000;
CREATE OR REPLACE MACRO local_day(moment, zone) AS CAST(timezone(zone, moment) AS DATE);
CREATE OR REPLACE MACRO local_hour(moment, zone) AS CAST(hour(timezone(zone, moment)) AS INTEGER);
CREATE OR REPLACE MACRO local_minute(moment, zone) AS CAST(hour(timezone(zone, moment)) * 60 + minute(timezone(zone, moment)) AS INTEGER);
CREATE OR REPLACE MACRO day_before(day) AS CAST(day - 1 AS DATE);
CREATE OR REPLACE MACRO local_weekday(moment, zone) AS CAST(isodow(timezone(zone, moment)) AS INTEGER);
-- A value without the blanks around it, NULL where nothing is left. Most values hold no blank, and to look is cheaper than to cut.
CREATE OR REPLACE MACRO stripped(txt) AS CASE WHEN contains(txt, ' ') THEN nullif(trim(txt), '') ELSE nullif(txt, '') END;
CREATE OR REPLACE MACRO states_zone(txt) AS
    ends_with(txt, 'Z') OR ends_with(txt, 'z') OR ends_with(txt, ' UTC') OR regexp_matches(txt, ':\d{2}(\.\d+)? ?[+-]\d{2}(:?\d{2})?$');
-- ISO 8601 spellings that a plain cast does not read: a small z, a blank before the offset, no seconds. A date alone is no instant.
CREATE OR REPLACE MACRO instant_of(txt) AS CASE WHEN contains(txt, ':') THEN COALESCE(
    TRY_CAST(txt AS TIMESTAMPTZ),
    TRY_CAST(regexp_replace(regexp_replace(upper(txt), ' ([+-])', '\1'), '([T ]\d{2}:\d{2})(Z|[+-])', '\1:00\2') AS TIMESTAMPTZ)) END;
CREATE OR REPLACE MACRO naive_time_of(txt) AS CASE WHEN contains(txt, ':') THEN TRY_CAST(txt AS TIMESTAMP) END;
-- Whether a local day is marked in a mask of days from 1970-01-01 to 2099-12-31.
CREATE OR REPLACE MACRO is_marked_day(mask, naive) AS
    CASE WHEN naive >= TIMESTAMP '1970-01-01' AND naive < TIMESTAMP '2100-01-01'
         THEN get_bit(mask, CAST(epoch_us(naive) // 86400000000 AS INTEGER)) = 1 ELSE FALSE END;
-- A local time read with the offset of the day before, and of the day after: where a zone changes its offset, by however
-- much, in between, none of the two (a gap), one, or both (a fold) read back as the local time.
CREATE OR REPLACE MACRO instant_before(naive, zone) AS timezone(zone, naive - INTERVAL 1 DAY) + INTERVAL 24 HOUR;
CREATE OR REPLACE MACRO instant_after(naive, zone) AS timezone(zone, naive + INTERVAL 1 DAY) - INTERVAL 24 HOUR;
CREATE OR REPLACE MACRO is_fold_time(naive, zone) AS
    instant_before(naive, zone) <> instant_after(naive, zone)
    AND timezone(zone, instant_before(naive, zone)) = naive AND timezone(zone, instant_after(naive, zone)) = naive;
CREATE OR REPLACE MACRO is_gap_time(naive, zone) AS timezone(zone, timezone(zone, naive)) <> naive;
CREATE OR REPLACE MACRO earlier_instant(naive, zone) AS
    CASE WHEN is_fold_time(naive, zone) THEN least(instant_before(naive, zone), instant_after(naive, zone))
         ELSE timezone(zone, naive) END;
-- The first instant after a local day; of two midnights the earlier.
CREATE OR REPLACE MACRO later_instant(naive, zone) AS
    CASE WHEN is_fold_time(naive, zone) THEN greatest(instant_before(naive, zone), instant_after(naive, zone))
         ELSE timezone(zone, naive) END;
-- The instant at which a local day ends: the earlier one where a clock change makes it two.
CREATE OR REPLACE MACRO end_of_day(day, zone) AS earlier_instant(CAST(day AS TIMESTAMP) + INTERVAL 1 DAY, zone);
CREATE OR REPLACE MACRO days_between(start_date, end_date) AS CAST(end_date - start_date AS DOUBLE);
-- The steps of a trace bear their place in front, so that a list of them can be gathered in any order.
CREATE OR REPLACE MACRO trace_step(activity, place) AS lpad(CAST(place AS VARCHAR), 10, '0') || activity;
CREATE OR REPLACE MACRO trace_text(steps) AS array_to_string(list_transform(list_sort(steps), lambda step: substr(step, 11)), ' > ');
-- The spellings of one GTIN with 14, 13, 12 and 8 digits, as far as it has leading zeros to leave out; of anything else, itself.
CREATE OR REPLACE MACRO gtin_spellings(txt) AS CASE WHEN regexp_full_match(txt, '\d{8}|\d{12,14}') THEN list_distinct(
    [lpad(txt, 14, '0')] || CASE WHEN lpad(txt, 14, '0') LIKE '0%' THEN [right(lpad(txt, 14, '0'), 13)] ELSE [] END
    || CASE WHEN lpad(txt, 14, '0') LIKE '00%' THEN [right(lpad(txt, 14, '0'), 12)] ELSE [] END
    || CASE WHEN lpad(txt, 14, '0') LIKE '000000%' THEN [right(txt, 8)] ELSE [] END) ELSE [txt] END;
-- Whether digits end with the check digit of GS1: from the right, every other digit counts three times.
CREATE OR REPLACE MACRO has_check_digit(txt) AS list_sum(list_transform(range(1, len(txt) + 1),
    lambda place: CAST(substr(txt, place, 1) AS INTEGER) * CASE WHEN (len(txt) - place) % 2 = 1 THEN 3 ELSE 1 END)) % 10 = 0;
-- Twice, since DuckDB combines the hashes of several arguments linearly: their exclusive or would not tell a,b from b,a.
CREATE OR REPLACE MACRO hash_of(a, b) AS hash(hash(a, b));
-- What an event or posting is a case of: its document, or the line of it at a facility. A line that is not stated is a line of its own.
CREATE OR REPLACE MACRO case_of(case_key, facility, document, line) AS
    CASE WHEN case_key = 'document' THEN document ELSE facility || '|' || document || '|' || coalesce(line, '') END;
