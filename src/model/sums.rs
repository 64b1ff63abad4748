//! Checks of files against sums and signatures that do not say in the text which files these are.

/// Whether a shell text checks files that it may not name. Sums that are read from a file may be those of any, while
/// `echo` and heredocs that hand sums to the program have the names in the text, but where a variable stands for one.
pub(super) fn checks_unnamed(text: &str) -> bool {
    if !text.contains("sum") && !text.contains("--verify") {
        return false;
    }
    let joined = text.replace("\\\n", " ").replace("\\\r\n", " ");
    joined.split([';', '&', '\n']).any(|pipeline| {
        let parts: Vec<Vec<&str>> = pipeline.split('|').map(words).collect();
        let before = |at: usize| at.checked_sub(1).and_then(|it| parts.get(it)).map(Vec::as_slice).unwrap_or_default();
        parts.iter().enumerate().any(|(at, it)| verifies(it) || reads_sums(it, before(at)))
    })
}

fn words(text: &str) -> Vec<&str> {
    text.split(|it: char| it.is_whitespace() || "\"'`()[],".contains(it)).filter(|it| !it.is_empty()).collect()
}

/// The arguments of a program among the words of a command; what redirects its output is none of them.
fn arguments<'a, 't>(words: &'a [&'t str], program: impl Fn(&str) -> bool) -> Option<&'a [&'t str]> {
    let at = words.iter().position(|it| program(it.rsplit('/').next().unwrap_or(it)))?;
    let rest = words.get(at + 1..)?;
    rest.get(..rest.iter().position(|it| it.contains('>')).unwrap_or(rest.len()))
}

/// Whether a command checks sums and has them from elsewhere than from the text, where `before` is piped into it.
fn reads_sums(command: &[&str], before: &[&str]) -> bool {
    let Some(arguments) = arguments(command, |it| it.ends_with("sum")) else { return false };
    let letters = |it: &str| it.strip_prefix('-').is_some_and(|it| !it.starts_with('-') && it.contains('c'));
    if !arguments.iter().any(|it| *it == "--check" || letters(it)) || arguments.iter().any(|it| it.starts_with("<<")) {
        return false;
    }
    let number = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let from_pipe = arguments.iter().all(|it| it.starts_with('-') || number(it) || *it == "/dev/stdin");
    let told =
        before.iter().any(|it| matches!(*it, "echo" | "printf")) && before.last().is_some_and(|it| !is_variable(it));
    !(from_pipe && told)
}

/// Whether a command checks a signature that a variable or a pattern names.
fn verifies(command: &[&str]) -> bool {
    let arguments = arguments(command, |it| matches!(it, "gpg" | "gpg2")).unwrap_or_default();
    arguments.contains(&"--verify") && arguments.iter().any(|it| is_variable(it) || it.contains('*'))
}

fn is_variable(word: &str) -> bool {
    word.starts_with('$') && word.chars().skip(1).all(|it| it.is_ascii_alphanumeric() || "_{}".contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read() {
        for text in [
            "sha256sum -c SUMS",
            "cd x && /usr/bin/sha512sum --check --strict SUMS > /dev/null",
            "shasum -a 256 -c SUMS",
            "RUN [\"md5sum\", \"-c\", \"SUMS\"]",
            "grep x SUMS | sha1sum -c -",
            "echo \"$SUMS\" | sha256sum -c",
            "echo \"$A  $B\" | b2sum -c -",
            "echo a | sha256sum -c SUMS",
            "sha256sum -wc < SUMS",
            "curl x | sha256sum -c || exit 1",
            "gpg --batch --verify $SIG",
            "gpg --verify *.asc",
        ] {
            assert!(checks_unnamed(text), "{text}");
        }
        for text in [
            "echo \"$SUM  b.tgz\" | sha256sum -c -",
            "printf '%s  %s' $SUM \"b-$V.tgz\" | shasum -a 256 -c > /dev/null",
            "echo \"$SUM  b.tgz\" \\\n  | sha256sum -c \\\n  && tar x",
            "sha256sum -c <<EOF",
            "sha256sum b",
            "sum -r c",
            "gpg --verify b.asc b",
            "make checksum",
        ] {
            assert!(!checks_unnamed(text), "{text}");
        }
    }
}
