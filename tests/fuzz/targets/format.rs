//! Layout keeps the meaning, and laying out twice is laying out once. The length chooses the options, so that a seed
//! is a plain Dockerfile.
#![no_main]

#[path = "../../it/hold.rs"]
#[allow(dead_code)]
mod hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = dockfix::text::decode(bytes);
    if let Err(why) = hold::lays_out(&text, hold::options(bytes.len())) {
        panic!("{why}");
    }
});
