-- Which runbooks a token is for, as a JSON list of patterns; none: all of them. Also of the token with which a delivery came.
ALTER TABLE access_token ADD COLUMN runbooks TEXT;
ALTER TABLE delivery ADD COLUMN runbooks TEXT;

-- The permanent identity of the file of the runbook of a run: whether a pattern means it.
ALTER TABLE run ADD COLUMN identity TEXT NOT NULL DEFAULT '';
UPDATE run SET identity = coalesce(
  (SELECT CASE WHEN json_valid(data) THEN json_extract(data, '$.sources[0].identity') END
   FROM record WHERE place = run.id << 32), '');

-- The schedule of a runbook: another one counts from when it was written; none: an older rbl did not note it.
ALTER TABLE schedule ADD COLUMN fires TEXT;

-- An older rbl would take a token that is for some runbooks for one for all.
UPDATE compatible SET min_reader = 9;
