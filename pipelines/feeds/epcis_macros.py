"""SQL macros that read what EPCIS events say: words of the CBV, GS1 keys in every notation, documents."""

# A macro is text: an argument that stands in it twice is computed twice. So each stands once wherever it is costly, and
# what a URI says is first taken out as it is ('' where it says nothing) and judged in a later step.
MACROS = r"""
-- What follows the last separator of a URI, URN or CURIE, without the CBV's own prefixes (BizStep-, Disp-, BTT-, SDT-).
CREATE OR REPLACE TEMP MACRO epcis_word(uri) AS
    CASE WHEN contains(uri, '/') OR contains(uri, ':')
         THEN regexp_extract(uri, '[/:#](?:(?:BizStep|Disp|BTT|SDT)-)?([^/:#]*)/?$', 1) ELSE uri END;
-- The value after a key such as /01/ of a GS1 digital link.
CREATE OR REPLACE TEMP MACRO epcis_link(uri, key) AS split_part(split_part(uri, key, 2), '/', 1);
-- Digits and their GS1 check digit: weights 3, 1, 3 ... from the right. What is not digits has none.
CREATE OR REPLACE TEMP MACRO epcis_checked(digits) AS list_transform([digits], lambda d:
    CASE WHEN regexp_full_match(d, '\d+') THEN d || CAST((10 - list_sum(list_transform(range(1, len(d) + 1), lambda i:
        TRY_CAST(substr(d, len(d) + 1 - i, 1) AS INTEGER) * (CASE WHEN i % 2 = 1 THEN 3 ELSE 1 END)
    )) % 10) % 10 AS VARCHAR) END)[1];
CREATE OR REPLACE TEMP MACRO epcis_rest(key, rest) AS CASE WHEN rest <> '' THEN key || rest ELSE '' END;
-- Parts of an EPC URN -> digital link. Where the reference begins with an indicator or extension digit, that comes
-- before the company prefix; most keys end in a check digit.
CREATE OR REPLACE TEMP MACRO epcis_named(urn) AS list_transform(list_transform([urn], lambda u: {
    scheme: u.scheme, bare: u.prefix || u.ref, rest: CASE WHEN u.rest <> '*' THEN u.rest ELSE '' END,
    checked: epcis_checked(CASE
        WHEN len(u.prefix || u.ref) <> CASE
            WHEN u.scheme IN ('sgtin', 'lgtin', 'itip', 'upui') THEN 13
            WHEN u.scheme IN ('grai', 'gdti', 'sgcn', 'sgln', 'pgln') THEN 12
            WHEN u.scheme = 'gsin' THEN 16 ELSE 17 END THEN NULL
        WHEN u.scheme IN ('sgtin', 'lgtin', 'itip', 'upui', 'sscc') THEN u.ref[1] || u.prefix || u.ref[2:]
        ELSE u.prefix || u.ref END)
}), lambda u: 'https://id.gs1.org/' || CASE u.scheme
    WHEN 'sgtin' THEN '01/' || u.checked || epcis_rest('/21/', u.rest)
    WHEN 'lgtin' THEN '01/' || u.checked || epcis_rest('/10/', u.rest)
    WHEN 'upui' THEN '01/' || u.checked || epcis_rest('/235/', u.rest)
    WHEN 'sscc' THEN '00/' || u.checked
    WHEN 'grai' THEN '8003/0' || u.checked || u.rest
    WHEN 'gdti' THEN '253/' || u.checked || u.rest
    WHEN 'sgln' THEN '414/' || u.checked || epcis_rest('/254/', nullif(u.rest, '0'))
    WHEN 'pgln' THEN '417/' || u.checked
    WHEN 'sgcn' THEN '255/' || u.checked || u.rest
    WHEN 'gsrn' THEN '8018/' || u.checked
    WHEN 'gsrnp' THEN '8017/' || u.checked
    WHEN 'gsin' THEN '402/' || u.checked
    WHEN 'ginc' THEN '401/' || u.bare || epcis_rest('.', u.rest)
    WHEN 'giai' THEN '8004/' || u.bare || epcis_rest('.', u.rest)
    WHEN 'cpi' THEN '8010/' || u.bare || epcis_rest('/8011/', u.rest)
    WHEN 'itip' THEN '8006/' || u.checked || replace(regexp_extract(u.rest, '^\d+\.\d+'), '.', '')
        || epcis_rest('/21/', regexp_extract(u.rest, '^\d+\.\d+\.([^*].*)$', 1)) END)[1];
-- A thing by its GS1 digital link at id.gs1.org, whoever's link or EPC URN it was; other URIs as they are. A pattern's
-- `*` is no serial number, and a link's query is no part of the key.
CREATE OR REPLACE TEMP MACRO epcis_thing(epc) AS CASE
    WHEN starts_with(epc, 'urn:epc:') THEN coalesce(epcis_named(regexp_extract(
        epc, '^urn:epc:(?:id|idpat|class):([a-z]+):(\d{6,12})\.([^.]*)(?:\.(.*))?$', ['scheme', 'prefix', 'ref', 'rest']
    )), epc)
    WHEN starts_with(epc, 'urn:') THEN epc
    ELSE regexp_replace(replace(split_part(epc, '?', 1), '/gtin/', '/01/'),
        '^https?://.*?/((00/\d{18}|01/\d{8}|01/\d{12,14}|(253|255|414|417)/\d{13}|(401|402|8003|8004|8006|8010|8017|8018)/'
        || '[^/])[^/]*.*)$', 'https://id.gs1.org/\1') END;
CREATE OR REPLACE TEMP MACRO epcis_part(thing, key) AS
    CASE WHEN starts_with(thing, 'https://id.gs1.org/') THEN epcis_link(thing, key) END;
-- GLN-13 of a place or party, else its URI.
CREATE OR REPLACE TEMP MACRO epcis_place(uri) AS CASE
    WHEN contains(uri, '/414/') THEN epcis_link(uri, '/414/')
    WHEN contains(uri, '/417/') THEN epcis_link(uri, '/417/')
    WHEN regexp_matches(uri, '^urn:epc:id:(sgln|pgln):\d+\.\d*(\.|$)')
    THEN epcis_checked(regexp_replace(uri, '^urn:epc:id:[a-z]+:(\d+)\.(\d*).*$', '\1\2'))
    ELSE uri END;
-- The place within a place: the GLN extension, which is 0 where there is none.
CREATE OR REPLACE TEMP MACRO epcis_extension(uri) AS CASE
    WHEN starts_with(uri, 'urn:epc:id:sgln:') THEN regexp_extract(uri, '^urn:epc:id:sgln:\d+\.\d*\.(.+)$', 1)
    ELSE epcis_link(uri, '/254/') END;
CREATE OR REPLACE TEMP MACRO epcis_said(part) AS CASE WHEN part NOT IN ('', '0') THEN url_decode(part) END;
CREATE OR REPLACE TEMP MACRO epcis_is_lined(transaction) AS
    contains(transaction, '/bt/') AND regexp_matches(transaction, '/bt/[^/]+/[^/]+$');
CREATE OR REPLACE TEMP MACRO epcis_document(transaction) AS CASE
    WHEN epcis_is_lined(transaction) THEN split_part(transaction, '/', -2)
    WHEN starts_with(transaction, 'http') OR starts_with(transaction, 'urn:epcglobal:cbv:bt:')
    THEN regexp_extract(transaction, '([^/:#]*)/?$', 1)
    ELSE transaction END;
CREATE OR REPLACE TEMP MACRO epcis_document_line(transaction) AS
    CASE WHEN epcis_is_lined(transaction) THEN split_part(transaction, '/', -1) END;
-- The party or place of a kind, the least where there are several.
CREATE OR REPLACE TEMP MACRO epcis_source(sources, kind) AS
    list_min(list_transform(list_filter(sources, lambda s: epcis_word(s.type) = kind), lambda s: s.source));
-- The end of a transfer: a location before who holds the goods before who owns them.
CREATE OR REPLACE TEMP MACRO epcis_end(parties) AS list_min(list_transform(parties, lambda p: {
    place: coalesce(list_position(['location', 'possessing_party', 'owning_party'], epcis_word(p.type)), 9),
    uri: p.uri})).uri;
"""
