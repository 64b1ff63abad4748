use text_size::{TextRange, TextSize};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, RuleOption, Safety, Values, rule},
    model::{Invocation, Role},
    syntax::{
        SyntaxKind::*,
        SyntaxNode,
        ast::{Word, tokens_within, trimmed_range},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Sorts the packages of an install by name where each stands on a line of its own, or with an option all.
    ///
    /// ## Why
    /// In a sorted list a package is found, a second mention is seen, and two branches that add one each seldom meet on
    /// the same line.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y \
    ///     # for the build
    ///     git \
    ///     curl \
    ///     # for people
    ///     vim \
    ///     less
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y \
    ///     # for the build
    ///     curl \
    ///     git \
    ///     # for people
    ///     less \
    ///     vim
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: the step is rebuilt with the same result, because apt, apk, dnf, yum and zypper look at all packages
    /// together; pip, npm and gem, for which the order may matter, are left alone. A comment or an empty line begins a
    /// section, which is sorted for itself. A comment that names the package below it moves along with it. Variables,
    /// files, patterns, `name/suite` and `name-` keep the rule away, and a list that is in order by one of the usual
    /// collations is left as it is.
    ///
    /// ## See also
    /// `duplicate-packages`
    pub static RULE = {
        name: "unsorted-packages",
        summary: "Packages of an install out of order",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::OrderOfWords],
        options: &[RuleOption {
            name: "lists",
            about: "whether only lists with each package on a line of its own are sorted, or all",
            values: Values::Words(&["lines", "all"]),
        }],
        ids: &["S7018"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let all = ctx.settings.word(&RULE, "lists") == "all";
    for run in ctx.runs() {
        for call in run.calls.iter().filter(|it| it.role == Role::Install) {
            findings.extend(finding(ctx, call, all));
        }
    }
}

/// A package in a list.
#[derive(Debug, Clone)]
struct Entry<'a> {
    name: &'a str,
    /// As it is written.
    text: &'a str,
    range: TextRange,
    /// From the end of the word before.
    gap: TextRange,
    /// Whether comments, empty lines or lines with nothing but a continuation stand above it.
    marked: bool,
    /// Whether the comment above speaks of this package.
    attached: bool,
}

fn finding(ctx: &Context<'_>, call: &Invocation, all: bool) -> Option<Finding> {
    if !call.manager.system {
        return None;
    }
    let (first, last) = (*call.operands.first()?, *call.operands.last()?);
    // No flag may stand between, because it might say something of the next word.
    if last - first + 1 != call.operands.len() {
        return None;
    }
    let entries: Vec<Entry<'_>> = (first..=last).map(|at| entry(ctx, call, at)).collect::<Option<_>>()?;
    let breaks = |it: &Entry<'_>| ctx.slice(it.gap).contains('\n');
    if !all && !entries.iter().all(breaks) {
        return None;
    }
    let mut edits = EditSet::default();
    let mut sections: Vec<Vec<Entry<'_>>> = Vec::new();
    for entry in entries {
        match sections.last_mut().filter(|_| !entry.marked || entry.attached) {
            Some(section) => section.push(entry),
            None => sections.push(vec![entry]),
        }
    }
    for section in &sections {
        sort(ctx, section, &mut edits)?;
    }
    let range = trimmed_range(call.words.get(first)?.0.syntax()).cover(trimmed_range(call.words.get(last)?.0.syntax()));
    (!edits.is_empty()).then(|| Finding {
        rule: &RULE,
        range,
        message: "the packages are out of order".to_owned(),
        fix: Some(Fix { title: "Sort them".to_owned(), safety: Safety::Safe, effect: Effect::Rebuild, edits }),
    })
}

fn entry<'a>(ctx: &Context<'a>, call: &'a Invocation, at: usize) -> Option<Entry<'a>> {
    let (word, _) = call.words.get(at)?;
    let (before, _) = call.words.get(at.checked_sub(1)?)?;
    let name = call.literal(at).filter(|it| is_name(it))?;
    let range = trimmed_range(word.syntax());
    let gap = TextRange::new(trimmed_range(before.syntax()).end(), range.start());
    let text = ctx.slice(range);
    // A word that runs over a line break would take the break along.
    if text != word.text() {
        return None;
    }
    let above = above(word, gap);
    let parted = ctx.slice(gap).lines().filter(|it| it.trim_end().ends_with(ctx.escape())).count() > 1;
    let own = name.split(['=', '<', '>', '~', '@', ':']).next().unwrap_or(name).to_lowercase();
    let attached = !parted
        && above.iter().all(|it| it.kind() == COMMENT_LINE)
        && above.iter().any(|it| it.text().to_lowercase().contains(&own));
    Some(Entry { name, text, range, gap, marked: parted || !above.is_empty(), attached })
}

/// The comments and empty lines in the gap before a word.
fn above(word: &Word, gap: TextRange) -> Vec<crate::syntax::SyntaxToken> {
    let command: Option<SyntaxNode> = word.syntax().parent();
    let tokens = command.into_iter().flat_map(|it| tokens_within(&it, gap));
    tokens.filter(|it| matches!(it.kind(), COMMENT_LINE | EMPTY_LINE)).collect()
}

/// Whether a word is the plain name of a package, perhaps with a version.
fn is_name(word: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || "+-._:=~<>@".contains(it);
    word.starts_with(|it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '@'))
        && word.chars().all(plain)
        && !word.ends_with('-')
}

