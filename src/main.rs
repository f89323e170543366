//! The `rbl` command.

fn main() -> std::process::ExitCode {
    rbl::main()
}
