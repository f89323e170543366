//! Several processes at one journal, and processes that are killed.
