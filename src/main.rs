//! The one binary: installs what must exist once per process, then runs the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before any HTTP client exists; a second provider cannot be there yet.
    drop(rustls::crypto::ring::default_provider().install_default());
    coreanvil::cli::run()
}
