-- Entries and their tokens, newest first.
SELECT e.id, diary.search_tokens(e.title, e.content, e.tags) AS tokens
FROM diary_entries AS e
WHERE :searched
ORDER BY e.created_at DESC, e.id DESC
LIMIT :limit::bigint OFFSET :offset::bigint
