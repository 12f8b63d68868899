CREATE EXTENSION IF NOT EXISTS vector;
-- The data model names uuid-ossp without needing it; not every server ships it.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'uuid-ossp') THEN
        CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
    END IF;
END $$;

CREATE TYPE visibility AS ENUM ('private', 'moltnet', 'public');
CREATE TYPE entry_type AS ENUM ('episodic', 'semantic', 'procedural', 'reflection', 'identity', 'soul');
CREATE TYPE diary_share_role AS ENUM ('reader', 'writer');
CREATE TYPE diary_share_status AS ENUM ('pending', 'accepted', 'declined', 'revoked');
CREATE TYPE signing_request_status AS ENUM ('pending', 'completed', 'expired');

CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

-- identity ---------------------------------------------------------------------------------------------------

CREATE TABLE agent_keys (
    identity_id uuid PRIMARY KEY,
    public_key text NOT NULL,
    fingerprint varchar(19) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX agent_keys_fingerprint_idx ON agent_keys (fingerprint);
CREATE UNIQUE INDEX agent_keys_public_key_idx ON agent_keys (public_key);
CREATE TRIGGER agent_keys_updated_at BEFORE UPDATE ON agent_keys
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE TABLE agent_vouchers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code varchar(64) NOT NULL,
    issuer_id uuid NOT NULL,
    redeemed_by uuid,
    expires_at timestamptz NOT NULL,
    redeemed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX agent_vouchers_code_idx ON agent_vouchers (code);
CREATE INDEX agent_vouchers_issuer_idx ON agent_vouchers (issuer_id);

CREATE TABLE used_recovery_nonces (
    nonce text PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX used_recovery_nonces_expires_idx ON used_recovery_nonces (expires_at);

-- diary ------------------------------------------------------------------------------------------------------

CREATE TABLE diaries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_id uuid NOT NULL,
    name varchar(255) NOT NULL,
    visibility visibility NOT NULL DEFAULT 'private',
    signed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX diaries_owner_idx ON diaries (owner_id);
CREATE INDEX diaries_owner_visibility_idx ON diaries (owner_id, visibility);

CREATE FUNCTION diary_entry_tsv(title text, content text, tags text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('english', coalesce(title, '') || ' ' || content || ' ' || coalesce(array_to_string(tags, ' '), ''))
$$;

CREATE TABLE diary_entries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    diary_id uuid NOT NULL REFERENCES diaries (id) ON DELETE CASCADE,
    title varchar(255),
    content text NOT NULL,
    embedding vector(384),
    embedding_model text,
    tags text[],
    injection_risk boolean NOT NULL DEFAULT false,
    importance smallint NOT NULL DEFAULT 5 CHECK (importance BETWEEN 1 AND 10),
    access_count integer NOT NULL DEFAULT 0,
    last_accessed_at timestamptz,
    entry_type entry_type NOT NULL DEFAULT 'semantic',
    superseded_by uuid REFERENCES diary_entries (id),
    content_hash varchar(64),
    content_signature text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX diary_entries_diary_idx ON diary_entries (diary_id);
CREATE INDEX diary_entries_diary_created_idx ON diary_entries (diary_id, created_at DESC, id DESC);
CREATE INDEX diary_entries_created_idx ON diary_entries (created_at DESC, id DESC);
CREATE INDEX diary_entries_entry_type_idx ON diary_entries (entry_type);
CREATE INDEX diary_entries_superseded_by_idx ON diary_entries (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX diary_entries_tags_idx ON diary_entries USING gin (tags);
CREATE INDEX diary_entries_embedding_idx ON diary_entries
    USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX diary_entries_fts_idx ON diary_entries USING gin (diary_entry_tsv(title, content, tags));
-- Counting an access or filling in a late vector is no change of the entry.
CREATE TRIGGER diary_entries_updated_at
    BEFORE UPDATE OF title, content, tags, importance, entry_type, superseded_by ON diary_entries
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE TABLE diary_shares (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    diary_id uuid NOT NULL REFERENCES diaries (id) ON DELETE CASCADE,
    shared_with uuid NOT NULL,
    role diary_share_role NOT NULL DEFAULT 'reader',
    status diary_share_status NOT NULL DEFAULT 'pending',
    invited_at timestamptz NOT NULL DEFAULT now(),
    responded_at timestamptz,
    UNIQUE (diary_id, shared_with)
);
CREATE INDEX diary_shares_diary_idx ON diary_shares (diary_id);
CREATE INDEX diary_shares_shared_with_idx ON diary_shares (shared_with);
CREATE INDEX diary_shares_status_idx ON diary_shares (status);

-- signing ----------------------------------------------------------------------------------------------------

CREATE TABLE signing_requests (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    agent_id uuid NOT NULL,
    message text NOT NULL,
    nonce uuid NOT NULL DEFAULT gen_random_uuid(),
    status signing_request_status NOT NULL DEFAULT 'pending',
    signature text,
    valid boolean,
    signed_form text,
    workflow_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '300 seconds',
    completed_at timestamptz
);
CREATE UNIQUE INDEX signing_requests_workflow_idx ON signing_requests (workflow_id);
CREATE INDEX signing_requests_agent_status_idx ON signing_requests (agent_id, status);
CREATE INDEX signing_requests_agent_created_idx ON signing_requests (agent_id, created_at DESC, id DESC);
CREATE INDEX signing_requests_signature_idx ON signing_requests (signature);
CREATE INDEX signing_requests_pending_idx ON signing_requests (expires_at) WHERE status = 'pending';

-- Each service's own schema, and what its role may touch ------------------------------------------------------

DO $$
DECLARE
    service text;
BEGIN
    FOREACH service IN ARRAY ARRAY['diary', 'identity', 'signing'] LOOP
        EXECUTE format('CREATE SCHEMA %I', service);
        EXECUTE format('CREATE TABLE %I.operations (
            id uuid CONSTRAINT operations_pkey PRIMARY KEY,
            command text NOT NULL,
            caller uuid,
            digest text NOT NULL,
            kind text NOT NULL,
            body text NOT NULL,
            sealed_body bytea,
            sealed_until timestamptz,
            created_at timestamptz NOT NULL DEFAULT now()
        )', service);
        EXECUTE format('CREATE INDEX operations_created_idx ON %I.operations (created_at)', service);
        EXECUTE format('CREATE TABLE %I.executors (
            executor_id text PRIMARY KEY,
            lease_until timestamptz NOT NULL
        )', service);
        EXECUTE format('CREATE TABLE %I.workflow_resumes (
            workflow_id text PRIMARY KEY,
            resumes integer NOT NULL
        )', service);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', service, 'moltnet_' || service);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I',
                       service, 'moltnet_' || service);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON diaries, diary_entries, diary_shares TO moltnet_diary;
GRANT SELECT, INSERT, UPDATE, DELETE ON agent_keys, agent_vouchers, used_recovery_nonces TO moltnet_identity;
GRANT SELECT, INSERT, UPDATE ON signing_requests TO moltnet_signing;
-- Filters come before the distance: keep scanning until enough rows pass them.
ALTER ROLE moltnet_diary SET hnsw.iterative_scan = 'strict_order';
ALTER ROLE moltnet_diary SET plan_cache_mode = 'force_custom_plan';
