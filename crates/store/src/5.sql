-- What came in through hooks, durable before it is acknowledged. Times in milliseconds since 1970, the alerts as JSON.
CREATE TABLE delivery (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  hook    TEXT    NOT NULL,
  -- The sender's own id of it, where it gives one.
  key     TEXT,
  at      INTEGER NOT NULL,
  alerts  TEXT    NOT NULL,
  -- When it was known what became of it; none: it waits.
  settled INTEGER,
  UNIQUE (hook, key)
) STRICT;

CREATE INDEX delivery_waiting ON delivery (id) WHERE settled IS NULL;

-- What became of an alert of a delivery, once for each trigger that means it.
CREATE TABLE alert_result (
  delivery INTEGER NOT NULL REFERENCES delivery (id),
  number   INTEGER NOT NULL,
  place    INTEGER NOT NULL,
  became   TEXT    NOT NULL,
  file     TEXT,
  run      TEXT,
  why      TEXT    NOT NULL,
  PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- From the first firing alert of a group to its last resolved one.
CREATE TABLE episode (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  runbook TEXT    NOT NULL,
  source  TEXT    NOT NULL,
  grouped TEXT    NOT NULL,
  opened  INTEGER NOT NULL,
  heard   INTEGER NOT NULL,
  closed  INTEGER,
  run     TEXT,
  -- The run that notified somebody that an alert still fires after the run has ended.
  notified TEXT
) STRICT;

CREATE INDEX episode_key ON episode (runbook, source, grouped, id);
CREATE INDEX episode_open ON episode (id) WHERE closed IS NULL AND notified IS NULL AND run IS NOT NULL;
CREATE INDEX episode_run ON episode (run) WHERE run IS NOT NULL;

CREATE TABLE member (
  episode     INTEGER NOT NULL REFERENCES episode (id),
  fingerprint TEXT    NOT NULL,
  firing      INTEGER NOT NULL CHECK (firing IN (0, 1)),
  -- When it was resolved, as its sender says; none: it fires.
  ended       INTEGER,
  heard       INTEGER NOT NULL,
  joined      INTEGER NOT NULL,
  alert       TEXT    NOT NULL,
  PRIMARY KEY (episode, fingerprint)
) STRICT, WITHOUT ROWID;

-- Who may use the API. The token itself is not kept, only its SHA-256.
CREATE TABLE access_token (
  name   TEXT    PRIMARY KEY,
  sha256 TEXT    NOT NULL UNIQUE,
  -- What it may do, as a JSON list.
  may    TEXT    NOT NULL,
  -- Whose it is; none: a machine's.
  person TEXT,
  made   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to when it is decided what became of the times at which the schedule of a runbook fired.
CREATE TABLE schedule (
  runbook TEXT    PRIMARY KEY,
  decided INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
