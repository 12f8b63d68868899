"""The stand-in's tables, in a schema of their own: ``ory``.

Secrets rest as hashes, except the signing keys and the HMAC key, which the stand-in needs itself. They lie
in the clear, as everything here serves one developer's machine.
"""

TABLES = """
CREATE SCHEMA IF NOT EXISTS ory;

CREATE TABLE IF NOT EXISTS ory.identities (
    id              uuid PRIMARY KEY,
    identifier      text NOT NULL UNIQUE,
    external_id     text UNIQUE,
    traits          jsonb NOT NULL,
    metadata_public jsonb,
    metadata_admin  jsonb,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS ory.hmac_keys (
    purpose text PRIMARY KEY,
    key     bytea NOT NULL
);

CREATE TABLE IF NOT EXISTS ory.recovery_flows (
    id          uuid PRIMARY KEY,
    identity_id uuid REFERENCES ory.identities ON DELETE CASCADE,
    type        text NOT NULL,
    state       text NOT NULL,
    code_hmac   bytea,
    submissions integer NOT NULL DEFAULT 0,
    request_url text NOT NULL,
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS recovery_flows_identity ON ory.recovery_flows (identity_id);

CREATE TABLE IF NOT EXISTS ory.sessions (
    id          uuid PRIMARY KEY,
    token_hash  bytea NOT NULL UNIQUE,
    identity_id uuid NOT NULL REFERENCES ory.identities ON DELETE CASCADE,
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_identity ON ory.sessions (identity_id);

CREATE TABLE IF NOT EXISTS ory.clients (
    id          text PRIMARY KEY,
    secret_hash bytea,
    document    jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS ory.tokens (
    token_hash bytea PRIMARY KEY,
    client_id  text NOT NULL REFERENCES ory.clients ON DELETE CASCADE,
    scopes     text[] NOT NULL,
    audience   text[] NOT NULL,
    ext        jsonb NOT NULL,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS tokens_client ON ory.tokens (client_id);

CREATE TABLE IF NOT EXISTS ory.signing_keys (
    position    bigint GENERATED ALWAYS AS IDENTITY,
    key_set     text NOT NULL,
    kid         text NOT NULL,
    private_pem text NOT NULL,
    PRIMARY KEY (key_set, kid)
);

CREATE TABLE IF NOT EXISTS ory.relation_tuples (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace             text NOT NULL,
    object                text NOT NULL,
    relation              text NOT NULL,
    subject_id            text,
    subject_set_namespace text,
    subject_set_object    text,
    subject_set_relation  text,
    CHECK ((subject_id IS NULL) = (subject_set_namespace IS NOT NULL)),
    CHECK (num_nulls(subject_set_namespace, subject_set_object, subject_set_relation) IN (0, 3))
);
CREATE INDEX IF NOT EXISTS relation_tuples_object ON ory.relation_tuples (namespace, object, relation);
CREATE INDEX IF NOT EXISTS relation_tuples_subject_set
    ON ory.relation_tuples (subject_set_namespace, subject_set_object);
CREATE INDEX IF NOT EXISTS relation_tuples_subject_id ON ory.relation_tuples (subject_id);
"""

EXPIRED_ROWS = """
DELETE FROM ory.tokens WHERE expires_at < now();
DELETE FROM ory.sessions WHERE expires_at < now();
DELETE FROM ory.recovery_flows WHERE expires_at < now() - interval '1 day';
"""
"""What may go at a start; a lapsed flow is kept a day longer, for it is answered with 410, not 404."""
