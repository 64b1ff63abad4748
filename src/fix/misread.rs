//! Comments to this program that nobody understands.

use crate::{syntax::Pragma, text::closest};

/// Why a comment does nothing, if it is one to this program that does nothing. `behind` says whether it stands behind a
/// command, `inside` whether it does within an instruction.
pub fn why_misread(comment: &str, behind: bool, inside: impl Fn() -> bool) -> Option<String> {
    let Some(Pragma::Own { word, rest }) = Pragma::of(comment) else {
        let said = comment.trim_start_matches(['#', ' ', '\t']).strip_prefix("dockfix")?.trim();
        let rest = said.strip_prefix("ignore").map(|it| it.strip_prefix("-file").unwrap_or(it))?;
        let meant = rest.starts_with(['[', '=', '(']);
        return meant.then(|| "`dockfix` without a colon has no effect; did you mean `dockfix: ignore`?".to_owned());
    };
    let argument = rest.split_ascii_whitespace().next().unwrap_or_default();
    match (word, argument) {
        ("ignore" | "ignore-file", _) if !inside() => None,
        ("ignore" | "ignore-file", _) => {
            Some(format!("`{word}` has no effect within an instruction; the comment stands above it"))
        }
        ("format", "on" | "off") if !behind => None,
        ("format", "on" | "off") => {
            Some("`format` has no effect behind a command; it stands in a line of its own".to_owned())
        }
        _ => {
            let said = if word == "format" { format!("{word}{rest}") } else { word.to_owned() };
            let help = match meant(word, argument) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "there are `ignore`, `ignore-file`, `format off` and `format on`".to_owned(),
            };
            Some(format!("`dockfix: {said}` has no effect; {help}"))
        }
    }
}

/// What someone may have meant by a word and the one behind it.
fn meant(word: &str, argument: &str) -> Option<&'static str> {
    let (word, argument) = (word.to_ascii_lowercase(), argument.to_ascii_lowercase());
    let is_on = || argument.trim_matches(|it: char| !it.is_alphanumeric()).starts_with("on");
    match word.as_str() {
        "off" => return Some("format off"),
        "on" => return Some("format on"),
        "fmt" | "format" => return Some(if is_on() { "format on" } else { "format off" }),
        _ => {}
    }
    // As linters of other languages say it.
    let other = ["disable", "ignore", "skip", "suppress", "noqa", "nolint", "nosec", "allow"];
    let known = other.iter().any(|it| word.starts_with(it)).then_some("IGNORE");
    match known.or_else(|| closest(&word, ["IGNORE", "IGNORE-FILE", "FORMAT"]))? {
        "FORMAT" => Some(if is_on() { "format on" } else { "format off" }),
        _ if word.contains("file") => Some("ignore-file"),
        _ => Some("ignore"),
    }
}
