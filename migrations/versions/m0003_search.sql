-- What search reads, kept beside the entries by triggers: counting an access touches none of it.

-- Punctuation and symbols, of any script, are no part of words; neither is writing without spaces, which is
-- cut into pairs below. The ranges are spelt out so that the database's locale has no say in them.
CREATE FUNCTION diary.search_plain(text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        text,
        '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u2000-\u2BFF\u3000-\u30FF\u3400-\u9FFF\uFE00-\uFE6F\uFF00-\uFFEF]+',
        ' ',
        'g'
    )
$$;

-- Names that punctuation holds together, whole: ops-4711, user_id, 3.2.1, etc/nginx/site.conf.
CREATE FUNCTION diary.search_names(text text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT DISTINCT left(found[1], 200)
        FROM regexp_matches(lower(text), '[a-z0-9]+(?:[-_./:#@]+[a-z0-9]+)+', 'g') AS found
    )
$$;

-- Pairs of neighbouring characters where a script puts no spaces between words.
CREATE FUNCTION diary.search_pairs(text text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT DISTINCT substr(run[1], start, 2)
        FROM regexp_matches(text, '[\u3041-\u30FF\u3400-\u9FFF]{2,}', 'g') AS run,
             generate_series(1, length(run[1]) - 1) AS start
    )
$$;

-- The configuration 'russian' stems Latin words as 'english' does, and Cyrillic ones as well.
CREATE FUNCTION diary.search_words(text text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.russian', diary.search_plain(text))
        || array_to_tsvector(diary.search_names(text) || diary.search_pairs(text))
$$;

-- Its words next to each other and in this order. Null when there is nothing in it to look for.
CREATE FUNCTION diary.search_phrase(text text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN numnode(asked) > 0 THEN asked END
    FROM (
        SELECT phraseto_tsquery('pg_catalog.russian', diary.search_plain(text)) && coalesce((
            SELECT string_agg(quote_literal(whole), ' & ')::tsquery
            FROM unnest(diary.search_names(text) || diary.search_pairs(text)) AS whole
        ), '') AS asked
    ) AS phrase
$$;

CREATE TABLE diary.entry_words (
    entry_id uuid PRIMARY KEY REFERENCES diary_entries (id) ON DELETE CASCADE,
    words tsvector NOT NULL,
    length integer NOT NULL
);
CREATE INDEX entry_words_idx ON diary.entry_words USING gin (words);

-- Position 0 is the entry as a whole; the passages of a long one follow. Half precision: a vector, its row and
-- its place in the index take half the room, and no order changes that a reader would notice.
CREATE TABLE diary.entry_chunks (
    entry_id uuid NOT NULL REFERENCES diary_entries (id) ON DELETE CASCADE,
    position smallint NOT NULL,
    embedding halfvec(384) NOT NULL,
    embedding_model text NOT NULL,
    PRIMARY KEY (entry_id, position)
);
CREATE INDEX entry_chunks_embedding_idx ON diary.entry_chunks
    USING hnsw (embedding halfvec_cosine_ops) WITH (m = 16, ef_construction = 64);

-- A word of the title is marked A, of a tag B.
CREATE FUNCTION diary.entry_words_of(title text, content text, tags text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(diary.search_words(coalesce(title, '')), 'A')
        || diary.search_words(content)
        || setweight(diary.search_words(coalesce(array_to_string(tags, ' '), '')), 'B')
$$;

CREATE FUNCTION diary.count_words(words tsvector) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(coalesce(cardinality(positions), 1)), 0)::integer FROM unnest(words)
$$;

-- About how many tokens a reader's model makes of an entry: one for every four bytes.
CREATE FUNCTION diary.search_tokens(title text, content text, tags text[]) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (octet_length(coalesce(title, '')) + octet_length(content)
        + octet_length(coalesce(array_to_string(tags, ' '), '')) + 3) / 4
$$;

CREATE FUNCTION diary.keep_entry_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found CONSTANT tsvector := diary.entry_words_of(NEW.title, NEW.content, NEW.tags);
BEGIN
    INSERT INTO diary.entry_words (entry_id, words, length)
    VALUES (NEW.id, found, diary.count_words(found))
    ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words, length = excluded.length;
    RETURN NULL;
END;
$$;
CREATE TRIGGER diary_entries_keep_words AFTER INSERT OR UPDATE OF title, content, tags ON diary_entries
    FOR EACH ROW EXECUTE FUNCTION diary.keep_entry_words();

-- A new vector of the whole entry replaces those of its passages, which whoever wrote it puts in anew.
CREATE FUNCTION diary.keep_entry_vector() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM diary.entry_chunks WHERE entry_id = NEW.id;
    END IF;
    IF NEW.embedding IS NOT NULL AND NEW.embedding_model IS NOT NULL THEN
        INSERT INTO diary.entry_chunks (entry_id, position, embedding, embedding_model)
        VALUES (NEW.id, 0, NEW.embedding::halfvec, NEW.embedding_model);
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER diary_entries_keep_vector AFTER INSERT OR UPDATE OF embedding, embedding_model ON diary_entries
    FOR EACH ROW EXECUTE FUNCTION diary.keep_entry_vector();

GRANT SELECT, INSERT, UPDATE, DELETE ON diary.entry_words, diary.entry_chunks TO moltnet_diary;

-- What is there already.
INSERT INTO diary.entry_words (entry_id, words, length)
SELECT id, words, diary.count_words(words)
FROM (SELECT id, diary.entry_words_of(title, content, tags) AS words FROM diary_entries) AS entry;
INSERT INTO diary.entry_chunks (entry_id, position, embedding, embedding_model)
SELECT id, 0, embedding::halfvec, embedding_model
FROM diary_entries WHERE embedding IS NOT NULL AND embedding_model IS NOT NULL;

-- Nothing reads these any more, and every new entry would have to be put into them.
DROP INDEX diary_entries_fts_idx;
DROP INDEX diary_entries_embedding_idx;

-- A search takes milliseconds: compiling its plan first would be most of it.
ALTER ROLE moltnet_diary SET jit = off;
-- What is searched is in memory or on a disk without heads: reading one diary's rows beats reading everyone's.
ALTER ROLE moltnet_diary SET random_page_cost = 1.1;
