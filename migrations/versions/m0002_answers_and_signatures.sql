-- Which command answered an invitation, so that a repeated one knows its own answer.
ALTER TABLE diary_shares ADD COLUMN answered_by uuid;

ALTER TABLE diary_entries
    ADD COLUMN content_nonce uuid,
    ADD COLUMN signed_by uuid,
    ADD COLUMN signed_at timestamptz,
    ADD COLUMN chain_position integer,
    ADD COLUMN chain_previous text,
    ADD CONSTRAINT diary_entries_signed_whole CHECK (
        num_nonnulls(content_signature, content_nonce, signed_by, signed_at, chain_position, chain_previous) IN (0, 6)
        AND (content_signature IS NULL OR content_hash IS NOT NULL)
    );
CREATE UNIQUE INDEX diary_entries_chain_idx ON diary_entries (diary_id, chain_position)
    WHERE chain_position IS NOT NULL;

-- What was signed stays as it was signed, whoever asks.
CREATE FUNCTION keep_signed_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.content_signature IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a signed entry cannot be deleted' USING ERRCODE = 'MN001';
    END IF;
    IF (NEW.diary_id, NEW.title, NEW.content, NEW.tags, NEW.entry_type, NEW.content_hash, NEW.content_signature,
        NEW.content_nonce, NEW.signed_by, NEW.signed_at, NEW.chain_position, NEW.chain_previous)
       IS DISTINCT FROM
       (OLD.diary_id, OLD.title, OLD.content, OLD.tags, OLD.entry_type, OLD.content_hash, OLD.content_signature,
        OLD.content_nonce, OLD.signed_by, OLD.signed_at, OLD.chain_position, OLD.chain_previous) THEN
        RAISE EXCEPTION 'a signed entry cannot be changed' USING ERRCODE = 'MN001';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER diary_entries_keep_signed BEFORE UPDATE OR DELETE ON diary_entries
    FOR EACH ROW EXECUTE FUNCTION keep_signed_entry();
