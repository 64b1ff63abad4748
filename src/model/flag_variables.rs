//! What a variable among the arguments of a program may hold, by its name and the table `config/options.toml`.

use super::calls::options;

/// What somebody who names a variable so keeps in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Flags, any number of them.
    Flags,
    /// Packages.
    Packages,
    /// The name does not tell.
    Unknown,
}

/// What a word of shell text may become, by the names of the variables in it; `None` where it does not begin with one,
/// without quotes, and so is one word at most.
pub fn holds(word: &str) -> Option<Holds> {
    if matches!(word, "$@" | "$*") {
        return Some(Holds::Flags);
    }
    let rest = word.strip_prefix('$')?;
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let names: Vec<&str> = match rest.starts_with('(') {
        // What a command prints is what its words speak of.
        true => rest.split(|it| !is_part(it)).collect(),
        false => {
            let names = word.split('$').map(|it| it.trim_start_matches(['{', '!', '#']));
            names.map(|it| it.split(|it| !is_part(it)).next().unwrap_or_default()).collect()
        }
    };
    let table = options();
    let of = |ends: &[String]| names.iter().any(|name| name.split('_').any(|it| ends_in(it, ends)));
    if of(&table.variables_of_flags) {
        Some(Holds::Flags)
    } else if of(&table.variables_of_packages) || names.iter().any(|it| is_library(it)) {
        Some(Holds::Packages)
    } else {
        Some(Holds::Unknown)
    }
}

/// Whether a part of a name, in the plural or not, ends in one of some words.
fn ends_in(part: &str, ends: &[String]) -> bool {
    let part = part.to_lowercase();
    let one = part.strip_suffix('s').unwrap_or(&part);
    ends.iter().any(|it| one.ends_with(it.as_str()))
}

/// Whether a name is that of a library, as packages of libraries begin.
fn is_library(name: &str) -> bool {
    name.to_lowercase().starts_with("lib")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_held() {
        for word in [
            "$CURL_OPTS",
            "$CURLOPTS",
            "$PIPARGS",
            "${MAKE_FLAGS}",
            "$param",
            "$@",
            "$curlOpts",
            "${A:-$OPT}",
            "${ARGS[@]}",
        ] {
            assert_eq!(holds(word), Some(Holds::Flags), "{word}");
        }
        for word in ["$DEPS", "$buildDeps", "$PHPIZE_DEPS", "$PACKAGES", "${REQ}", "$(cat packages.txt)", "$LIBCURL"] {
            assert_eq!(holds(word), Some(Holds::Packages), "{word}");
        }
        for word in ["$TARGET_URL", "$CARGO", "$X/opt/a", "$OPTIMUM", "$A", "$(nproc)", "$DEPLOY", "$REQUEST_ID"] {
            assert_eq!(holds(word), Some(Holds::Unknown), "{word}");
        }
        for word in ["a", "\"$OPTS\"", "--b=$OPTS", "/opt/$ARGS"] {
            assert_eq!(holds(word), None, "{word}");
        }
    }
}
