-- What was done to the server, beside the runs: each entry is tied to the one before it by its hash, as the records of a run are.
-- Times in milliseconds since 1970.
CREATE TABLE server_log (
  number INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  data   TEXT    NOT NULL,
  hash   TEXT    NOT NULL
) STRICT;
