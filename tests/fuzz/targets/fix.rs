//! Fixes settle, with no fault of a rule and no comment lost. The length chooses how safe they must be and whether
//! layout follows, so that a seed is a plain Dockerfile.
#![no_main]

use dockfix::fix::Safety;

#[path = "../../it/hold.rs"]
#[allow(dead_code)]
mod hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = dockfix::text::decode(bytes);
    let safety = if bytes.len() % 2 == 0 { Safety::Safe } else { Safety::Unsafe };
    let format = (bytes.len() % 3 > 0).then(|| hold::options(bytes.len() / 3));
    let held = match bytes.len() % 5 {
        0 => hold::keeps_the_build(&text, safety),
        _ => hold::fixes(&text, safety, format),
    };
    if let Err(why) = held {
        panic!("{why}");
    }
});
