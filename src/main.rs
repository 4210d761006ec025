//! The `sspr` program. Everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    sspr::cli::run(std::env::args_os())
}
