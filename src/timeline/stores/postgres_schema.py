"""Lays down what a log has in PostgreSQL: its tables, and the functions by which it grows."""

from __future__ import annotations

from timeline.canonical import MOST_BYTES

__all__ = [
    "ADOPT",
    "APPEND",
    "FORGET",
    "FORMAT",
    "HEAD",
    "KEEP",
    "OPENING",
    "RECORD",
    "RELATIONS",
    "ROWS",
    "TABLES",
    "UPGRADES",
]

FORMAT = 2
"""The version of tables and functions together; a change to either needs another one."""

HEAD = (
    "SELECT position, recorded, root, erasures, "
    "(SELECT value FROM {schema}.meta WHERE name = 'identity') FROM {schema}.head"
)
ROWS = (
    "SELECT position, recorded, coalesce(id, ''), form, kind, report, body, salt "
    "FROM {schema}.entries"
)
_DRAFTS = "%b, %b, %b, %b, %b, %b, %b, %b, %b"  # the log, then ids, forms, kinds … of rows
APPEND = "SELECT * FROM {schema}.append(" + _DRAFTS + ", %b::bigint)"  # noqa: S608 - all ours
RECORD = "SELECT * FROM {schema}.record(" + _DRAFTS + ", %b, %b, %b::bigint)"  # noqa: S608 - all ours
ADOPT = "SELECT * FROM {schema}.adopt(" + _DRAFTS + ", %b::bigint, %b::bigint[])"  # noqa: S608 - all ours
KEEP = "SELECT * FROM {schema}.keep(%b, %b, %b, %b, %b, %b, %b, %b::bigint)"
FORGET = "SELECT {schema}.forget(%b)"

# Bodies are bytes, so that nothing is decoded on the way; the view is for people with a shell.
#
# SET STATISTICS 0 keeps the server from copying what an entry says into its own statistics, where
# an erasure would not find it.
_STATISTICS = """
ALTER TABLE {schema}.reports ALTER id SET STATISTICS 0, ALTER body SET STATISTICS 0;
ALTER TABLE {schema}.entries ALTER id SET STATISTICS 0, ALTER form SET STATISTICS 0,
    ALTER kind SET STATISTICS 0, ALTER report SET STATISTICS 0, ALTER body SET STATISTICS 0,
    ALTER salt SET STATISTICS 0, ALTER leaf SET STATISTICS 0;
ALTER TABLE {schema}.kept ALTER name SET STATISTICS 0, ALTER note SET STATISTICS 0;
ALTER TABLE {schema}.pieces ALTER name SET STATISTICS 0, ALTER piece SET STATISTICS 0,
    ALTER body SET STATISTICS 0
"""
_TABLES = """
CREATE TABLE {schema}.meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE {schema}.head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL,
    recorded bigint,
    root bytea NOT NULL,
    frontier bytea NOT NULL,
    erasures bigint NOT NULL
) WITH (fillfactor = 10);
CREATE TABLE {schema}.reports (id bytea PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE {schema}.entries (
    position bigint PRIMARY KEY,
    recorded bigint NOT NULL,
    id bytea UNIQUE,
    form text NOT NULL,
    kind text NOT NULL,
    report bytea NOT NULL,
    body bytea NOT NULL,
    salt bytea NOT NULL,
    leaf bytea NOT NULL
);
CREATE TABLE {schema}.kept (
    name text PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL, note bytea NOT NULL
);
CREATE TABLE {schema}.pieces (
    name text NOT NULL REFERENCES {schema}.kept ON DELETE CASCADE,
    piece text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (name, piece)
);
CREATE SEQUENCE {schema}.versions;
{statistics};
CREATE VIEW {schema}.readable AS
    SELECT e.position, to_timestamp(e.recorded / 1e6) AS recorded, e.form, e.kind,
        CASE WHEN e.form <> 'redacted' THEN convert_from(e.body, 'UTF8')::jsonb END AS body,
        convert_from(r.body, 'UTF8')::jsonb AS report
    FROM {schema}.entries e LEFT JOIN {schema}.reports r ON r.id = e.report;
INSERT INTO {schema}.meta VALUES
    ('format', {format}), ('identity', {identity}), ('channel', {channel}), ('seal', {seal});
INSERT INTO {schema}.head (position, root, frontier, erasures) VALUES (0, sha256(''), '', 0)
"""

