//! Parser directives (BuildKit's `directives.go`).

/// A directive's parts as they stand in a line, offsets from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'t> {
    /// The name as written; its case does not matter.
    pub(crate) name: &'t str,
    /// The value without the blanks around it.
    pub(crate) value: &'t str,
}

/// Reads a line as `# name=value`, for any name at all.
pub(crate) fn parts(line: &str) -> Option<Parts<'_>> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start();
    let name_len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(name_len);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let value = rest.trim_start().strip_prefix('=')?.trim();
    (!value.is_empty()).then_some(Parts { name, value })
}

/// Reads a line as one of the directives that BuildKit knows.
pub(crate) fn known(line: &str) -> Option<Parts<'_>> {
    parts(line).filter(|it| ["syntax", "escape", "check"].iter().any(|name| it.name.eq_ignore_ascii_case(name)))
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
