#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| tcpspec_tests::fuzz::run("kernel", octets));
