-- What is known of the candidates.
SELECT
    e.id,
    e.importance,
    e.created_at,
    extract(epoch FROM now() - coalesce(e.last_accessed_at, e.created_at))::float8 / 3600 AS hours,
    diary.search_tokens(e.title, e.content, e.tags) AS tokens,
    held.length,
    its.words,
    its.places,
    (
        SELECT 1 - min(chunk.embedding <=> :vector::vector::halfvec)
        FROM diary.entry_chunks AS chunk
        WHERE chunk.entry_id = e.id AND chunk.embedding_model = :model::text
    ) AS similarity,
    EXISTS (
        SELECT FROM unnest(:phrases::text[]) AS phrase
        WHERE strpos(lower(concat_ws(' ', e.title, e.content)), lower(phrase)) > 0
    ) AS literal
FROM diary_entries AS e
JOIN diary.entry_words AS held ON held.entry_id = e.id
CROSS JOIN LATERAL (
    SELECT array_agg(lexeme) AS words, array_agg(coalesce(array_to_string(weights, ''), 'D')) AS places
    FROM unnest(held.words)
    WHERE lexeme = ANY (:words::text[])
) AS its
WHERE e.id = ANY (:ids::uuid[])
