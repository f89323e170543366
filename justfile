# The few commands of every day.

# everything CI checks
check:
    cargo fmt --check
    scripts/words
    cargo check --no-default-features
    cargo clippy --workspace --all-targets -- -D warnings

test *args:
    cargo test {{args}}

# what `test` tries a sample of: every typing mistake in every example, and 450 kills of runs at random moments (half an hour)
exhaustive:
    RBL_EXHAUSTIVE=1 cargo test --test rbl -- recovery::slips resume::random_kills

# take the present output as what the tests expect, then read the diff
bless:
    RBL_BLESS=1 cargo test --test rbl -- corpus docs malformed schema documents

docs:
    cargo doc --workspace --no-deps --open

# how fast it is; docs/performance.md says what each figure means
bench:
    cargo bench

# ten minutes of any bytes
fuzz seconds="600":
    cargo fuzz run check -- -max_total_time={{seconds}}
