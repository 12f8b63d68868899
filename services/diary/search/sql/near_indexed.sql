-- The entries nearest in meaning by their best passage, from the index. A long entry may take several of its places.
WITH nearest AS MATERIALIZED (
    SELECT e.id, chunk.embedding <=> :vector::vector::halfvec AS distance
    FROM diary.entry_chunks AS chunk
    JOIN diary_entries AS e ON e.id = chunk.entry_id
    WHERE :searched AND chunk.embedding_model = :model::text
    ORDER BY chunk.embedding <=> :vector::vector::halfvec
    LIMIT 2 * :most::bigint
)
SELECT id
FROM nearest
GROUP BY id
HAVING min(distance) <= :farthest::float8
ORDER BY min(distance), id
LIMIT :most::bigint