# What appenders and keepers are granted runs with the rights of the log's owner: a role that may
# execute it, and only read the tables, can append and can't change or take away what is there. So
# none may look a name up in a path that its caller has set, nor read a text by its caller's rules.
# All other functions run with the rights of whoever calls them, which only the owner's suffice for.
_SAFE = "SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on"
_RIGHTS = f"SECURITY DEFINER {_SAFE}"

# Goes on with a Merkle tree (RFC 6962, 2.1) by some leaves: ``path`` holds the roots of the whole
# subtrees of the ``size`` leaves before them, the largest first, which are what has to be kept.
# Level by level, what waits there is joined with what is new, in pairs; one that is left over
# waits in its turn.
_GROWN = """
CREATE FUNCTION {schema}.grown(path bytea, size bigint, leaves bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE {safe} AS $$
DECLARE
    nodes bytea := leaves;
    many bigint;
    tail bytea := '';
BEGIN
    WHILE length(nodes) > 0 LOOP
        IF size & 1 = 1 THEN
            nodes := substr(path, length(path) - 31) || nodes;
            path := substr(path, 1, length(path) - 32);
        END IF;
        many := length(nodes) / 32;
        IF many & 1 = 1 THEN
            tail := substr(nodes, length(nodes) - 31) || tail;
        END IF;
        IF many > 1 THEN
            SELECT string_agg(sha256('\\x01'::bytea || substr(nodes, 64 * i + 1, 64)), ''::bytea
                    ORDER BY i) INTO nodes
            FROM generate_series(0, (many / 2 - 1)::int) AS i;
        ELSE
            nodes := '';
        END IF;
        size := size >> 1;
    END LOOP;
    RETURN path || tail;
END $$
"""
_ROOT = """
CREATE FUNCTION {schema}.root(path bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE {safe} AS $$
DECLARE
    node bytea := substr(path, length(path) - 31);
BEGIN
    FOR start IN REVERSE length(path) - 63 .. 1 BY 32 LOOP
        node := sha256('\\x01'::bytea || substr(path, start, 32) || node);
    END LOOP;
    RETURN node;
END $$
"""

# What binds a row to its content, as in ``base``: worked out here, so that no caller can lie.
_COMMITMENT = """
CREATE FUNCTION {schema}.commitment(
    id bytea, form text, kind text, report bytea, body bytea, salt bytea
) RETURNS bytea
LANGUAGE sql IMMUTABLE {safe} AS $$
    SELECT CASE WHEN form = 'redacted' THEN body ELSE sha256(
        salt || int4send(length(id)) || int4send(length(convert_to(form, 'UTF8')))
        || int4send(length(convert_to(kind, 'UTF8'))) || int4send(length(report))
        || int4send(length(body))
        || id || convert_to(form, 'UTF8') || convert_to(kind, 'UTF8') || report || body
    ) END
$$
"""

