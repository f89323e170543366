//! The thin front door.

fn main() -> std::process::ExitCode {
    rbl::front::main()
}
