"""The SQL that makes postings of SAP's goods movements.

It reads the adapter's tables `items`, `heads` and `types`, and landing's `lookup_facility`. A transfer posting has a
line that SAP makes by itself (XAUTO) right after the line that somebody entered, its source: the other leg. What
becomes of the legs stands in `docs/how-to/read-sap.md`.
"""

from collections.abc import Iterable

from pipelines.feeds.sap_fields import HEAD
from transforms.contracts.reading import ISO
from transforms.contracts.sqlgen import literal

# Numbers of fixed width stand without their leading zeros in lists; ids are made of the full ones.
MACROS = r"""
CREATE OR REPLACE TEMP MACRO sap_number(txt, width) AS
    CASE WHEN regexp_full_match(txt, '\d+') THEN lpad(txt, CAST(greatest(width, length(txt)) AS INTEGER), '0')
         ELSE txt END;
CREATE OR REPLACE TEMP MACRO sap_size(txt) AS regexp_replace(txt, '^[+-]\s*|\s*-$', '');
CREATE OR REPLACE TEMP MACRO sap_is_out(shkzg, txt) AS
    CASE WHEN shkzg IN ('S', 'H') THEN shkzg = 'H'
         ELSE coalesce(starts_with(txt, '-') OR ends_with(txt, '-'), FALSE) END;
CREATE OR REPLACE TEMP MACRO sap_signed(shkzg, txt) AS
    CASE WHEN sap_is_out(shkzg, txt) THEN '-' ELSE '' END || sap_size(txt);
-- Six digits; a spreadsheet on the way drops leading zeros.
CREATE OR REPLACE TEMP MACRO sap_time(txt) AS CASE
    WHEN regexp_full_match(txt, '\d{1,6}')
    THEN regexp_replace(lpad(txt, 6, '0'), '(\d\d)(\d\d)(\d\d)', '\1:\2:\3')
    ELSE coalesce(strftime(try_strptime(txt, '%I:%M:%S %p'), '%H:%M:%S'), txt) END;
"""


def day_sql(field: str, formats: Iterable[str]) -> str:
    """A day as ISO: in the feed's formats, or YYYYMMDD; zeros are none, and what is neither stays as it is."""
    own = [f for f in formats if f != ISO]
    tried = f"try_strptime({field}, [{', '.join(map(literal, own))}])" if own else "CAST(NULL AS TIMESTAMP)"
    return f"""CASE WHEN regexp_full_match({field}, '[0./-]+') THEN NULL
        WHEN {tried} IS NOT NULL THEN strftime({tried}, '%Y-%m-%d')
        WHEN regexp_full_match({field}, '\\d{{8}}')
        THEN regexp_replace({field}, '(\\d{{4}})(\\d\\d)(\\d\\d)', '\\1-\\2-\\3') ELSE {field} END"""


_HEADED = f"""headed AS (
    SELECT i.* REPLACE ({", ".join(f"coalesce(i.{f}, h.{f}) AS {f}" for f in HEAD)}),
        sap_number(i.MBLNR, 10) AS document, TRY_CAST(i.ZEILE AS BIGINT) AS line,
        coalesce(i.MENGE, i.ERFMG) AS stated
    FROM {{items}} i
    LEFT JOIN (
        SELECT * FROM {{heads}}
        QUALIFY row_number() OVER (PARTITION BY MJAHR, sap_number(MBLNR, 10) ORDER BY file DESC, row_number DESC) = 1
    ) h ON h.MJAHR = i.MJAHR AND sap_number(h.MBLNR, 10) = sap_number(i.MBLNR, 10)
    WHERE coalesce(i.RECORD_TYPE, 'MDOC') = 'MDOC'
)"""

_PLACED = """placed AS (
    SELECT m.*, t.event_type, t.direction, coalesce(t.is_reversal, FALSE) AS is_reversal,
        sap_is_out(m.SHKZG, m.stated) AS is_out, sap_size(m.stated) AS size,
        CASE WHEN t.direction IN ('within', 'between') AND NOT m.has_xauto AND m.line % 2 = 0
             THEN m.line - 1 END AS line_before,
        CASE WHEN spot.code IS NULL THEN m.WERKS ELSE spot.code END AS place_code,
        coalesce(spot.facility_id, plant.facility_id, m.WERKS) AS place,
        coalesce(to_spot.facility_id, to_plant.facility_id, m.UMWRK) AS stated_place
    FROM headed m
    LEFT JOIN {types} t ON t.movement_type = m.BWART
    LEFT JOIN lookup_facility spot ON spot.code = m.WERKS || '/' || m.LGORT
    LEFT JOIN lookup_facility plant ON plant.code = m.WERKS
    LEFT JOIN lookup_facility to_spot ON to_spot.code = m.UMWRK || '/' || m.UMLGO
    LEFT JOIN lookup_facility to_plant ON to_plant.code = m.UMWRK
)"""