# The one way in, which the three functions after it lead to. The lock on the head's row is a
# statement of its own: the statements after it see all that was committed before it was given,
# which one that locks and reads at once does not. It is let go of by the commit, so that positions
# are in the order of commits. The log's identity is asked for under the lock: whoever opened
# another log of that name writes nothing into this one.
#
# Drafts come as columns. ``own`` are the times of another log's rows; without it all have one.
# The first row that it gives has number 0 and tells what was done, beside the head as it was; then
# come the drafts that were there already.
#
# The tables grow without the server's statistics keeping up: hence no plan that reads them whole.
_PUT = """
CREATE FUNCTION {schema}.put(
    log text, ids bytea[], forms text[], kinds text[], cited bytea[], bodies bytea[],
    salts bytea[], given bytea[], texts bytea[], moment bigint, explicit boolean,
    expected bigint, own bigint[]
) RETURNS TABLE (
    number bigint, place bigint, recorded bigint, id bytea, form text, kind text, report bytea,
    body bytea, salt bytea
)
LANGUAGE plpgsql {safe} SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    h record;
    known bigint[];
    fresh bigint;
    held bigint;
    stray record;
    leaves bytea;
    path bytea;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a log is appended to in READ COMMITTED';
    END IF;
    SELECT * INTO STRICT h FROM {schema}.head FOR NO KEY UPDATE;
    IF log IS DISTINCT FROM (SELECT value FROM {schema}.meta WHERE name = 'identity') THEN
        RETURN QUERY SELECT 0::bigint, h.position, h.recorded, ''::bytea, 'another', '',
            ''::bytea, ''::bytea, ''::bytea;
        RETURN;
    END IF;

    SELECT coalesce(array_agg(d.n), '{{}}') INTO known
    FROM unnest(ids) WITH ORDINALITY AS d(id, n)
    WHERE EXISTS (SELECT FROM {schema}.entries e WHERE e.id = d.id);
    SELECT e.position, e.id INTO stray
    FROM unnest(ids, forms, kinds, cited, bodies) AS d(id, form, kind, report, body)
    JOIN {schema}.entries e ON e.id = d.id
    WHERE (e.form, e.kind, e.report, e.body) IS DISTINCT FROM (d.form, d.kind, d.report, d.body)
    ORDER BY e.position LIMIT 1;
    IF FOUND THEN
        RETURN QUERY SELECT 0::bigint, stray.position, h.recorded, stray.id, 'damaged', '',
            ''::bytea, ''::bytea, ''::bytea;
        RETURN;
    END IF;
    fresh := cardinality(ids) - cardinality(known);
    held := greatest(moment, h.recorded);

    IF fresh > 0 THEN
        IF expected <> h.position OR own IS NOT NULL AND known <> '{{}}' THEN
            RETURN QUERY SELECT 0::bigint, h.position, h.recorded, ''::bytea, 'conflict', '',
                ''::bytea, ''::bytea, ''::bytea;
            RETURN;
        END IF;
        IF explicit AND moment < h.recorded THEN
            RETURN QUERY SELECT 0::bigint, h.position, h.recorded, ''::bytea, 'early', '',
                ''::bytea, ''::bytea, ''::bytea;
            RETURN;
        END IF;
        SELECT d.id, d.report INTO stray
        FROM unnest(ids, cited) WITH ORDINALITY AS d(id, report, n)
        WHERE d.report <> ''
            AND NOT EXISTS (SELECT FROM unnest(given) AS g(id) WHERE g.id = d.report)
            AND NOT EXISTS (SELECT FROM unnest(known) AS k(n) WHERE k.n = d.n)
            AND NOT EXISTS (SELECT FROM {schema}.reports r WHERE r.id = d.report)
        ORDER BY d.n LIMIT 1;
        IF FOUND THEN
            RETURN QUERY SELECT 0::bigint, h.position, h.recorded, stray.id, 'stray', '',
                stray.report, ''::bytea, ''::bytea;
            RETURN;
        END IF;

        INSERT INTO {schema}.reports (id, body)
        SELECT g.id, g.body FROM unnest(given, texts) AS g(id, body)
        WHERE EXISTS (
            SELECT FROM unnest(cited) WITH ORDINALITY AS d(report, n)
            WHERE d.report = g.id
                AND NOT EXISTS (SELECT FROM unnest(known) AS k(n) WHERE k.n = d.n)
        )
        ON CONFLICT DO NOTHING;

        WITH new AS (
            SELECT d.*, h.position + row_number() OVER (ORDER BY d.n) AS place
            FROM unnest(ids, forms, kinds, cited, bodies, salts, own)
                WITH ORDINALITY AS d(id, form, kind, report, body, salt, own_time, n)
            WHERE NOT EXISTS (SELECT FROM unnest(known) AS k(n) WHERE k.n = d.n)
        ), kept AS (
            INSERT INTO {schema}.entries
                (position, recorded, id, form, kind, report, body, salt, leaf)
            SELECT new.place, coalesce(new.own_time, held), nullif(new.id, ''), new.form, new.kind,
                new.report, new.body, new.salt,
                sha256({opening}::bytea || int8send(new.place)
                    || int8send(coalesce(new.own_time, held)) || {schema}.commitment(
                        new.id, new.form, new.kind, new.report, new.body, new.salt))
            FROM new ORDER BY new.place
            RETURNING position, leaf
        )
        SELECT string_agg(kept.leaf, ''::bytea ORDER BY kept.position) INTO leaves FROM kept;

        path := {schema}.grown(h.frontier, h.position, leaves);
        UPDATE {schema}.head SET
            position = h.position + fresh,
            recorded = coalesce(own[cardinality(own)], held),
            frontier = path,
            root = {schema}.root(path);
        PERFORM pg_notify({channel}, (h.position + fresh)::text);
    END IF;

    RETURN QUERY SELECT 0::bigint, h.position, held, ''::bytea, 'done', '', h.root, ''::bytea,
        ''::bytea;
    IF known <> '{{}}' THEN
        RETURN QUERY
        SELECT d.n, e.position, e.recorded, e.id, e.form, e.kind, e.report, e.body, e.salt
        FROM unnest(ids) WITH ORDINALITY AS d(id, n)
        JOIN {schema}.entries e ON e.id = d.id;
    END IF;
END $$
"""

