-- When the tests of a runbook last passed, all of them, by the permanent identity of its file, and with which text. Times in
-- milliseconds since 1970.
CREATE TABLE rehearsal (
  runbook TEXT    NOT NULL PRIMARY KEY,
  sha256  TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  tests   INTEGER NOT NULL
) STRICT;
