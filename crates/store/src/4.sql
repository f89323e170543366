-- Records by their place, which is the number of the run and the number of the record in one: a commit appends to the end of
-- a table, and writes half as many pages.
CREATE TABLE placed (
  -- run * 2^32 + seq
  place INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  at    TEXT    NOT NULL,
  data  TEXT    NOT NULL,
  hash  TEXT    NOT NULL,
  run   INTEGER NOT NULL GENERATED ALWAYS AS (place >> 32) VIRTUAL,
  seq   INTEGER NOT NULL GENERATED ALWAYS AS (place & 4294967295) VIRTUAL
) STRICT;
INSERT INTO placed (place, epoch, at, data, hash)
  SELECT (run << 32) + seq, epoch, at, data, hash FROM record ORDER BY run, seq;
DROP TABLE record;
ALTER TABLE placed RENAME TO record;

-- For lists: by state, and by time.
CREATE INDEX run_state ON run (state, outcome);
CREATE INDEX run_started ON run (started);

-- While a run is driven, `length`, `last_hash` and `changed` of its row are those of its last claim or signal: its last record
-- says what came since. An older rbl would take them for the end.
UPDATE compatible SET min_reader = 4;
