//! Any bytes are read, and printed back.
#![no_main]

#[path = "../../it/hold.rs"]
#[allow(dead_code)]
mod hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(why) = hold::prints_its_input(bytes) {
        panic!("{why}");
    }
});
