-- How many of the searched entries hold each word, and those that hold the weightiest of them.
WITH asked AS MATERIALIZED (
    SELECT word, quote_literal(word)::tsquery AS query FROM unnest(:words::text[]) AS word
),
hits AS MATERIALIZED (
    SELECT e.id, asked.word
    FROM diary_entries AS e
    JOIN diary.entry_words AS held ON held.entry_id = e.id
    JOIN asked ON held.words @@ asked.query
    WHERE :searched AND held.words @@ :any_word::tsquery
),
frequencies AS MATERIALIZED (
    SELECT word, count(*) AS holders FROM hits GROUP BY word
)
SELECT
    ARRAY(SELECT word FROM frequencies ORDER BY word) AS words,
    ARRAY(SELECT holders FROM frequencies ORDER BY word) AS holders,
    ARRAY(
        SELECT id
        FROM hits JOIN frequencies USING (word)
        GROUP BY id
        ORDER BY sum(ln(1 + :size::float8 / holders)) DESC, id
        LIMIT :most::bigint
    ) AS ids
