//! The names of images.

/// Whether a text can name an image: `host:port/path/name:tag@digest`.
pub(super) fn is_reference(text: &str) -> bool {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let slash = name.rfind('/').map_or(0, |it| it + 1);
    let colon = name[slash..].find(':').map(|it| slash + it);
    let (path, tag) = colon.map_or((name, None), |at| (&name[..at], Some(&name[at + 1..])));
    let (host, path) = match path.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, path),
    };
    let host_char = |it: u8| it.is_ascii_alphanumeric() || b".-:[]_".contains(&it);
    host.is_none_or(|it| !it.is_empty() && it.bytes().all(host_char))
        && path.split('/').all(is_component)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(|it| it.split_once(':').is_some_and(|(kind, sum)| !kind.is_empty() && sum.len() >= 32))
}

/// Lower-case letters and digits, with dots, underscores and dashes between them.
fn is_component(text: &str) -> bool {
    let inner = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    text.bytes().all(|it| inner(it) || b"._-".contains(&it))
        && text.bytes().next().is_some_and(inner)
        && text.bytes().last().is_some_and(inner)
}

fn is_tag(text: &str) -> bool {
    let word = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    text.bytes().next().is_some_and(word) && text.bytes().all(|it| word(it) || b".-".contains(&it)) && text.len() <= 128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_references() {
        for text in ["alpine", "a/b", "localhost:5000/a:1.2", "quay.io/a/b", "A.example/b", "a:B_c.d-e", "a__b"] {
            assert!(is_reference(text), "{text}");
        }
        let digest = format!("a:1@sha256:{}", "0".repeat(64));
        assert!(is_reference(&digest));
        for text in ["", "a:", "/a", "gcr.io//a", "Base", "a:-b", "a/", "<a>", "a@b", "build_", "{a}"] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
