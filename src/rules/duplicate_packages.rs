use std::collections::HashSet;

use text_size::{TextRange, TextSize};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Invocation, Role},
    syntax::ast::{has_comment, trimmed_range},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Drops a package from an install that has named it already.
    ///
    /// ## Why
    /// It is installed once. The second mention is left over from a merge, and whoever removes the first one wonders
    /// why the package is still there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl git curl
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl git
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: the step is rebuilt with the same result. Only a literal word that is the same to the last letter is
    /// dropped; what has another version, and what stands behind a flag whose value it may be, is left alone. A comment
    /// above the second mention stays.
    ///
    /// ## See also
    /// `several-installs`, `unsorted-packages`
    pub static RULE = {
        name: "duplicate-packages",
        summary: "A package named twice in one install",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::RepeatedWords],
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for run in ctx.runs() {
        for call in run.calls.iter().filter(|it| it.role == Role::Install && !has_flags_by_operand(it)) {
            for at in repeated(call) {
                findings.extend(finding(ctx, call, at));
            }
        }
    }
}

/// Whether flags of a call belong to the operands before them.
fn has_flags_by_operand(call: &Invocation) -> bool {
    call.manager.family == "gem" && call.has_flag(&["-v", "--version", "--platform"])
}

/// The indices of the operands that stand before as well.
fn repeated(call: &Invocation) -> Vec<usize> {
    let certain =
        |at: usize| at.checked_sub(1).and_then(|it| call.words.get(it)).is_some_and(|it| is_no_value(&it.0.text()));
    let mut seen: HashSet<String> = HashSet::new();
    let mut repeated = Vec::new();
    for at in call.operands.iter().copied().filter(|it| certain(*it)) {
        let Some((word, _)) = call.words.get(at).filter(|it| it.1.literal().is_some()) else { continue };
        let name = word.text();
        if !seen.insert(name) {
            // What stands right behind a flag might be its value after all.
            let behind_flag =
                at.checked_sub(1).and_then(|it| call.words.get(it)).is_some_and(|it| it.0.text().starts_with('-'));
            repeated.extend((!behind_flag).then_some(at));
        }
    }
    repeated
}

/// Long flags without a value that stand right before packages.
const SWITCHES: &[&str] = &[
    "--yes",
    "--assume-yes",
    "--assumeyes",
    "--no-install-recommends",
    "--no-install-suggests",
    "--force-yes",
    "--quiet",
    "--no-cache",
    "--update-cache",
    "--no-cache-dir",
    "--upgrade",
    "--user",
    "--allow-unauthenticated",
    "--fix-missing",
    "--global",
    "--save",
    "--save-dev",
    "--dev",
    "--no-document",
    "--no-ri",
    "--no-rdoc",
    "--nogpgcheck",
    "--no-confirm",
    "--no-recommends",
    "--non-interactive",
    "--nodocs",
    "--allow-downgrades",
    "--reinstall",
    "--force-reinstall",
];

/// Whether a word surely takes no value from the word behind it: no flag, or one that is known.
fn is_no_value(word: &str) -> bool {
    let long = word.starts_with("--") && word != "--";
    // The tables know the short flags that take a value.
    !long || word.contains('=') || SWITCHES.contains(&word)
}

fn finding(ctx: &Context<'_>, call: &Invocation, at: usize) -> Option<Finding> {
    let (word, _) = call.words.get(at)?;
    let (before, _) = call.words.get(at.checked_sub(1)?)?;
    let own = trimmed_range(word.syntax());
    let between = TextRange::new(trimmed_range(before.syntax()).end(), own.start());
    let command = word.syntax().parent()?;
    let fix = (!has_comment(&command, between)).then(|| {
        let edits = Edit::delete(gone(ctx, between, own)?).into();
        Some(Fix { title: "Drop the second mention".to_owned(), safety: Safety::Safe, effect: Effect::Rebuild, edits })
    });
    Some(Finding {
        rule: &RULE,
        range: own,
        message: format!("`{}` is named before in the same install", call.literal(at)?),
        fix: fix.flatten(),
    })
}

/// What goes with a word: the gap before it, or that behind it where it begins a line that has others, or its line.
fn gone(ctx: &Context<'_>, before: TextRange, own: TextRange) -> Option<TextRange> {
    let behind = ctx.text.get(usize::from(own.end())..)?;
    let (line, _) = behind.split_once('\n').unwrap_or((behind, ""));
    if let Some(at) = ctx.slice(before).rfind('\n')
        && line.trim() == ctx.escape().to_string()
    {
        let start = before.start() + TextSize::try_from(at + 1).ok()?;
        return Some(TextRange::new(start, own.end() + TextSize::try_from(line.len() + 1).ok()?));
    }
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    let word = behind.get(blanks..)?.starts_with(|it: char| it.is_ascii_alphanumeric());
    match ctx.slice(before).contains('\n') && word {
        true => Some(TextRange::at(own.start(), own.len() + TextSize::try_from(blanks).ok()?)),
        false => Some(before.cover(own)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn the_second_mention_goes() {
        for (before, after) in [
            ("apt-get install -y a b a && c", "apt-get install -y a b && c"),
            ("apt-get install -y a a a b b", "apt-get install -y a b"),
            ("apt-get install \\\n  a \\\n  b \\\n  a \\\n  c", "apt-get install \\\n  a \\\n  b \\\n  c"),
            (
                "apk add --no-cache \\\n    a \\\n    b \\\n    a \\\n && c",
                "apk add --no-cache \\\n    a \\\n    b \\\n && c",
            ),
            (
                "apt-get install \\\n    abc   \\\n    d     \\\n    abc   \\\n    efghi \\\n && j",
                "apt-get install \\\n    abc   \\\n    d     \\\n    efghi \\\n && j",
            ),
            ("pip install a==1 b a==1", "pip install a==1 b"),
            ("apt-get install a \\\n  a c \\\n  b", "apt-get install a \\\n  c \\\n  b"),
            ("npm install -g a b a", "npm install -g a b"),
            ("yum -y install a a --nogpgcheck", "yum -y install a --nogpgcheck"),
            ("(zypper in a a)", "(zypper in a)"),
            (
                "apt-get install \\\n  # one\n  a \\\n  # two\n  b \\\n  a",
                "apt-get install \\\n  # one\n  a \\\n  # two\n  b",
            ),
        ] {
            check(&RULE, &format!("FROM a\nRUN {before}\n"), &format!("FROM a\nRUN {after}\n"));
        }
    }

    #[test]
    fn what_is_not_the_same_stays() {
        for run in [
            "apt-get install a a=1",
            "apt-get install a && apt-get install a",
            "apt-get install a 'a'",
            "apt-get install $A $A",
            "apt-get install a* a*",
            "apt-get install a -t a",
            "apt-get install --unknown a a",
            "apt-get install a --unknown a",
            "pip install -r a -r a",
            "pip install -e . -c a -e .",
            "gem install a -v 1 a -v 2",
            "apk add a -t a",
            "apt-get purge a a",
            "echo install a a",
        ] {
            let text = format!("FROM a\nRUN {run}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 0, "{run}");
        }
        let comment = "FROM a\nRUN apt-get install \\\n  a \\\n  # needed by b\n  a\n";
        check_same(&RULE, comment);
        assert_eq!(findings(&RULE, comment).len(), 1);
    }
}
