//! See `backstay_testkit::fuzz`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| backstay_testkit::fuzz::vault(bytes));
