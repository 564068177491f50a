-- The webhooks of saved records: version 1 of the tables.
--
-- The app inserts one row into oo_webhooks_outbox in the transaction of its save, and needs no other right:
--     GRANT INSERT ON oo_webhooks_outbox TO app;
-- The worker needs these:
--     GRANT SELECT, UPDATE, DELETE ON oo_webhooks_outbox TO worker;
--     GRANT SELECT, INSERT, UPDATE, DELETE ON oo_webhooks_record TO worker;
--     GRANT SELECT ON oo_webhooks_schema TO worker;
-- Nothing here ever holds a token, a secret or a signature.
BEGIN;

-- One row a save. No CHECK on module: a typo ends in "failed" with its reason, it does not break a save.
CREATE TABLE oo_webhooks_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account varchar(64) COLLATE "C" NOT NULL DEFAULT '',
  module varchar(64) COLLATE "C" NOT NULL,
  record_id bigint NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- One row a record that is to be sent, is being sent, is in doubt or has failed: only the worker's.
CREATE TABLE oo_webhooks_record (
  account varchar(64) COLLATE "C" NOT NULL,
  module varchar(64) COLLATE "C" NOT NULL,
  record_id bigint NOT NULL,
  state varchar(8) COLLATE "C" NOT NULL,
  generation bigint NOT NULL DEFAULT 1,
  sent_generation bigint NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  first_saved_at timestamptz NOT NULL,
  last_saved_at timestamptz NOT NULL,
  failing_since timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  worker varchar(64),
  token char(32) COLLATE "C",
  lease_until timestamptz,
  status integer,
  error_code integer NOT NULL DEFAULT 0,
  message varchar(512) NOT NULL DEFAULT '',
  PRIMARY KEY (account, module, record_id),
  CONSTRAINT oo_webhooks_record_state CHECK (state IN ('waiting', 'sending', 'doubt', 'failed'))
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Partial: a claim takes its entry away and adds none beside it, so that the next one passes over few dead ones.
CREATE INDEX oo_webhooks_record_claim ON oo_webhooks_record (account, due_at, module, record_id)
  WHERE state = 'waiting';
CREATE INDEX oo_webhooks_record_lease ON oo_webhooks_record (lease_until) WHERE state = 'sending';

CREATE TABLE oo_webhooks_schema (
  version integer NOT NULL PRIMARY KEY
);

INSERT INTO oo_webhooks_schema (version) VALUES (1);

COMMIT;
