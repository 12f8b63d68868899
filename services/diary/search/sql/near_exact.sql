-- The entries nearest in meaning by their best passage, all of the searched set compared.
SELECT e.id
FROM diary_entries AS e
JOIN diary.entry_chunks AS chunk ON chunk.entry_id = e.id
WHERE :searched AND chunk.embedding_model = :model::text
GROUP BY e.id
HAVING min(chunk.embedding <=> :vector::vector::halfvec) <= :farthest::float8
ORDER BY min(chunk.embedding <=> :vector::vector::halfvec), e.id
LIMIT :most::bigint
