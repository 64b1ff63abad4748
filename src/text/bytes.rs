//! tmp
pub fn is_raw(c: char) -> bool {
    matches!(c, '\u{10ff80}'..='\u{10ffff}')
}
pub fn decode(b: &[u8]) -> String {
    String::from_utf8_lossy(b).into_owned()
}
