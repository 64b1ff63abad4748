//! The least that a filter can do, to measure one by: it reads standard input and prints it.

use std::io::{self, Read, Write};

fn main() -> io::Result<()> {
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text)?;
    io::stdout().lock().write_all(&text)
}
