runbook "x"
about
about """a""" """b"""
trigger alert
trigger alert "a" and "b"
trigger alert ~ "x"
trigger alert "a" where
trigger alert "a" where "b.c"
trigger alert "a" where b = "c" where d = "e"
trigger alert "a" by
trigger alert "a" by "" by x
param a: text among
param a among ["a"] among ["b"]
param a = "b" among ["b"]
