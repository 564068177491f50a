-- The webhooks of saved records: version 1 of the tables.
--
-- The app inserts one row into oo_webhooks_outbox in the transaction of its save, and needs no other right:
--     GRANT INSERT ON oo_webhooks_outbox TO 'app'@'localhost';
-- The worker needs these:
--     GRANT SELECT, UPDATE, DELETE ON oo_webhooks_outbox TO 'worker'@'localhost';
--     GRANT SELECT, INSERT, UPDATE, DELETE ON oo_webhooks_record TO 'worker'@'localhost';
--     GRANT SELECT ON oo_webhooks_schema TO 'worker'@'localhost';
-- Nothing here ever holds a token, a secret or a signature.

-- One row a save. No CHECK on module: a typo ends in "failed" with its reason, it does not break a save.
CREATE TABLE oo_webhooks_outbox (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account VARCHAR(64) CHARACTER SET utf8mb4 COLLATE @COLLATION@ NOT NULL DEFAULT '',
  module VARCHAR(64) CHARACTER SET utf8mb4 COLLATE @COLLATION@ NOT NULL,
  record_id BIGINT NOT NULL,
  saved_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE=InnoDB;

-- One row a record that is to be sent, is being sent, is in doubt or has failed: only the worker's. Times are UTC.
CREATE TABLE oo_webhooks_record (
  account VARCHAR(64) CHARACTER SET utf8mb4 COLLATE @COLLATION@ NOT NULL,
  module VARCHAR(64) CHARACTER SET utf8mb4 COLLATE @COLLATION@ NOT NULL,
  record_id BIGINT NOT NULL,
  state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  generation BIGINT NOT NULL DEFAULT 1,
  sent_generation BIGINT NOT NULL DEFAULT 0,
  due_at DATETIME(6) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  first_saved_at DATETIME(6) NOT NULL,
  last_saved_at DATETIME(6) NOT NULL,
  failing_since DATETIME(6) NULL,
  attempts INT NOT NULL DEFAULT 0,
  worker VARCHAR(64) CHARACTER SET utf8mb4 NULL,
  token CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  lease_until DATETIME(6) NULL,
  status INT NULL,
  error_code INT NOT NULL DEFAULT 0,
  message VARCHAR(512) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
  PRIMARY KEY (account, module, record_id),
  KEY claim (state, account, due_at, module, record_id),
  CONSTRAINT oo_webhooks_record_state CHECK (state IN ('waiting', 'sending', 'doubt', 'failed'))
) ENGINE=InnoDB;

CREATE TABLE oo_webhooks_schema (
  version INT NOT NULL PRIMARY KEY
) ENGINE=InnoDB;

INSERT INTO oo_webhooks_schema (version) VALUES (1);