# Whether JSON is nested deeper than anybody reads. Its texts are left out, and brackets that have
# nothing between them are taken off, layer by layer: what is left then lies deeper.
_DEEP = """
CREATE FUNCTION {schema}.deep(told text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE {safe} AS $$
DECLARE
    brackets text;
BEGIN
    IF length(told) - length(translate(told, '[{{', '')) <= {layers} THEN
        RETURN false;
    END IF;
    brackets := regexp_replace(told, '"(?:[^"\\\\]|\\\\.)*"', '', 'g');
    brackets := regexp_replace(brackets, '[^][{{}}]+', '', 'g');
    FOR layer IN 1 .. {layers} LOOP
        EXIT WHEN brackets = '';
        brackets := replace(replace(brackets, '[]', ''), '{{}}', '');
    END LOOP;
    RETURN brackets <> '';
END $$
"""

# What appenders are granted: time and position are the server's, and everything is whole. An id is
# a hash of what it names (see ``canonical.id_of``), so that nobody takes an id that another entry
# will have; what is JSON has the keys without which nothing can be read.
_APPEND = """
CREATE FUNCTION {schema}.append(
    log text, ids bytea[], forms text[], kinds text[], cited bytea[], bodies bytea[],
    salts bytea[], given bytea[], texts bytea[], expected bigint
) RETURNS TABLE (
    number bigint, place bigint, recorded bigint, id bytea, form text, kind text, report bytea,
    body bytea, salt bytea
)
LANGUAGE plpgsql {rights} AS $$
DECLARE
    many integer := cardinality(ids);
    said record;
    told json;
BEGIN
    IF many IS NULL OR NOT (
        many = cardinality(forms) AND many = cardinality(kinds) AND many = cardinality(cited)
        AND many = cardinality(bodies) AND many = cardinality(salts)
        AND cardinality(given) = cardinality(texts)
    ) THEN
        RAISE EXCEPTION 'the columns of what is appended are of several lengths';
    END IF;
    FOR said IN
        SELECT * FROM unnest(ids, forms, kinds, cited, bodies, salts)
            AS d(id, form, kind, report, body, salt)
    LOOP
        IF said.id IS NULL OR said.form IS NULL OR said.kind IS NULL OR said.report IS NULL
            OR said.body IS NULL OR said.salt IS NULL
            OR length(said.id) <> 32 OR length(said.report) <> 32 OR length(said.salt) <> 16
            OR length(said.body) > {most}
            OR said.form NOT IN ('claim', 'link', 'retraction', 'void')
            OR said.id <> substr(said.report, 1, 8) || substr(sha256(
                convert_to(said.form, 'UTF8') || '\\x00'::bytea || said.body), 1, 24)
        THEN
            RAISE EXCEPTION 'an entry''s id, salt, form or length isn''t that of an entry';
        END IF;
        IF {schema}.deep(convert_from(said.body, 'UTF8')) THEN
            RAISE EXCEPTION 'an entry''s body is nested too deep to be read';
        END IF;
        told := convert_from(said.body, 'UTF8')::json;
        IF json_typeof(told) <> 'object'
            OR told->>'report' IS DISTINCT FROM encode(said.report, 'hex')
            OR said.kind <> coalesce(told->>'kind', '')
            OR coalesce(json_typeof(told->'quote'), 'string') <> 'string'
            OR NOT coalesce(CASE said.form
                WHEN 'claim' THEN said.kind <> '' AND json_typeof(told->'event') = 'object'
                    AND json_typeof(told->'event'->'when') = 'object'
                    AND coalesce(json_typeof(told->'event'->'id'), 'string') = 'string'
                WHEN 'link' THEN json_typeof(told->'link') = 'object'
                WHEN 'retraction' THEN json_typeof(told->'event_id') = 'string'
                    AND told->>'event_id' <> '' AND json_typeof(told->'because') = 'string'
                    AND told->>'because' <> ''
                ELSE told->>'target' ~ '^[0-9a-f]{{64}}$'
                    AND json_typeof(told->'because') = 'string' AND told->>'because' <> ''
            END, false)
        THEN
            RAISE EXCEPTION 'an entry''s body isn''t what its row says';
        END IF;
    END LOOP;
    FOR said IN SELECT * FROM unnest(given, texts) AS d(id, body) LOOP
        IF said.id IS NULL OR said.body IS NULL OR length(said.id) <> 32
            OR length(said.body) > {most}
            OR substr(said.id, 9) <> substr(sha256(
                convert_to('report', 'UTF8') || '\\x00'::bytea || said.body), 1, 24)
            OR {schema}.deep(convert_from(said.body, 'UTF8'))
        THEN
            RAISE EXCEPTION 'a report isn''t what its id was made of';
        END IF;
        -- An id begins with the moment of publication, moved into the unsigned range.
        told := convert_from(said.body, 'UTF8')::json;
        IF json_typeof(told) <> 'object'
            OR coalesce(json_typeof(told->'published'), '') <> 'object'
            OR substr(said.id, 1, 8) <> coalesce(
                int8send((told->'published'->>'lo')::bigint # '-9223372036854775808'::bigint),
                '\\x0000000000000000'::bytea)
        THEN
            RAISE EXCEPTION 'a report''s id isn''t that of when it was published';
        END IF;
    END LOOP;
    RETURN QUERY SELECT * FROM {schema}.put(
        log, ids, forms, kinds, cited, bodies, salts, given, texts,
        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, false, expected, NULL);
END $$
"""
_RECORD = """
CREATE FUNCTION {schema}.record(
    log text, ids bytea[], forms text[], kinds text[], cited bytea[], bodies bytea[],
    salts bytea[], given bytea[], texts bytea[], moment bigint, explicit boolean, expected bigint
) RETURNS TABLE (
    number bigint, place bigint, recorded bigint, id bytea, form text, kind text, report bytea,
    body bytea, salt bytea
)
LANGUAGE sql {safe} AS $$
    SELECT * FROM {schema}.put(log, ids, forms, kinds, cited, bodies, salts, given, texts,
        moment, explicit, expected, NULL)
$$
"""
_ADOPT = """
CREATE FUNCTION {schema}.adopt(
    log text, ids bytea[], forms text[], kinds text[], cited bytea[], bodies bytea[],
    salts bytea[], given bytea[], texts bytea[], expected bigint, own bigint[]
) RETURNS TABLE (
    number bigint, place bigint, recorded bigint, id bytea, form text, kind text, report bytea,
    body bytea, salt bytea
)
LANGUAGE sql {safe} AS $$
    SELECT * FROM {schema}.put(log, ids, forms, kinds, cited, bodies, salts, given, texts,
        coalesce(own[cardinality(own)], 0), false, expected, own)
$$
"""

