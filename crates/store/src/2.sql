-- The oldest version of the tables that an rbl has to know to use these: a newer one only adds to them.
CREATE TABLE compatible (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  min_reader INTEGER NOT NULL
) STRICT;
INSERT INTO compatible (one, min_reader) VALUES (1, 2);

-- What is needed to execute a run. The lists are JSON.
ALTER TABLE run ADD COLUMN needs_format INTEGER NOT NULL DEFAULT 1;
ALTER TABLE run ADD COLUMN language INTEGER NOT NULL DEFAULT 1;
ALTER TABLE run ADD COLUMN mode TEXT NOT NULL DEFAULT 'act';
ALTER TABLE run ADD COLUMN providers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE run ADD COLUMN executors TEXT NOT NULL DEFAULT '[]';
ALTER TABLE run ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE run ADD COLUMN folder TEXT NOT NULL DEFAULT '';
-- parked: the kind of what it waits for; how far its current wait is, as JSON, which no hash covers.
ALTER TABLE run ADD COLUMN waits TEXT;
ALTER TABLE run ADD COLUMN progress TEXT;

-- The records that need not be read to resume a run: from the first to before the second, where a mark stands.
CREATE TABLE covered (
  run    INTEGER NOT NULL REFERENCES run (id),
  first  INTEGER NOT NULL,
  behind INTEGER NOT NULL,
  PRIMARY KEY (run, first)
) STRICT, WITHOUT ROWID;
