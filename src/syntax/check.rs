//! What BuildKit refuses in an instruction that its grammar can read (`instructions/parse.go`, `bflag.go`).

use super::{ErrorKind, SyntaxKind, SyntaxKind::*, cursor::is_list_space, json};
use crate::text::closest;

/// The flags of each instruction; those that may stand more than once end in `*`. ARG, STOPSIGNAL and the NONE of
/// HEALTHCHECK never look at their flags.
fn allowed(kind: SyntaxKind) -> Option<&'static [&'static str]> {
    Some(match kind {
        FROM => &["platform"],
        RUN => &["mount*", "network", "security", "device*"],
        COPY => &["from", "chown", "chmod", "link", "parents", "exclude*"],
        ADD => &["chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude*"],
        HEALTHCHECK => &["interval", "timeout", "start-period", "start-interval", "retries"],
        ARG | STOPSIGNAL | ONBUILD => return None,
        _ => &[],
    })
}

/// The flags that the builder before BuildKit takes as well.
const OLD_FLAGS: &[&str] =
    &["platform", "from", "chown", "interval", "timeout", "start-period", "start-interval", "retries"];

/// Whether a flag of an instruction, with its dashes and perhaps a value, is one that only BuildKit knows.
pub fn is_of_buildkit(kind: SyntaxKind, flag: &str) -> bool {
    let name = flag.split('=').next().unwrap_or_default();
    let bare = name.strip_prefix("--").unwrap_or(name);
    let known = allowed(kind).unwrap_or_default().iter().any(|it| it.trim_end_matches('*') == bare);
    known && !OLD_FLAGS.contains(&bare)
}

/// The flags that need no value.
const SWITCHES: &[&str] = &["link", "parents", "keep-git-dir", "unpack"];

/// The flags, given as BuildKit hands them on, that it refuses.
pub(crate) fn flags(kind: SyntaxKind, flags: &[String], args: &str) -> Vec<ErrorKind> {
    let is_none = kind == HEALTHCHECK && args.split(is_list_space).next().is_some_and(is_none);
    let Some(allowed) = allowed(kind).filter(|_| !is_none) else {
        return Vec::new();
    };
    let mut errors = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for flag in flags {
        let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
        let bare = name.strip_prefix("--").unwrap_or(name);
        if allowed.contains(&bare) {
            if seen.contains(&name) {
                errors.push(ErrorKind::DuplicateFlag(name.to_owned()));
            }
            seen.push(name);
            if SWITCHES.contains(&bare) {
                if !["", "true", "false"].iter().any(|it| value.eq_ignore_ascii_case(it)) {
                    errors.push(ErrorKind::NotBoolean(name.to_owned()));
                }
            } else if name == flag {
                errors.push(ErrorKind::MissingFlagValue(name.to_owned()));
            }
        } else if !allowed.iter().any(|it| it.strip_suffix('*') == Some(bare)) {
            errors.push(ErrorKind::UnknownFlag { instruction: kind.keyword(), flag: name.to_owned() });
        }
    }
    errors
}

/// What is wrong with the number or the kind of the arguments, if anything is.
pub(crate) fn arguments(kind: SyntaxKind, args: &str) -> Option<&'static str> {
    let words = || args.split(is_list_space).filter(|it| !it.is_empty());
    let bad = match kind {
        FROM => {
            let named = words().nth(1).is_some_and(|it| it.eq_ignore_ascii_case("as"));
            if words().count() == 1 || (words().count() == 3 && named) {
                return None;
            }
            "FROM takes an image, and then `AS` and a name or nothing"
        }
        COPY | ADD => {
            let count = match json::form(args) {
                json::JsonForm::None => words().count(),
                json::JsonForm::Strings => json_strings(args).len(),
                json::JsonForm::OtherValues => return None,
            };
            if count > 1 {
                return None;
            }
            "COPY and ADD need a source and a destination"
        }
        SHELL if json::form(args) == json::JsonForm::None || json_strings(args).is_empty() => {
            "SHELL takes a JSON array of strings"
        }
        ENV | LABEL | ARG | EXPOSE | VOLUME | WORKDIR | USER | STOPSIGNAL | MAINTAINER | HEALTHCHECK | ONBUILD
            if args.is_empty() =>
        {
            "the instruction needs an argument"
        }
        HEALTHCHECK => {
            let first = words().next().unwrap_or_default();
            let more = words().nth(1).is_some();
            match first {
                it if is_none(it) && !more => return None,
                it if it.eq_ignore_ascii_case("cmd") && more => return None,
                _ => "HEALTHCHECK takes `NONE`, or `CMD` and a command",
            }
        }
        VOLUME if json::form(args) == json::JsonForm::Strings && json_strings(args).is_empty() => {
            "the instruction needs an argument"
        }
        VOLUME if json_strings(args).iter().any(|it| it.trim().is_empty()) => "VOLUME takes no empty path",
        _ => return None,
    };
    Some(bad)
}

