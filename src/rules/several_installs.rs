use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Invocation, Role, Run},
    syntax::{
        SyntaxKind::*,
        SyntaxNode,
        ast::{AndOr, Command, has_comment, joined_text, trimmed_range},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Makes one install of two that follow each other in a chain of `&&` and that have the same flags.
    ///
    /// ## Why
    /// Each call reads the index and works out what is needed anew. One call is faster, and sees all packages together.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl && apt-get install -y git
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl git
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: what the first one installs may be there so that the second one can. Where a name says so (`-release`,
    /// `-transport-`, a file or an address), nothing is reported, nor where the second installs a file or a keyring
    /// with a flag that takes packages whatever their signature. The managers are those of systems: apt, apk, dnf, yum
    /// and zypper; for pip, npm and gem the order of installs often has a reason.
    ///
    /// ## See also
    /// `duplicate-packages`
    pub static RULE = {
        name: "several-installs",
        summary: "Installs of one package manager one after another",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[Change::RepeatedWords],
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let installs = |it: &Run| it.calls.iter().filter(|it| is_install(it)).count();
    for run in ctx.runs().filter(|it| installs(it) > 1) {
        for chain in run.script.syntax().descendants().filter_map(AndOr::cast) {
            let calls: Vec<_> = chain.pipelines().map(|it| install(it.syntax())).collect();
            for pair in calls.windows(2) {
                if let [Some(first), Some(second)] = pair
                    && is_followed_by_and(&first.pipeline)
                    && are_alike(first, second)
                {
                    findings.extend(finding(ctx, first, second));
                }
            }
        }
    }
}

/// Whether a call installs packages of the system.
fn is_install(call: &Invocation) -> bool {
    call.manager.system && call.role == Role::Install
}

/// An install of packages.
struct Install {
    pipeline: SyntaxNode,
    command: Command,
    call: Invocation,
}

/// A pipeline that is one install of packages that the system's package manager knows by name.
fn install(pipeline: &SyntaxNode) -> Option<Install> {
    let mut commands = pipeline.children();
    let command = commands.next().filter(|_| commands.next().is_none()).and_then(Command::cast)?;
    let bang = pipeline.children_with_tokens().any(|it| it.kind() == RESERVED);
    let call = Invocation::of(&command).filter(|it| is_install(it) && !bang)?;
    let plain = command.redirects().next().is_none() && !call.operands.is_empty();
    (plain && !call.has_flag(&["-t", "--virtual"])).then(|| Install { pipeline: pipeline.clone(), command, call })
}

fn is_followed_by_and(pipeline: &SyntaxNode) -> bool {
    let mut behind = std::iter::successors(pipeline.next_sibling_or_token(), |it| it.next_sibling_or_token());
    behind.find(|it| !it.kind().is_trivia()).is_some_and(|it| it.kind() == AND_IF)
}

/// Whether two installs differ in nothing but the packages, and the first one has none that may be there for the
/// second.
fn are_alike(first: &Install, second: &Install) -> bool {
    let rest = |it: &Install| -> Vec<String> {
        // The operands come in order.
        let words = it.call.words.iter().enumerate().filter(|(at, _)| it.call.operands.binary_search(at).is_err());
        it.command.assignments().map(|it| joined_text(it.syntax())).chain(words.map(|(_, it)| it.0.text())).collect()
    };
    let paves = |at: &usize| {
        let name = first.call.literal(*at);
        name.is_none_or(|it| {
            ["release", "transport", "/", ":", "keyring", "ca-certificates", "plugin", "utils"]
                .iter()
                .any(|one| it.contains(one))
        })
    };
    // A flag that a file needs is too much for packages that have a signature.
    let unsigned = |it: &Install| it.call.operands.iter().filter(|at| it.call.has_no_signature(**at)).count();
    let unlike = || {
        unsigned(second) > 0 && unsigned(first) < first.call.operands.len() && second.call.unverified().next().is_some()
    };
    rest(first) == rest(second) && !first.call.operands.iter().any(paves) && !unlike()
}

fn finding(ctx: &Context<'_>, first: &Install, second: &Install) -> Option<Finding> {
    let (from, to) = (trimmed_range(first.command.syntax()), trimmed_range(second.command.syntax()));
    let (at, last) = (*second.call.operands.first()?, *second.call.operands.last()?);
    // What stands before the packages goes, and with it the blanks; those before the first package stay.
    let head = TextRange::new(from.end(), trimmed_range(second.call.words.get(at.checked_sub(1)?)?.0.syntax()).end());
    let tail = TextRange::new(trimmed_range(second.call.words.get(last)?.0.syntax()).end(), to.end());
    let together = last - at + 1 == second.call.operands.len();
    let comment = || {
        let parent = second.pipeline.parent();
        parent.is_none_or(|it| has_comment(&it, head) || has_comment(&it, tail))
    };
    // What its author wrote on a line of its own stays on one.
    let package = trimmed_range(second.call.words.get(at)?.0.syntax()).start();
    let own_line = ctx.slice(TextRange::new(from.end(), to.start())).contains('\n')
        && !ctx.slice(TextRange::new(head.end(), package)).contains('\n');
    let edits = || {
        let mut edits = EditSet::from(match own_line {
            true => {
                let line = ctx.text[..usize::from(to.start())].rfind('\n').map_or("", |it| &ctx.text[it + 1..]);
                let indent: String = line.chars().take_while(|it| matches!(it, ' ' | '\t')).collect();
                let text = format!(" {}{}{indent}    ", ctx.escape(), ctx.eol);
                Edit::replace(TextRange::new(head.start(), package), text)
            }
            false => Edit::delete(head),
        });
        if !tail.is_empty() {
            edits.push(Edit::delete(tail)).ok()?;
        }
        Some(edits)
    };
    let fix = (together && !comment()).then(edits).flatten();
    Some(Finding {
        rule: &RULE,
        range: to,
        message: "this install could be part of the one before".to_owned(),
        fix: fix.map(|edits| Fix {
            title: "Make it part of the install before".to_owned(),
            safety: Safety::Unsafe,
            effect: Effect::Image,
            edits,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        self, Job,
        testing::{check_same, check_unsafe, findings},
    };

    #[test]
    fn lines_stay_apart() {
        let installs: String = (0..6_000).map(|it| format!(" \\\n    && apk add package-number-{it}")).collect();
        let text = format!("FROM a\nRUN true{installs}\n");
        let job = Job { rules: vec![&RULE], fix: Some(Safety::Unsafe), ..Job::default() };
        let outcome = fix::run(&text, &job);
        assert_eq!(outcome.faults, []);
        assert!(outcome.text.starts_with(
            "FROM a\nRUN true \\\n    && apk add package-number-0 \\\n        package-number-1 \\\n        package-number-2 \\\n"
        ));
        assert_eq!(outcome.text.lines().count(), text.lines().count());
    }

    #[test]
    fn installs_become_one() {
        for (before, after) in [
            ("apt-get install -y a && apt-get install -y b && c", "apt-get install -y a b && c"),
            ("apk add a && apk add b && apk add c", "apk add a b c"),
            ("apt-get install a -y && apt-get install b -y", "apt-get install a -y b"),
            (
                "A=1 apt-get install -y a \\\n  && A=1 apt-get install -y \\\n    b \\\n    c",
                "A=1 apt-get install -y a \\\n    b \\\n    c",
            ),
            ("if a; then dnf install b && dnf install c; fi", "if a; then dnf install b c; fi"),
            ("apt-get install a && apt-get install $B", "apt-get install a $B"),
            ("apt-get install a && apt-get install ./b.deb", "apt-get install a ./b.deb"),
            (
                "apk add --allow-untrusted a.apk && apk add --allow-untrusted b.apk",
                "apk add --allow-untrusted a.apk b.apk",
            ),
        ] {
            let text = |run: &str| format!("FROM a\nRUN {run}\n");
            check_unsafe(&RULE, &text(before), &text(after));
        }
    }

    #[test]
    fn what_may_have_a_reason_stays() {
        for run in [
            "yum install -y epel-release && yum install -y a",
            "apt-get install -y apt-transport-https && apt-get install -y a",
            "apt-get install ./a.deb && apt-get install b",
            "apt-get install -y a && apt-get install b",
            "apt-get install a; apt-get install b",
            "apt-get install a || apt-get install b",
            "apt-get install a && c && apt-get install b",
            "apt-get install a > x && apt-get install b > x",
            "yes | apt-get install a && apt-get install b",
            "apk add -t a b && apk add -t a c",
            "A=1 apt-get install a && apt-get install b",
            "apt-get install a && aptitude install b",
            "pip install a && pip install b",
            "apt-get install $A && apt-get install b",
            "apt-get install a && apt-get install -f",
            // What has no signature needs a flag that is too much for what has one.
            "apk add --allow-untrusted b && apk add --allow-untrusted ./x.apk",
            "apt-get install -y --force-yes b && apt-get install -y --force-yes a-keyring",
        ] {
            let text = format!("FROM a\nRUN {run}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 0, "{run}");
        }
        let comment = "FROM a\nRUN apt-get install a && \\\n  # for c\n  apt-get install b\n";
        check_same(&RULE, comment);
        assert_eq!(findings(&RULE, comment).len(), 1);
    }
}