/// Adds the edits that sort a section; `None` where it can't be said which comment goes where.
fn sort(ctx: &Context<'_>, section: &[Entry<'_>], edits: &mut EditSet) -> Option<()> {
    let names: Vec<&str> = section.iter().map(|it| it.name).collect();
    if is_sorted(&names) {
        return Some(());
    }
    let mut sorted: Vec<&Entry<'_>> = section.iter().collect();
    sorted.sort_by_cached_key(|it| key(it.name));
    let moves_comments = section.iter().any(|it| it.attached);
    // A title stays above its section, and would part a comment that moves there from its package.
    if moves_comments && section.iter().any(|it| it.marked && !it.attached) {
        return None;
    }
    // Continuations that stand in a column stay there.
    let column = section.iter().any(|it| blanks_behind(ctx, it.range) > 1);
    if moves_comments && column {
        return None;
    }
    for (old, new) in section.iter().zip(sorted).filter(|(old, new)| old.range != new.range) {
        let edit = match moves_comments {
            true => Edit::replace(old.gap.cover(old.range), ctx.slice(new.gap.cover(new.range))),
            false if column && blanks_behind(ctx, old.range) > 0 => {
                let range = TextRange::at(
                    old.range.start(),
                    old.range.len() + TextSize::try_from(blanks_behind(ctx, old.range)).ok()?,
                );
                let width = usize::from(range.len()).max(new.text.len() + 1);
                Edit::replace(range, format!("{:width$}", new.text))
            }
            false => Edit::replace(old.range, new.text),
        };
        edits.push(edit).ok()?;
    }
    Some(())
}

/// How many blanks stand between a word and the continuation behind it.
fn blanks_behind(ctx: &Context<'_>, range: TextRange) -> usize {
    let behind = ctx.text.get(usize::from(range.end())..).unwrap_or_default();
    let rest = behind.trim_start_matches(' ');
    if rest.starts_with(ctx.escape()) { behind.len() - rest.len() } else { 0 }
}

/// By the name without its version, and without regard to case.
fn key(name: &str) -> (String, String) {
    let plain = name.split(['=', '<', '>', '~']).next().unwrap_or(name);
    (plain.to_lowercase(), name.to_owned())
}

/// Whether names are in order, be it by bytes, without regard to case, or as dictionaries and locales have it.
fn is_sorted(names: &[&str]) -> bool {
    let letters = |it: &str| -> String { it.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect() };
    names.is_sorted() || names.is_sorted_by_key(|it| key(it)) || names.is_sorted_by_key(|it| letters(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        Job, RuleSettings, Value, run,
        testing::{check, check_same},
    };

    fn list(lines: &[&str]) -> String {
        format!("FROM a\nRUN apt-get install -y \\\n    {} && x\n", lines.join(" \\\n    "))
    }

    #[test]
    fn packages_are_sorted() {
        check(&RULE, &list(&["b", "a", "c=2", "B"]), &list(&["a", "B", "b", "c=2"]));
        check(&RULE, &list(&["g++", "gcc", "\"curl\""]), &list(&["\"curl\"", "g++", "gcc"]));
        check(
            &RULE,
            "FROM a\nRUN apk add \\\n  c \\\n  # b is slow\n  b \\\n  a\n",
            "FROM a\nRUN apk add \\\n  a \\\n  # b is slow\n  b \\\n  c\n",
        );
        check(
            &RULE,
            "FROM a\nRUN dnf install \\\n  d \\\n  c \\\n\n  b \\\n  a\n",
            "FROM a\nRUN dnf install \\\n  c \\\n  d \\\n\n  a \\\n  b\n",
        );
    }

    #[test]
    fn continuations_in_a_column_stay_there() {
        check(
            &RULE,
            "FROM a\nRUN apk add \\\n  bbb   \\\n  a     \\\n  cc    \\\n  aaa && d\n",
            "FROM a\nRUN apk add \\\n  a     \\\n  aaa   \\\n  bbb   \\\n  cc && d\n",
        );
    }

    #[test]
    fn a_lone_continuation_parts_sections() {
        check(
            &RULE,
            "FROM a\nRUN apk add \\\n  c \\\n  b \\\n  \\\n# a is small\n  a \\\n  ; d\n",
            "FROM a\nRUN apk add \\\n  b \\\n  c \\\n  \\\n# a is small\n  a \\\n  ; d\n",
        );
    }

    #[test]
    fn what_has_an_order_or_none_stays() {
        for lines in [
            &["a", "b"][..],
            &["B", "a"],
            &["libxml2", "libx-y", "libxz"],
            &["b", "a $C"],
            &["b", "$A"],
            &["b", "a-"],
            &["b", "./a.deb"],
            &["b", "a/stable"],
            &["b", "-t", "a"],
            &["b", "-q", "a"],
            &["b", "a*"],
            &["b c", "a"],
            &["# all of them\n    b", "# a alone\n    a"],
        ] {
            check_same(&RULE, &list(lines));
        }
        for run in [
            "pip install \\\n  b \\\n  a",
            "apt-get install b a",
            "apt-get purge \\\n  b \\\n  a",
            "gem install \\\n  b \\\n  a",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {run}\n"));
        }
        // Whether the title of a section may part from a comment is not known.
        check_same(&RULE, "FROM a\nRUN apk add \\\n  # tools\n  c \\\n  # b is slow\n  b\n");
    }

    #[test]
    fn lists_on_one_line_are_sorted_where_asked_for() {
        let mut settings = RuleSettings::default();
        settings.set(&RULE, "lists", Value::Word("all"));
        let job = Job { rules: vec![&RULE], fix: Some(Safety::Safe), settings, ..Job::default() };
        let outcome = run("FROM a\nRUN apk add c a \\\n  b && d\n", &job);
        assert_eq!(outcome.text, "FROM a\nRUN apk add a b \\\n  c && d\n");
    }
}
