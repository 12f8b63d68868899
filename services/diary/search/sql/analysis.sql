-- What a query asks for, in the words that entries are kept by.
SELECT
    asked.words,
    ARRAY(
        SELECT array_to_string(tsvector_to_array(diary.search_words(part)), ' ')
        FROM unnest(:alternatives::text[]) AS part
    ) AS alternatives,
    (SELECT string_agg(quote_literal(word), ' | ') FROM unnest(asked.words) AS word) AS any_word,
    (SELECT string_agg(quote_literal(word), ' & ') FROM unnest(asked.words) AS word) AS every_word,
    (
        SELECT string_agg('(' || diary.search_phrase(phrase)::text || ')', :between::text)
        FROM unnest(:phrases::text[]) AS phrase
    ) AS required,
    (
        SELECT string_agg('(' || diary.search_phrase(phrase)::text || ')', ' | ')
        FROM unnest(:exclusions::text[]) AS phrase
    ) AS excluded
FROM (SELECT tsvector_to_array(diary.search_words(:wanted::text)) AS words) AS asked
