-- $1 diaries  $2 tags  $3 types  $4 exclude superseded  $5 query vector  $6 its model  $7 greatest distance
-- $8 wanted text  $9 excluded text  $10 relevance  $11 recency  $12 importance  $13 limit  $14 offset
WITH searched AS NOT MATERIALIZED (
    SELECT *
    FROM diary_entries
    WHERE diary_id = ANY ($1::uuid[])
      AND ($2::text[] IS NULL OR tags @> $2)
      AND ($3::text[] IS NULL OR entry_type::text = ANY ($3))
      AND NOT ($4::boolean AND superseded_by IS NOT NULL)
),
lexemes AS (
    SELECT tsvector_to_array(to_tsvector('english', replace($8::text, '"', ' '))) AS list
),
vector_hits AS (
    SELECT id, row_number() OVER (ORDER BY distance, id) AS rank
    FROM (
        SELECT id, embedding <=> $5::vector AS distance
        FROM searched
        WHERE embedding IS NOT NULL AND embedding_model = $6::text AND $5::vector IS NOT NULL
        ORDER BY embedding <=> $5::vector
        LIMIT least(2 * ($13::bigint + $14::bigint), 10000)
    ) AS nearest
    WHERE distance <= $7::float8
),
any_word AS (
    SELECT id, diary_entry_tsv(title, content, tags) AS tsv, (
        SELECT count(*)
        FROM unnest(lexemes.list) AS one(lexeme)
        WHERE diary_entry_tsv(title, content, tags) @@ quote_literal(one.lexeme)::tsquery
    ) AS matched, cardinality(lexemes.list) AS wanted
    FROM searched, lexemes
    WHERE cardinality(lexemes.list) > 0
      AND diary_entry_tsv(title, content, tags) @@ (
          SELECT string_agg(quote_literal(one.lexeme), ' | ')::tsquery FROM unnest(lexemes.list) AS one(lexeme)
      )
),
text_hits AS (
    SELECT id, row_number() OVER (ORDER BY exact DESC, matched DESC, score DESC, id) AS rank
    FROM (
        SELECT
            id,
            matched,
            tsv @@ websearch_to_tsquery('english', $8::text) AS exact,
            ts_rank_cd(tsv, plainto_tsquery('english', replace($8::text, '"', ' ')), 32) AS score
        FROM any_word
        WHERE matched * 3 >= wanted * 2 OR tsv @@ websearch_to_tsquery('english', $8::text)
    ) AS scored
    ORDER BY rank
    LIMIT least(2 * ($13::bigint + $14::bigint), 10000)
),
fused AS (
    SELECT
        coalesce(vector_hits.id, text_hits.id) AS id,
        (coalesce(1.0 / (60 + vector_hits.rank), 0) + coalesce(1.0 / (60 + text_hits.rank), 0)) / (2.0 / 61) AS relevance
    FROM vector_hits
    FULL OUTER JOIN text_hits ON text_hits.id = vector_hits.id
)
SELECT diary_entries.*
FROM fused
JOIN diary_entries USING (id)
WHERE $9::text = '' OR NOT diary_entry_tsv(title, content, tags) @@ websearch_to_tsquery('english', $9::text)
ORDER BY
    $10::float8 * relevance
    + $11::float8 * 0.99 ^ (extract(epoch FROM now() - coalesce(last_accessed_at, created_at)) / 3600)
    + $12::float8 * importance / 10.0 DESC,
    created_at DESC,
    id
LIMIT $13::bigint OFFSET $14::bigint