# Conditions are equations of columns: with any other the engine compares every row with every row.
# A list without XAUTO: the even line of a transfer that repeats the one before it with the opposite sign.
_SOURCED = """marked AS (
    SELECT p.*, CASE WHEN p.has_xauto THEN p.XAUTO IS NOT NULL ELSE b.line IS NOT NULL END AS is_automatic
    FROM placed p
    LEFT JOIN (SELECT DISTINCT MJAHR, document, line, BWART, size, NOT is_out AS is_other_out FROM placed) b
        ON b.line = p.line_before AND b.MJAHR = p.MJAHR AND b.document = p.document AND b.BWART = p.BWART
        AND b.size = p.size AND b.is_other_out = p.is_out
), sourced AS (
    SELECT *, CASE WHEN is_automatic THEN last_value(
        CASE WHEN NOT is_automatic THEN {'line': line, 'place': place, 'item': MATNR, 'BWART': BWART} END IGNORE NULLS
    ) OVER (PARTITION BY MJAHR, document ORDER BY line, file, row_number) END AS source
    FROM marked
)"""

_LEGS = """legs AS (
    SELECT s.*, coalesce(CASE WHEN s.is_automatic THEN s.source.place ELSE o.place END, s.stated_place) AS other_place
    FROM sourced s
    LEFT JOIN (
        SELECT MJAHR, document, source.line AS line, any_value(place) AS place FROM sourced
        WHERE source.BWART = BWART GROUP BY ALL
    ) o ON o.MJAHR = s.MJAHR AND o.document = s.document AND o.line = s.line
), kept AS (
    SELECT *, direction IN ('within', 'between') AND coalesce(other_place <> place, direction = 'between') AS is_leg
    FROM legs
    WHERE NOT is_automatic OR CASE
        WHEN direction IN ('in', 'out') THEN is_out = (direction = 'out')
        ELSE source IS NULL OR source.BWART <> BWART OR source.place <> place OR source.item IS DISTINCT FROM MATNR END
)"""


def postings_sql(items: str, heads: str, types: str, own_types: Iterable[str], formats: Iterable[str]) -> str:
    """A SELECT of the canonical columns, `file` and `row_number` of every item that is a posting.

    Args:
        items, heads, types: the adapter's tables.
        own_types: movement types that the feed's `event_types` map.
        formats: the feed's formats of days.
    """
    steps = ", ".join(step.replace("{items}", items).replace("{heads}", heads).replace("{types}", types)
                      for step in (_HEADED, _PLACED, _SOURCED, _LEGS))  # fmt: skip
    own = ", ".join(literal(code) for code in own_types) or "NULL"
    formats = list(formats)
    entered = day_sql("CPUDT", formats)
    return f"""WITH {steps}
SELECT MJAHR || '-' || document || '-' || sap_number(ZEILE, 4) AS posting_id,
    {entered} || coalesce(' ' || sap_time(CPUTM), '') AS posted_at,
    place_code AS facility_id, MATNR AS item_id,
    sap_signed(SHKZG, stated) AS quantity, CASE WHEN MENGE IS NULL THEN ERFME ELSE MEINS END AS uom,
    CASE WHEN BWART IN ({own}) THEN BWART
         WHEN is_leg THEN CASE WHEN is_out <> is_reversal THEN 'transfer_shipped' ELSE 'transfer_received' END
         ELSE coalesce(event_type, BWART) END AS posting_type,
    BWART AS movement_type, {day_sql("BUDAT", formats)} AS posting_date,
    CASE WHEN VBELN_IM IS NOT NULL THEN 'sap_delivery' WHEN EBELN IS NOT NULL THEN 'sap_purchase_order'
         WHEN AUFNR IS NOT NULL THEN 'sap_order' WHEN XBLNR IS NOT NULL THEN 'sap_reference' END AS document_type,
    coalesce(VBELN_IM, EBELN, AUFNR, XBLNR) AS document_id,
    CASE WHEN VBELN_IM IS NOT NULL THEN VBELP_IM WHEN EBELN IS NOT NULL THEN EBELP END AS document_line,
    sap_signed(SHKZG, DMBTR) AS value_amount, WAERS AS currency, BUKRS AS legal_entity_id, USNAM AS posted_by,
    CASE WHEN TRY_CAST(SMBLN AS BIGINT) IS DISTINCT FROM 0
         THEN SJAHR || '-' || sap_number(SMBLN, 10) || '-' || sap_number(SMBLP, 4) END AS reverses_posting_id,
    file, row_number
FROM kept"""
