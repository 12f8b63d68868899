-- Of words that few entries hold: how many of the searched entries hold each.
SELECT asked.word, (
    SELECT count(*)
    FROM (
        SELECT held.entry_id FROM diary.entry_words AS held
        WHERE held.words @@ quote_literal(asked.word)::tsquery
        LIMIT :most::bigint
    ) AS few
    JOIN diary_entries AS e ON e.id = few.entry_id
    WHERE :searched
) AS holders
FROM unnest(:words::text[]) AS asked (word)
