-- How many of all entries hold each word: of frequent ones as the planner's statistics say, others counted.
SELECT
    asked.word,
    coalesce((common.share * kept.entries)::bigint, (
        SELECT count(*)
        FROM (
            SELECT FROM diary.entry_words AS held
            WHERE held.words @@ quote_literal(asked.word)::tsquery
            LIMIT :most::bigint
        ) AS counted
    )) AS holders,
    kept.entries
FROM unnest(:words::text[]) AS asked (word)
CROSS JOIN (
    SELECT greatest(reltuples, 1)::bigint AS entries FROM pg_class WHERE oid = 'diary.entry_words'::regclass
) AS kept
LEFT JOIN (
    SELECT word, share
    FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS frequent (word, share)
    WHERE schemaname = 'diary' AND tablename = 'entry_words' AND attname = 'words'
) AS common ON common.word = asked.word
