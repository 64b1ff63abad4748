//! Comments that speak to tools.

use super::directive;

/// What a comment says to a tool, by the words with which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pragma<'t> {
    /// `name=value`: to BuildKit, of a name that it knows in any case. It counts at the top alone.
    Directive {
        /// The name as written.
        name: &'t str,
        /// The value.
        value: &'t str,
    },
    /// `dockfix: word rest`: to this program.
    Own {
        /// The first word.
        word: &'t str,
        /// All that follows it.
        rest: &'t str,
    },
    /// `hadolint ignore=names`, `hadolint global ignore=names`, or the same with `tally`.
    Ignore {
        /// The names, and a reason perhaps.
        names: &'t str,
        /// Whether it speaks of the whole file.
        global: bool,
    },
    /// `dockerfmt-ignore` or `dprint-ignore`: to formatters, of the instruction below.
    KeepLayout,
    /// Something else to hadolint or tally.
    Other,
}

impl<'t> Pragma<'t> {
    /// Reads a line with a comment; `None` where it speaks to people.
    pub fn of(comment: &'t str) -> Option<Pragma<'t>> {
        let text = comment.trim_start().trim_start_matches('#').trim_start();
        // Most comments are told by their first letter.
        if !text.starts_with(['c', 'C', 'd', 'e', 'E', 'h', 's', 'S', 't']) {
            return None;
        }
        let (word, rest) = split_word(text.trim_end());
        match word {
            "dockfix" => {
                let (word, rest) = split_word(rest.strip_prefix(':')?.trim_start());
                Some(Pragma::Own { word, rest })
            }
            "hadolint" | "tally" => {
                let rest = rest.strip_prefix(BLANKS)?.trim_start();
                Some(ignore(rest).unwrap_or(Pragma::Other))
            }
            "dockerfmt-ignore" | "dprint-ignore" => {
                (rest.is_empty() || rest.starts_with(BLANKS)).then_some(Pragma::KeepLayout)
            }
            _ => directive::named(text).map(|it| Pragma::Directive { name: it.name, value: it.value }),
        }
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

fn split_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|it: char| !it.is_alphanumeric() && it != '-').unwrap_or(text.len()))
}

/// Blanks may stand around the `=` (hadolint's `Pragma.hs`).
fn ignore(text: &str) -> Option<Pragma<'_>> {
    let global = text.strip_prefix("global").filter(|it| it.starts_with(BLANKS));
    let names = global.unwrap_or(text).trim_start().strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    Some(Pragma::Ignore { names: names.trim_start(), global: global.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_to_tools_are_read() {
        let ignore = |names, global| Pragma::Ignore { names, global };
        for (comment, expected) in [
            ("  # Check = skip=all\r\n", Pragma::Directive { name: "Check", value: "skip=all" }),
            ("## syntax=a", Pragma::Directive { name: "syntax", value: "a" }),
            ("#dockfix:ignore[a] b", Pragma::Own { word: "ignore", rest: "[a] b" }),
            ("# dockfix: format\toff", Pragma::Own { word: "format", rest: "\toff" }),
            ("# hadolint ignore=DL1,DL2 # a", ignore("DL1,DL2 # a", false)),
            ("#\thadolint\tignore = DL1", ignore("DL1", false)),
            ("# tally global ignore=a", ignore("a", true)),
            ("# hadolint shell=/bin/bash", Pragma::Other),
            ("# dprint-ignore -- why", Pragma::KeepLayout),
        ] {
            assert_eq!(Pragma::of(comment), Some(expected), "{comment}");
        }
    }

    #[test]
    fn others_are_for_people() {
        for comment in [
            "# check that it is there",
            "# Hadolint ignore=DL1",
            "# hadolint: ignore=DL1",
            "# dockfix is at work",
            "# see dockfix: ignore",
            "# use dprint-ignore",
            "# dockerfmt-ignored",
            "# escape",
            "# name=value",
            "#",
        ] {
            assert_eq!(Pragma::of(comment), None, "{comment}");
        }
    }
}
