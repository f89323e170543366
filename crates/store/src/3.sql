-- Locks and the places of limits: who holds them, and who waits in which order.
CREATE TABLE lock (
  place     INTEGER PRIMARY KEY AUTOINCREMENT,
  name      TEXT    NOT NULL,
  run       INTEGER NOT NULL REFERENCES run (id),
  -- Distinguishes several holds of one run.
  key       TEXT    NOT NULL,
  held      INTEGER NOT NULL CHECK (held IN (0, 1)),
  -- How many can hold it at once.
  slots     INTEGER NOT NULL,
  since     TEXT    NOT NULL,
  -- Until when its place in the queue counts.
  respected TEXT    NOT NULL,
  -- Until when it waits; none: for as long as it takes.
  until     TEXT,
  UNIQUE (name, run, key)
) STRICT;

CREATE INDEX lock_run ON lock (run);

-- What was counted over all runs. Kept for as long as its window lasts, whatever becomes of the run. Times in milliseconds
-- since 1970.
CREATE TABLE tally (
  key     TEXT    NOT NULL,
  id      TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (key, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX tally_expires ON tally (expires);

-- The questions that nobody can answer any more, and how they were closed.
CREATE TABLE closed (
  run      INTEGER NOT NULL REFERENCES run (id),
  question TEXT    NOT NULL,
  how      TEXT    NOT NULL,
  PRIMARY KEY (run, question)
) STRICT, WITHOUT ROWID;

-- An older rbl knows neither locks nor guards, and would pass them by.
UPDATE compatible SET min_reader = 3;
