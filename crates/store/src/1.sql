-- How a run stands. Times are as they are in JSON, except for those that are looked for.
CREATE TABLE run (
  -- In the order in which they began, whatever the clock said.
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  run       TEXT    NOT NULL UNIQUE,
  dedupe    TEXT    NOT NULL UNIQUE,
  runbook   TEXT    NOT NULL,
  file      TEXT    NOT NULL,
  started   TEXT    NOT NULL,
  changed   TEXT    NOT NULL,
  epoch     INTEGER NOT NULL,
  length    INTEGER NOT NULL,
  last_hash TEXT    NOT NULL,
  signals   INTEGER NOT NULL,
  state     TEXT    NOT NULL CHECK (state IN ('new', 'driven', 'parked', 'ended', 'stuck')),
  -- new, parked: since when it can be gone on with, in milliseconds since 1970; 0 is at once, none is not by itself.
  due       INTEGER,
  -- parked: not before this.
  until     TEXT,
  -- parked: what it waits for; ended: the last word; stuck: why.
  words     TEXT,
  -- ended: how.
  outcome   TEXT,
  -- driven: by whom, since when.
  worker    TEXT,
  since     TEXT
) STRICT;

CREATE INDEX run_due ON run (due) WHERE due IS NOT NULL;
CREATE INDEX run_driven ON run (id) WHERE state = 'driven';

CREATE TABLE record (
  run   INTEGER NOT NULL REFERENCES run (id),
  seq   INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  at    TEXT    NOT NULL,
  data  TEXT    NOT NULL,
  hash  TEXT    NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal (
  run    INTEGER NOT NULL REFERENCES run (id),
  number INTEGER NOT NULL,
  name   TEXT    NOT NULL,
  data   TEXT    NOT NULL,
  at     TEXT    NOT NULL,
  PRIMARY KEY (run, number),
  UNIQUE (run, name)
) STRICT, WITHOUT ROWID;
