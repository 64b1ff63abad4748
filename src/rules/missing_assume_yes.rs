use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, rule, with_flag},
    model::{Invocation, Role, is_fed},
};

rule! {
    /// ## What it does
    /// Adds `-y` to installs, upgrades and removals with apt-get, yum, dnf and tdnf that would ask, and to those with
    /// zypper.
    ///
    /// ## Why
    /// Nobody answers while an image is built: the program aborts.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install curl
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: a build that aborts begins to work. Nothing is reported where `yes` or a here-document answers, where a
    /// variable or a file of settings may say it (`APT::Get::Assume-Yes`, `assumeyes`), or for `-qq`, which apt takes
    /// for `-y` too. microdnf never asks.
    pub static RULE = {
        name: "missing-assume-yes",
        summary: "A package manager that asks",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3014", "DL3030", "DL3034", "DL3038", "DS-0021"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if ["Assume-Yes", "assumeyes"].iter().any(|it| ctx.text.contains(it)) {
        return;
    }
    for run in ctx.runs() {
        for call in run.calls.iter().filter(|it| asks(it) && !it.words.first().is_some_and(|it| is_fed(&it.0))) {
            let message = "nobody answers when this asks";
            findings.extend(with_flag(&RULE, call, "-y", message, Safety::Safe));
        }
    }
}

fn asks(call: &Invocation) -> bool {
    // Nothing to remove is nothing to ask about.
    let idle = matches!(call.literal(call.subcommand), Some("remove" | "purge" | "erase")) && call.operands.is_empty();
    let asking = matches!(call.role, Role::Install | Role::Upgrade | Role::Remove) && !idle;
    asking && call.may_ask() && !matches!(call.program.as_str(), "aptitude" | "microdnf")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn the_flag_is_added() {
        check(
            &RULE,
            "FROM a\nRUN apt-get install b && apt-get purge c\n",
            "FROM a\nRUN apt-get install -y b && apt-get purge -y c\n",
        );
        check(&RULE, "FROM a\nRUN yum install b && dnf upgrade\n", "FROM a\nRUN yum install -y b && dnf upgrade -y\n");
        // The value of a flag says nothing of others.
        let value = "FROM a\nRUN apt-get -oAcquire::queue=b -q install";
        check(&RULE, &format!("{value} c\n"), &format!("{value} -y c\n"));
        check(&RULE, "FROM a\nRUN tdnf install b\n", "FROM a\nRUN tdnf install -y b\n");
        for more in ["a | b && ", "a < b; ", "--force-yes "] {
            let (before, flag) = if more.starts_with('-') { ("", more) } else { (more, "") };
            check(
                &RULE,
                &format!("FROM a\nRUN {before}apt-get install {flag}b 2>&1\n"),
                &format!("FROM a\nRUN {before}apt-get install -y {flag}b 2>&1\n"),
            );
        }
        check(
            &RULE,
            "FROM a\nRUN apt-get install -oDpkg::Use-Pty=0 b\n",
            "FROM a\nRUN apt-get install -y -oDpkg::Use-Pty=0 b\n",
        );
        check(&RULE, "FROM a\nRUN zypper in b\n", "FROM a\nRUN zypper in -y b\n");
    }

    #[test]
    fn what_has_it_or_needs_none_stays() {
        for text in [
            "FROM a\nRUN apt-get install -y b\n",
            "FROM a\nRUN apt-get -y install b\n",
            "FROM a\nRUN apt-get install -qqy b\n",
            "FROM a\nRUN apt-get install -qq b\n",
            "FROM a\nRUN apt-get -q -q install b\n",
            "FROM a\nRUN apt-get install --yes b\n",
            "FROM a\nRUN yes | apt-get install b\n",
            "FROM a\nRUN yes | (apt-get update && apt-get install b)\n",
            "FROM a\nRUN yes '' | if c; then apt-get install b; fi\n",
            "FROM a\nRUN { apt-get install b; } < /c\n",
            "FROM a\nRUN echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/b\nRUN apt-get install c\n",
            "FROM a\nRUN zypper -n in b\n",
            "FROM a\nRUN microdnf install b && microdnf update\n",
            "FROM a\nRUN zypper --non-interactive up\n",
            "FROM a\nRUN apt-get update\n",
            "FROM a\nRUN apt-get install --assume-no b\n",
            "FROM a\nRUN apt-get clean && apt-get purge\n",
            "FROM a\nRUN bash -c \"apt-get install b\"\n",
            "FROM a\nRUN apt-get install $ARGS\n",
            "FROM a\nRUN apt-get install b < /c\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