# The lock holds off an erasure, which locks the row FOR UPDATE, and no append.
_KEEP = """
CREATE FUNCTION {schema}.keep(
    called text, expected bigint, upto bigint, told bytea, names text[], bodies bytea[],
    gone text[], counted bigint
) RETURNS TABLE (done boolean, version bigint, erasures bigint)
LANGUAGE plpgsql {rights} AS $$
#variable_conflict use_column
DECLARE
    now_at bigint;
    erased bigint;
    new_version bigint := nextval({versions});
BEGIN
    SELECT h.erasures INTO STRICT erased FROM {schema}.head h FOR KEY SHARE;
    SELECT k.version INTO now_at FROM {schema}.kept k WHERE k.name = called FOR UPDATE;
    now_at := coalesce(now_at, 0);
    IF now_at <> expected OR counted <> erased THEN
        RETURN QUERY SELECT false, now_at, erased;
        RETURN;
    END IF;
    IF expected = 0 THEN
        INSERT INTO {schema}.kept VALUES (called, new_version, upto, told) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN QUERY SELECT false, k.version, erased FROM {schema}.kept k WHERE k.name = called;
            RETURN;
        END IF;
    ELSE
        UPDATE {schema}.kept k SET version = new_version, position = upto, note = told
        WHERE k.name = called;
    END IF;
    DELETE FROM {schema}.pieces p WHERE p.name = called AND p.piece = ANY (gone);
    INSERT INTO {schema}.pieces SELECT called, d.piece, d.body FROM unnest(names, bodies)
        AS d(piece, body)
    ON CONFLICT (name, piece) DO UPDATE SET body = excluded.body;
    RETURN QUERY SELECT true, new_version, erased;
END $$
"""
_FORGET = """
CREATE FUNCTION {schema}.forget(called text) RETURNS void
LANGUAGE sql {rights} AS $$ DELETE FROM {schema}.kept WHERE name = called $$
"""

