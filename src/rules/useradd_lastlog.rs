use crate::{
    fix::{Context, Effect, Finding, Findings, Group, MORE_WORDS, Safety, behind, rule},
    model::{Call, Simple},
};

rule! {
    /// ## What it does
    /// Adds `-l` to a `useradd` that makes a user with a large number.
    ///
    /// ## Why
    /// `useradd` writes the user's place in `/var/log/lastlog` and `/var/log/faillog`, which are as long as the number
    /// is large. A file system keeps the holes in them as nothing; a layer of an image does not, and may take
    /// gigabytes. From shadow 4.13 on, which Debian 12 and Ubuntu 24.04 have, it leaves them alone by itself.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN useradd -u 1000130000 app
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN useradd -l -u 1000130000 app
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: the user is the same, and nobody logs in who would look at those files. The image changes on purpose.
    /// Numbers of more than five digits are large. One that is a variable is not known.
    pub static RULE = {
        name: "useradd-lastlog",
        summary: "`useradd` of a large number that fills `lastlog`",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3046"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for run in ctx.runs().filter(|it| it.text.contains("useradd")) {
        findings.extend(run.commands().iter().filter_map(finding));
    }
}

fn finding(command: &Simple) -> Option<Finding> {
    let call = Call::of_program(command, &["useradd"]).filter(|it| !it.open)?;
    if call.has(&["-l", "--no-log-init", "-D", "--defaults"]) {
        return None;
    }
    let uid = call.flags.iter().find(|it| matches!(it.0.as_str(), "-u" | "--uid"))?.1.as_deref()?;
    let large = uid.bytes().all(|it| it.is_ascii_digit()) && uid.trim_start_matches('0').len() > 5;
    let message = "`useradd` makes `lastlog` as long as the user's number is large";
    if large { behind(&RULE, &call.word, "-l", message, Safety::Safe) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn large_numbers_get_it() {
        for (before, after) in [
            ("useradd --uid=123456 -m a", "useradd -l --uid=123456 -m a"),
            ("a && sudo useradd -mu 123456 b", "a && sudo useradd -l -mu 123456 b"),
            ("/usr/sbin/useradd -u123456 a", "/usr/sbin/useradd -l -u123456 a"),
        ] {
            check(&RULE, &format!("FROM a\nRUN {before}\n"), &format!("FROM a\nRUN {after}\n"));
        }
    }

    #[test]
    fn what_has_it_or_is_small_stays() {
        for shell in [
            "useradd -l -u 123456 a",
            "useradd -mlu 123456 a",
            "useradd --no-log-init --uid 123456 a",
            "useradd -u 10001 a",
            "useradd -u 000001 a",
            "useradd -u $UID a",
            "useradd -g 123456 a",
            "useradd a",
            "adduser -u 123456 a",
            "useradd $OPTIONS -u 123456 a",
            "echo useradd -u 123456 a",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {shell}\n"));
        }
    }
}
