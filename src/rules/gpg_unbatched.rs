use crate::{
    fix::{Context, Effect, Finding, Findings, Group, MORE_WORDS, Safety, behind, rule},
    model::{Call, Simple},
};

rule! {
    /// ## What it does
    /// Adds `--batch` to a `gpg` that fetches or imports keys or verifies a signature.
    ///
    /// ## Why
    /// Nobody answers while an image is built. Without `--batch` gpg takes itself to speak with a person: what it
    /// prints and asks depends on the terminal that it finds or doesn't find.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN gpg --keyserver keys.openpgp.org --recv-keys ABCDEF
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN gpg --batch --keyserver keys.openpgp.org --recv-keys ABCDEF
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: these commands ask nothing that could be answered. The step is rebuilt, with the same files. Commands that
    /// do something else in a batch (`--gen-key`, `--edit-key`, `--delete-keys`) are left alone, and so are those that
    /// ask the key servers of `sks-keyservers.net`, which are gone.
    pub static RULE = {
        name: "gpg-unbatched",
        summary: "`gpg` without `--batch`",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: MORE_WORDS,
        default: false,
        ids: &["gpgUseBatchFlag"],
        run: run,
    };
}

/// Commands of gpg that ask nothing.
const COMMANDS: &[&str] =
    &["--recv-keys", "--recv-key", "--receive-keys", "--recv", "--import", "--fetch-keys", "--verify"];

/// Flags of those who have thought of it, or of commands that ask.
const OTHER: &[&str] =
    &["--batch", "--no-batch", "--no-tty", "--gen-key", "--edit-key", "--delete-keys", "--delete-key", "--sign-key"];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for run in ctx.runs().filter(|it| !it.text.contains("sks-keyservers")) {
        findings.extend(run.commands().iter().filter_map(finding));
    }
}

fn finding(command: &Simple) -> Option<Finding> {
    let call = Call::of_program(command, &["gpg", "gpg2"]).filter(|it| !it.open)?;
    if !call.has(COMMANDS) || call.has(OTHER) {
        return None;
    }
    behind(&RULE, &call.word, "--batch", "nobody answers when gpg asks", Safety::Safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn the_flag_is_added() {
        check(
            &RULE,
            "FROM a\nRUN gpg2 --import a && curl b | gpg --verify c -\n",
            "FROM a\nRUN gpg2 --batch --import a && curl b | gpg --batch --verify c -\n",
        );
    }

    #[test]
    fn what_has_it_or_would_ask_stays() {
        for shell in [
            "gpg --batch --import a",
            "gpg --no-tty --import a",
            "gpg --gen-key",
            "gpg --edit-key a --import b",
            "gpg --keyserver ha.pool.sks-keyservers.net --recv-keys a",
            "gpg -d a",
            "gpg $GPG_OPTS --import a",
            "apt-get install gpg --import",
            "gpgv a",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {shell}\n"));
        }
    }
}
