-- A run as version 4 writes it, for the tests of what comes after.
INSERT INTO run (id, run, dedupe, runbook, file, started, changed, epoch, length, last_hash, signals, state, due, until, words, outcome, worker, since)
VALUES (1, '20261122-031207-7f3a9c', '20261122-031207-7f3a9c', 'API latency', 'api.rb', '2026-11-22T03:12:07Z', '2026-11-22T03:12:09Z',
        1, 1, 'aa', 1, 'parked', 0, NULL, 'an answer', NULL, NULL, NULL);
INSERT INTO record (place, epoch, at, data, hash) VALUES (4294967296, 0, '2026-11-22T03:12:07Z', '{"type":"noted","text":"x"}', 'aa');
INSERT INTO signal (run, number, name, data, at) VALUES (1, 1, '7', '"yes"', '2026-11-22T03:12:09Z');
