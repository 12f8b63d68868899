SELECT count(*) FROM (SELECT FROM diary_entries AS e WHERE :searched LIMIT :most::bigint) AS counted
