use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Invocation, Role},
    syntax::ast::has_comment,
    text::Edit,
};

rule! {
    /// ## What it does
    /// Reports flags by which a package manager installs what nobody has signed, and takes them out. The `--force-yes`
    /// of apt becomes `-y`, where that is not there.
    ///
    /// ## Why
    /// Whoever sits between the build and the mirror decides what is installed. Most such flags were put in against a
    /// key that was missing for a day, or, like `--force-yes`, in the belief that they only answer questions.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y --force-yes git
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y git
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: the build fails where a repository has no signature or its key is missing, which then is what is to be
    /// mended; and `--force-yes` also lets packages go back to older versions. Installs of files and URLs are left
    /// alone, because there is no repository that could have signed them, and so are those of keyrings.
    pub static RULE = {
        name: "unverified-packages",
        summary: "Packages installed whatever their signature",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[Change::Words(&[
            ("--force-yes", ""),
            ("--force-yes", "-y"),
            ("--allow-unauthenticated", ""),
            ("--nogpgcheck", ""),
            ("--no-gpg-checks", ""),
            ("--allow-untrusted", ""),
        ])],
        default: true,
        ids: &["CKV2_DOCKER_7", "CKV2_DOCKER_8", "CKV2_DOCKER_9", "CKV2_DOCKER_11"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for call in ctx.runs().flat_map(|it| &it.calls) {
        if !matches!(call.role, Role::Install | Role::Upgrade)
            || call.operands.iter().any(|it| call.has_no_signature(*it))
        {
            continue;
        }
        let mut said = call.assumes_yes();
        for (at, flag) in call.unverified() {
            let yes = flag == "--force-yes" && !std::mem::replace(&mut said, true);
            let Some((word, _)) = call.words.get(at) else { continue };
            findings.push(Finding {
                rule: &RULE,
                range: word.syntax().text_range(),
                message: format!("`{flag}` installs packages whatever their signature"),
                fix: without(ctx, call, at, yes),
            });
        }
    }
}

/// The call without a flag, or with `-y` in its place.
fn without(ctx: &Context<'_>, call: &Invocation, at: usize, yes: bool) -> Option<Fix> {
    let range = |at: usize| Some(call.words.get(at)?.0.syntax().text_range());
    let own = range(at)?;
    let before = TextRange::new(range(at.checked_sub(1)?)?.end(), own.start());
    let behind = range(at + 1).map(|it| TextRange::new(own.end(), it.start()));
    let edit = if yes {
        Edit::replace(own, "-y")
    } else {
        let broken = |it: TextRange| ctx.slice(it).contains('\n');
        // A flag that begins a line goes with the gap behind it, so that the next word does.
        let gone = match behind.filter(|it| broken(before) && !broken(*it)) {
            Some(behind) => own.cover(behind),
            None => own.cover(before),
        };
        // A comment above the flag may be about it.
        let parent = call.words.get(at)?.0.syntax().parent()?;
        if has_comment(&parent, before) {
            return None;
        }
        Edit::delete(gone)
    };
    let title = if yes { "Write `-y`" } else { "Take the flag out" };
    Some(Fix { title: title.to_owned(), safety: Safety::Unsafe, effect: Effect::Image, edits: edit.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    fn file(shell: &str) -> String {
        format!("FROM a\nRUN {shell}\n")
    }

    #[test]
    fn flags_go() {
        for (before, after) in [
            ("apt-get install -y --force-yes b", "apt-get install -y b"),
            ("apt-get install --force-yes b", "apt-get install -y b"),
            ("apt-get --force-yes -y install b", "apt-get -y install b"),
            ("apt-get install b --force-yes --force-yes", "apt-get install b -y"),
            ("apt-get install -qq --allow-unauthenticated b=$C", "apt-get install -qq b=$C"),
            ("apt-get install -y \\\n  --force-yes \\\n  b", "apt-get install -y \\\n  b"),
            ("apt-get install -y \\\n  --force-yes b \\\n  c", "apt-get install -y \\\n  b \\\n  c"),
            ("apt-get -y --force-yes dist-upgrade && c", "apt-get -y dist-upgrade && c"),
            ("yum install -y --nogpgcheck b", "yum install -y b"),
            ("zypper --no-gpg-checks in -y b", "zypper in -y b"),
            ("apk add --allow-untrusted b", "apk add b"),
        ] {
            check_unsafe(&RULE, &file(before), &file(after));
        }
    }

    #[test]
    fn files_and_others_stay() {
        for shell in [
            "apt-get install -y b",
            "apt-get install -y --force-yes ./b.deb",
            "apk add --allow-untrusted glibc-1.apk",
            "apk add --allow-untrusted /tmp/b",
            "apk add --allow-untrusted $B",
            "apk add --allow-untrusted glibc-${C}.apk",
            "dnf install -y --nogpgcheck https://example.com/b.rpm",
            "dnf install -y --nogpgcheck \"https://example.com/$(rpm -E %fedora).rpm\"",
            "apt-get install -y --force-yes deb-multimedia-keyring",
            "apk index --allow-untrusted -o b",
            // This flag is about files on the command line alone.
            "zypper in --allow-unsigned-rpm b",
            "echo apt-get --force-yes install b",
            "apt-get remove --force-yes b",
        ] {
            check_same(&RULE, &file(shell));
            assert_eq!(findings(&RULE, &file(shell)).len(), 0, "{shell}");
        }
        let commented = file("apt-get install -y \\\n# why\n  --force-yes b");
        check_same(&RULE, &commented);
        assert_eq!(findings(&RULE, &commented).len(), 1);
        check_same(&RULE, "FROM a\nONBUILD RUN apt-get install -y --force-yes b\n");
    }
}
