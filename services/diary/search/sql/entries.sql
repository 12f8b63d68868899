SELECT :columns FROM diary_entries WHERE id = ANY (:ids::uuid[])
