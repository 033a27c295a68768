//! Scenarios and claims of one's own, as the book's chapter "Your own scenario and claim" makes them.

mod claims;

fn main() -> std::process::ExitCode {
    claims::suite().run()
}
