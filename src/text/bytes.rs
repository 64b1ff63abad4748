//! Any bytes as text, and back.
//!
//! Bytes that are no UTF-8 are carried through every layer as single characters at the far end of the last private
//! plane: byte `0x80..=0xFF` becomes `U+10FF00 + byte`. A file that holds one of these characters itself is no
//! exception: its four bytes are carried as four characters, so that reading and writing are inverse for all input.

use std::borrow::Cow;

/// Where the carried bytes begin: the character for byte `b` is `RAW + b`.
const RAW: u32 = 0x0010_FF00;

/// The first byte that every character of plane 16 has in UTF-8, the carried ones among them.
const PLANE_16: u8 = 0xF4;

/// The encoding of bytes of two or four to a character, if they are such: by the mark at their beginning, or by the
/// zeros that stand beside the letters of English words.
pub fn foreign_encoding(bytes: &[u8]) -> Option<&'static str> {
    // So many bytes tell; a text that is shorter than a word is none that anybody wrote.
    let start = bytes.get(..bytes.len().min(16) & !1).filter(|it| it.len() >= 8).unwrap_or_default();
    let zero_beside = |zero: usize| !start.is_empty() && start.chunks(2).all(|it| it[zero] == 0 && it[1 - zero] != 0);
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        _ if zero_beside(0) || zero_beside(1) => Some("UTF-16"),
        _ => None,
    }
}

/// Reads bytes as text, which most of them are as they stand. [`encode`] gives exactly these bytes back.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !has_raw(text)
    {
        return Cow::Borrowed(text);
    }
    // A carried byte takes four, but few bytes of a text are carried.
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_raw(c) {
                let mut utf8 = [0; 4];
                out.extend(c.encode_utf8(&mut utf8).bytes().map(carry));
            } else {
                out.push(c);
            }
        }
        out.extend(chunk.invalid().iter().copied().map(carry));
    }
    Cow::Owned(out)
}

/// Writes text that [`decode`] read, or an edited form of it, as bytes.
pub fn encode(text: &str) -> Vec<u8> {
    if !has_raw(text) {
        return text.as_bytes().to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match carried(c) {
            Some(byte) => out.push(byte),
            None => {
                let mut utf8 = [0; 4];
                out.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
            }
        }
    }
    out
}

/// Whether a character stands for a byte that is no UTF-8.
pub fn is_raw(c: char) -> bool {
    carried(c).is_some()
}

/// Whether any character of a text stands for a byte that is no UTF-8.
pub fn has_raw(text: &str) -> bool {
    memchr::memchr(PLANE_16, text.as_bytes()).is_some() && text.chars().any(is_raw)
}

/// The character that carries a byte of `0x80..=0xFF`.
fn carry(byte: u8) -> char {
    // Every number up to U+10FFFF past the surrogates is a character, so the fallback is never taken.
    char::from_u32(RAW + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The byte that a character carries, if it does.
fn carried(c: char) -> Option<u8> {
    let byte = u8::try_from(u32::from(c).checked_sub(RAW)?).ok()?;
    (byte >= 0x80).then_some(byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn utf8_is_itself() {
        for text in ["", "FROM scratch\n", "ä € 𝄞 \u{10FF7F}", "\u{FEFF}FROM a\0"] {
            assert_eq!(decode(text.as_bytes()), text);
            assert_eq!(encode(text), text.as_bytes());
            assert!(!has_raw(text));
        }
    }

    #[test]
    fn other_bytes_are_carried() {
        let text = decode(b"caf\xE9 \xC3");
        assert_eq!(text, "caf\u{10FFE9} \u{10FFC3}");
        assert!(has_raw(&text));
        assert_eq!(encode(&text), b"caf\xE9 \xC3");
    }

    #[test]
    fn carried_characters_of_the_input_are_carried_too() {
        for c in ['\u{10FF80}', '\u{10FFBF}', '\u{10FFC0}', '\u{10FFFF}'] {
            let input = format!("a{c}b");
            let text = decode(input.as_bytes());
            assert_eq!(text.chars().count(), 6);
            assert_eq!(encode(&text), input.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn encode_inverts_decode(bytes: Vec<u8>) {
            prop_assert_eq!(encode(&decode(&bytes)), bytes);
        }

        #[test]
        fn encode_inverts_decode_near_the_edge(
            bytes in prop::collection::vec(
                prop::sample::select(vec![b'a', b'\n', 0xF4, 0x8F, 0xBE, 0xBF, 0x80, 0xC3]), 0..24)
        ) {
            prop_assert_eq!(encode(&decode(&bytes)), bytes);
        }
    }

    #[test]
    fn wider_encodings_are_known() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(foreign_encoding(&wide("\u{feff}FROM a")), Some("UTF-16"));
        assert_eq!(foreign_encoding(&wide("FROM a")), Some("UTF-16"));
        assert_eq!(foreign_encoding(b"\0F\0R\0O\0M\0 "), Some("UTF-16"));
        assert_eq!(foreign_encoding(b"\xFF\xFE\0\0F\0\0\0"), Some("UTF-32"));
        for text in [&b""[..], b"F\0", b"FROM a\n", b"\0\0\0\0\0\0\0\0", b"\xEF\xBB\xBFFROM a", b"FROM\0 a\0"] {
            assert_eq!(foreign_encoding(text), None, "{text:?}");
        }
    }
}
