CREATE FUNCTION keep_signed_reflection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a signed reflection keeps its importance' USING ERRCODE = 'MN001';
END;
$$;
CREATE TRIGGER diary_entries_keep_signed_reflection BEFORE UPDATE OF importance ON diary_entries
    FOR EACH ROW WHEN (
        OLD.content_signature IS NOT NULL
        AND OLD.entry_type = 'reflection'
        AND NEW.importance IS DISTINCT FROM OLD.importance
    )
    EXECUTE FUNCTION keep_signed_reflection();