OPENING = b"\0timeline entry/1\n\0"
"""What is hashed into a leaf first, as in ``base``; behind it stand position, time, commitment."""

_DEEPEST = 100  # layers of JSON; the reader's limit lies at several hundred
_FUNCTIONS = tuple(
    made.replace("{rights}", _RIGHTS)
    .replace("{safe}", _SAFE)
    .replace("{most}", str(MOST_BYTES))
    .replace("{layers}", str(_DEEPEST))
    for made in (_GROWN, _ROOT, _COMMITMENT, _PUT, _DEEP, _APPEND, _RECORD, _ADOPT, _KEEP, _FORGET)
)
_PUBLIC = "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC"
_ARRAYS = "bytea[], text[], text[], bytea[], bytea[], bytea[], bytea[], bytea[], bytea[]"

UPGRADES: dict[int, tuple[str, ...]] = {
    1: (
        f"DROP FUNCTION {{schema}}.append({_ARRAYS}, bigint, boolean, bigint, bigint[])",
        "DROP FUNCTION {schema}.keep(text, bigint, bigint, bytea, text[], bytea[], text[], bigint)",
        "DROP FUNCTION {schema}.forget(text)",
        "DROP FUNCTION {schema}.grown(bytea, bigint, bytea)",
        "DROP FUNCTION {schema}.root(bytea)",
        *_STATISTICS.split(";\n"),
        *_FUNCTIONS,
        _PUBLIC,
    )
}
"""The statements that make a log of some format one of the next. Grants are made anew after it."""

TABLES = (
    *_TABLES.replace("{statistics}", _STATISTICS.strip()).split(";\n"),
    *_FUNCTIONS,
    _PUBLIC,
)
"""The statements that make a log in an empty schema, to be filled in."""

RELATIONS = frozenset(
    {"meta", "head", "reports", "entries", "kept", "pieces", "versions", "readable"}
)
"""The tables, the sequence and the view that a log has."""
