use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Invocation, Run},
    syntax::SyntaxKind::FUNCTION_DEF,
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes `apt-get` for `apt` where both do the same: `install`, `update`, `remove`, `purge`, `autoremove`, `clean`
    /// and the like. `apt upgrade`, which may install new packages, becomes `apt-get upgrade --with-new-pkgs`, and `apt
    /// full-upgrade` becomes `apt-get dist-upgrade`.
    ///
    /// ## Why
    /// `apt` is made for people: its manual reserves the right to change what it does and what it prints from one
    /// release to the next, and it says so on each call that has no terminal. `apt-get` stays as it is.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt update && apt install -y curl
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## Safety and effect
    /// Safe. The same packages are installed; what is printed differs, and so does the record in `/var/log/apt`. `apt`
    /// throws away the archives that it downloaded and `apt-get` does not, except in images that make it do so, as
    /// those of Debian and Ubuntu and all that are built on them. Operands with `*`, `?`, `~` or `^`, which the two
    /// read differently, make it unsafe. For `apt show`, `search` and `policy`, whose output may be read by something,
    /// `apt-cache` is only suggested; `apt list` and others that have no twin are left alone.
    pub static RULE = {
        name: "apt-command",
        summary: "`apt` in a script",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Words(&[
            ("apt", "apt-get"),
            ("upgrade", "upgrade --with-new-pkgs"),
            ("full-upgrade", "dist-upgrade"),
        ])],
        default: true,
        ids: &["DL3027", "CKV_DOCKER_9"],
        run: run,
    };
}

/// What `apt-get` does in the same way.
const SAME: &[&str] = &[
    "install",
    "update",
    "remove",
    "purge",
    "autoremove",
    "clean",
    "autoclean",
    "build-dep",
    "source",
    "download",
    "upgrade",
    "full-upgrade",
    "dist-upgrade",
];

/// What `apt-cache` does, with another output.
const CACHE: &[&str] = &["show", "search", "policy", "depends", "rdepends", "madison"];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // Mint has a program of this name that is another.
    if !ctx.model.calls_manager("apt") || ctx.text.contains("linuxmint") {
        return;
    }
    for run in ctx.runs().filter(|it| !defines_apt(it)) {
        findings.extend(run.calls_of("apt").filter_map(finding));
    }
}

fn finding(call: &Invocation) -> Option<Finding> {
    let (word, _) = call.words.iter().find(|it| it.1.literal() == Some("apt"))?;
    // A path names the program that is meant, and quotes are somebody's intention.
    if call.program != "apt" || word.text() != "apt" {
        return None;
    }
    let subcommand = call.literal(call.subcommand)?;
    let (program, mut safety) = match subcommand {
        it if SAME.contains(&it) => ("apt-get", Safety::Safe),
        it if CACHE.contains(&it) => ("apt-cache", Safety::Suggest),
        _ => return None,
    };
    let has_pattern = |at: &usize| call.words.get(*at).is_some_and(|it| it.0.text().contains(['*', '?', '~', '^']));
    if program == "apt-get" && call.operands.iter().any(has_pattern) {
        safety = Safety::Unsafe;
    }
    let range = word.syntax().text_range();
    let mut edits = EditSet::from(Edit::replace(range, program));
    let (verb, _) = call.words.get(call.subcommand)?;
    let verb = verb.syntax().text_range();
    match subcommand {
        "upgrade" => edits.push(Edit::insert(verb.end(), " --with-new-pkgs")).ok()?,
        "full-upgrade" => edits.push(Edit::replace(verb, "dist-upgrade")).ok()?,
        _ => {}
    }
    Some(Finding {
        rule: &RULE,
        range,
        message: "`apt` is for people, and what it does may change with each release".to_owned(),
        fix: Some(Fix { title: format!("Use `{program}`"), safety, effect: Effect::Image, edits }),
    })
}

/// Whether a script has a function of that name.
fn defines_apt(run: &Run) -> bool {
    run.kinds().has(FUNCTION_DEF)
        && run
            .script
            .syntax()
            .descendants()
            .any(|it| it.kind() == FUNCTION_DEF && it.text().to_string().starts_with("apt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings, suggested};

    #[test]
    fn apt_get_does_the_same() {
        for (before, after) in [
            ("apt update && apt -y install a", "apt-get update && apt-get -y install a"),
            ("sudo -E apt install -y a ./b.deb", "sudo -E apt-get install -y a ./b.deb"),
            (
                "A=1 apt install a || (apt purge b; apt autoremove)",
                "A=1 apt-get install a || (apt-get purge b; apt-get autoremove)",
            ),
            ("if a; then apt clean; fi", "if a; then apt-get clean; fi"),
            ("apt upgrade -y", "apt-get upgrade --with-new-pkgs -y"),
            ("apt -y full-upgrade", "apt-get -y dist-upgrade"),
            ("apt install $PACKAGES", "apt-get install $PACKAGES"),
            ("apt install apt", "apt-get install apt"),
            ("yes | apt install a", "yes | apt-get install a"),
            ("apt \\\n  install \\\n  # c\n  a", "apt-get \\\n  install \\\n  # c\n  a"),
        ] {
            check(&RULE, &format!("FROM a\nRUN {before}\n"), &format!("FROM a\nRUN {after}\n"));
        }
        check_unsafe(&RULE, "FROM a\nRUN apt remove 'a*'\n", "FROM a\nRUN apt-get remove 'a*'\n");
    }

    #[test]
    fn what_is_printed_may_be_read() {
        assert_eq!(suggested(&RULE, "FROM a\nRUN apt policy b\n"), ["FROM a\nRUN apt-cache policy b\n"]);
        check_same(&RULE, "FROM a\nRUN apt show b | grep c\n");
    }

    #[test]
    fn what_has_no_twin_stays() {
        for text in [
            "FROM a\nRUN apt list --installed\n",
            "FROM a\nRUN apt edit-sources\n",
            "FROM a\nRUN apt $ACTION a\n",
            "FROM a\nRUN /usr/bin/apt install a\n",
            "FROM a\nRUN bash -c 'apt install a'\n",
            "FROM a\nRUN apt-get install apt\n",
            "FROM a\nRUN apt() { true; } && apt install a\n",
            "FROM a\nRUN \"apt\" install a\n",
            "FROM a\nONBUILD RUN apt install a\n",
            "FROM a\nRUN [\"apt\", \"install\", \"a\"]\n",
            "FROM linuxmintd/mint21-amd64\nRUN apt install -y a\n",
            "FROM a\nSHELL [\"powershell\"]\nRUN apt install a\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
    }
}