/// Whether the first word of a HEALTHCHECK says that there is none.
fn is_none(word: &str) -> bool {
    word.eq_ignore_ascii_case("none")
}

/// What is wrong with an instruction inside ONBUILD, where it is none that a trigger may be.
pub(crate) fn trigger(kind: SyntaxKind) -> Option<&'static str> {
    match kind {
        FROM => Some("ONBUILD FROM is not allowed"),
        ONBUILD => Some("ONBUILD ONBUILD is not allowed"),
        MAINTAINER => Some("ONBUILD MAINTAINER is not allowed"),
        _ => None,
    }
}

/// The strings of a JSON array, or none where the text is no such array.
pub(crate) fn json_strings(args: &str) -> Vec<String> {
    if json::form(args) != json::JsonForm::Strings {
        return Vec::new();
    }
    let mut strings = Vec::new();
    let mut rest = args;
    while let Some(at) = rest.find('"') {
        rest = &rest[at..];
        let Some(len) = json::string_len(rest) else {
            break;
        };
        strings.push(json::decode(&rest[..len]));
        rest = &rest[len..];
    }
    strings
}

/// The keyword that a misspelt one was most likely meant to be.
pub(crate) fn keyword_hint(name: &str) -> Option<&'static str> {
    closest(name, SyntaxKind::instructions().map(SyntaxKind::keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_at_the_nearest_keyword() {
        assert_eq!(keyword_hint("RNU"), Some("RUN"));
        assert_eq!(keyword_hint("entrypont"), Some("ENTRYPOINT"));
        assert_eq!(keyword_hint("<<<<<<<"), None);
    }

    #[test]
    fn counts_what_is_copied_in_either_form() {
        let good = |args| arguments(COPY, args).is_none();
        assert!(good("a /b") && good(r#"["a", "/b"]"#));
        assert!(!good("a") && !good(r#"["a b"]"#) && !good("[]"));
    }

    #[test]
    fn what_is_empty_is_refused() {
        let errors = |text: &str| super::super::parse(&format!("FROM a\n{text}\n")).errors().len();
        for bad in ["USER", "ENV =a", "ENV a=b =c", "LABEL =a", "ARG =a", "ARG a =b", r#"VOLUME ["/a", " "]"#] {
            assert_eq!(errors(bad), 1, "{bad}");
        }
        for good in ["USER a", "ENV a=", "ENV a==b", r#"ENV a="b =c""#, "ENV a =b", "ARG a=", "ONBUILD ENV =a"] {
            assert_eq!(errors(good), 0, "{good}");
        }
    }

    #[test]
    fn a_trigger_is_told_only_what_it_may_not_be() {
        let errors = |text: &str| super::super::parse(&format!("FROM a\n{text}\n")).errors().len();
        for bad in ["FROM b", "FROM b c", "ONBUILD RUN b", "MAINTAINER b"] {
            assert_eq!(errors(&format!("ONBUILD {bad}")), 1, "{bad}");
        }
        for left in ["COPY b", "SHELL b", "RUN --nope b", "NOPE b"] {
            assert_eq!((errors(&format!("ONBUILD {left}")), errors(left)), (0, 1), "{left}");
        }
    }

    #[test]
    fn knows_the_flags() {
        let bad = |kind, flag: &str| flags(kind, &[flag.to_owned()], "").len();
        assert_eq!(bad(CMD, "--port"), 1);
        assert_eq!(bad(RUN, "--mount=type=cache"), 0);
        assert_eq!(bad(STOPSIGNAL, "--x"), 0);
        let twice = ["--chown=a".to_owned(), "--chown=b".to_owned()];
        assert_eq!(flags(COPY, &twice, "").len(), 1);
        assert_eq!(bad(COPY, "--link") + bad(COPY, "--link=") + bad(COPY, "--link=False"), 0);
        assert_eq!(bad(COPY, "--link=maybe") + bad(COPY, "--link=1"), 2);
        let odd = ["--odd".to_owned()];
        assert_eq!((flags(HEALTHCHECK, &odd, "none").len(), flags(HEALTHCHECK, &odd, "CMD a").len()), (0, 1));
    }
}
