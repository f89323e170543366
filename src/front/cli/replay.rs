//! `rbl replay RUN|FILE|FOLDER`: tells a recorded run again, by the same interpreter and in the same words.
