-- Entries that hold a telling word, or all words; of so many at most those that hold the weightiest.
WITH asked AS MATERIALIZED (
    SELECT quote_literal(word)::tsquery AS query, weight
    FROM unnest(:words::text[], :weights::float8[]) AS asked (word, weight)
),
matching AS MATERIALIZED (
    SELECT e.id, held.words
    FROM diary.entry_words AS held
    JOIN diary_entries AS e ON e.id = held.entry_id
    WHERE held.words @@ :telling::tsquery AND :searched
    LIMIT :matching::bigint
)
SELECT matching.id
FROM matching JOIN asked ON matching.words @@ asked.query
GROUP BY matching.id
ORDER BY sum(weight) DESC, matching.id
LIMIT :most::bigint
