/*
title: Integration health
question: Which interface retries, fails, answers slowly or loses the order of its messages?
definition: Per interface and facility, the messages sent up to as_of, the shares retried and failed, the 95 % quantiles in milliseconds of response and queue wait, and the number of errors in their sequence.
formula: "retry_ratio = count(attempts > 1) / attempts_known_count; failure_ratio = count(failed status) / known_statuses_count; sequence_error_count = repeats + disorders + gaps"
headline: failure_ratio
edge_rules:
  - "retry_ratio: messages with more than one attempt / messages that state their attempts; NULL where none states any."
  - "failure_ratio: messages with a failed status / messages with a known status, open ones included; NULL where none has one. The closed list of statuses is data, message_statuses.csv; case and blanks do not count."
  - A status that the list does not hold is in neither number; messages_count less known_statuses_count says how many.
  - A quantile is over the messages that state the duration, interpolated linearly as every quantile here; responses_count and queue_waits_count say over how many; NULL over none. It is rounded to the microsecond.
  - Sequence numbers are judged per interface and facility in the order of sent_at, then sequence_no, then message_id. Messages without a number are passed over.
  - A repeat is a message with a number that an earlier one bears. Out of order is one with a new number below the highest before it. A gap is a run of numbers, between the lowest and the highest, that no message bears; a long one counts once.
  - A number that comes late is out of order and leaves no gap. Restarting the count makes repeats.
  - sequence_error_count is repeats, out of order and gaps together; NULL where no message states a number.
  - Messages without an interface or a facility have lines of their own, with NULL.
not_to_be_confused_with: event-to-posting latency, which ends when the ERP has stored the posting
source: domain model, also
owner: integration engineer
grain: [interface, facility_id]
direction: down_is_good
columns:
  interface: {unit: text, description: the interface, nullable: true}
  facility_id: {unit: id, description: the facility, nullable: true}
  messages_count: {unit: count, description: messages, min: 1}
  attempts_known_count: {unit: count, description: those that state their attempts, min: 0}
  retry_ratio: {unit: ratio, description: more than one attempt / attempts_known_count, nullable: true, min: 0, max: 1}
  known_statuses_count: {unit: count, description: those with a status of the list, min: 0}
  failure_ratio: {unit: ratio, description: failed / known_statuses_count, nullable: true, min: 0, max: 1}
  responses_count: {unit: count, description: those that state a response time, min: 0}
  response_p95_ms: {unit: ms, description: 95 % quantile of the response time, nullable: true, min: 0}
  queue_waits_count: {unit: count, description: those that state a wait in the queue, min: 0}
  queue_wait_p95_ms: {unit: ms, description: 95 % quantile of the wait in the queue, nullable: true, min: 0}
  sequence_repeat_count: {unit: count, description: numbers borne before, nullable: true, min: 0}
  sequence_disorder_count: {unit: count, description: new numbers below the highest before, nullable: true, min: 0}
  sequence_gap_count: {unit: count, description: runs of numbers that nobody bears, nullable: true, min: 0}
  sequence_error_count: {unit: count, description: the three together, nullable: true, min: 0}
*/
WITH message AS (
    SELECT
        m.interface, m.facility_id,
        count(*) AS messages_count,
        count(m.attempts) AS attempts_known_count,
        count(*) FILTER (WHERE m.attempts > 1) AS retried_count,
        count(s.status) AS known_statuses_count,
        count(*) FILTER (WHERE s.is_failure) AS failed_count,
        count(m.response_ms) AS responses_count,
        count(m.queue_wait_ms) AS queue_waits_count
    FROM canonical.integration_message m
    LEFT JOIN reference.message_status s ON s.status = lower(trim(m.status))
    GROUP BY m.interface, m.facility_id
), placed AS (
    SELECT
        interface, facility_id, sequence_no,
        row_number() OVER (
            PARTITION BY interface, facility_id, sequence_no ORDER BY sent_at, message_id
        ) AS nth,
        max(sequence_no) OVER (
            PARTITION BY interface, facility_id ORDER BY sent_at, sequence_no NULLS LAST, message_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS highest_before,
        lead(sequence_no) OVER (
            PARTITION BY interface, facility_id ORDER BY sequence_no NULLS LAST, sent_at, message_id
        ) AS next_number
    FROM canonical.integration_message
    WHERE sequence_no IS NOT NULL
), sequence AS (
    SELECT
        interface, facility_id,
        count(*) FILTER (WHERE nth > 1) AS repeat_count,
        count(*) FILTER (WHERE nth = 1 AND sequence_no < highest_before) AS disorder_count,
        count(*) FILTER (WHERE next_number > sequence_no + 1) AS gap_count
    FROM placed
    GROUP BY interface, facility_id
)
SELECT
    m.interface,
    m.facility_id,
    m.messages_count,
    m.attempts_known_count,
    CAST(m.retried_count AS DOUBLE) / nullif(m.attempts_known_count, 0) AS retry_ratio,
    m.known_statuses_count,
    CAST(m.failed_count AS DOUBLE) / nullif(m.known_statuses_count, 0) AS failure_ratio,
    m.responses_count,
    round(1000 * r.p95_s, 3) AS response_p95_ms,
    m.queue_waits_count,
    round(1000 * w.p95_s, 3) AS queue_wait_p95_ms,
    q.repeat_count AS sequence_repeat_count,
    q.disorder_count AS sequence_disorder_count,
    q.gap_count AS sequence_gap_count,
    q.repeat_count + q.disorder_count + q.gap_count AS sequence_error_count
FROM message m
LEFT JOIN sequence q
  ON q.interface IS NOT DISTINCT FROM m.interface AND q.facility_id IS NOT DISTINCT FROM m.facility_id
LEFT JOIN shared.duration_quantile r
  ON r.measure = 'message_response' AND NOT r.is_total
 AND r.group_1 IS NOT DISTINCT FROM m.interface AND r.group_2 IS NOT DISTINCT FROM m.facility_id
LEFT JOIN shared.duration_quantile w
  ON w.measure = 'message_queue_wait' AND NOT w.is_total
 AND w.group_1 IS NOT DISTINCT FROM m.interface AND w.group_2 IS NOT DISTINCT FROM m.facility_id
