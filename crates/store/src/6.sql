-- Whether every run only looks, wherever it is executed: one row where that is so, or was until its time was over. Times in
-- milliseconds since 1970.
CREATE TABLE freeze (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  by      TEXT    NOT NULL,
  because TEXT    NOT NULL,
  since   INTEGER NOT NULL,
  -- When it ends by itself; none: somebody ends it.
  until   INTEGER
) STRICT;

-- An older rbl would act while everything is to look only.
UPDATE compatible SET min_reader = 6;
