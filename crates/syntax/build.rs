//! Rebuilds the parser when the grammar changes: pest reads it from within a macro, which the compiler does not see.

fn main() {
    println!("cargo::rerun-if-changed=../../grammar");
}
