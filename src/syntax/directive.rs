//! Parser directives (BuildKit's `directives.go`).

/// A directive's parts as they stand in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'t> {
    /// The name as written; its case does not matter.
    pub(crate) name: &'t str,
    /// The value without the blanks around it.
    pub(crate) value: &'t str,
}

/// Reads a line as one of the directives that BuildKit knows: `# name=value`.
pub(crate) fn known(line: &str) -> Option<Parts<'_>> {
    named(line.trim_start().strip_prefix('#')?.trim_start())
}

/// The same without what stands before the name.
pub(super) fn named(text: &str) -> Option<Parts<'_>> {
    let (name, rest) = text.split_at(text.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(text.len()));
    if !["syntax", "escape", "check"].iter().any(|it| it.eq_ignore_ascii_case(name)) {
        return None;
    }
    let value = rest.trim_start().strip_prefix('=')?.trim();
    (!value.is_empty()).then_some(Parts { name, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_buildkit_reads() {
        assert_eq!(known("  #  Escape = ` ").map(|it| it.value), Some("`"));
        assert_eq!(known("# syntax=docker/dockerfile:1\r").map(|it| it.value), Some("docker/dockerfile:1"));
        assert_eq!(known("# syntax="), None);
        assert_eq!(known("# foo=bar"), None);
        assert_eq!(known("# escape \\"), None);
    }
}
