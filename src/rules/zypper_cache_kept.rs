use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, leftovers, rule},
    model::Role,
};

rule! {
    /// ## What it does
    /// Cleans the caches of zypper at the end of a RUN that installs with it.
    ///
    /// ## Why
    /// The metadata of the repositories stays in the image and is of no use there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM opensuse/leap
    /// RUN zypper -n install curl
    /// ```
    /// ```dockerfile
    /// FROM opensuse/leap
    /// RUN zypper -n install curl && zypper clean --all
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: a later install reads the metadata again. Where several RUNs of a stage install, they are reported without
    /// a fix: they had better be one. So are installs that may not run or may fail with nobody to notice (`a; b`
    /// without `set -e`), that run by `sudo`, or that install elsewhere. The image changes on purpose: it loses the
    /// cache. Only stages that are in an image are looked at, and a mount over the cache keeps the rule quiet.
    pub static RULE = {
        name: "zypper-cache-kept",
        summary: "Caches of zypper left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3036", "DS-0020"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let all = leftovers(ctx, "zypper", &[Role::Install, Role::Upgrade]);
    // Whoever does not refresh needs what an earlier call has read.
    if all.is_empty() || ctx.text.contains("--no-refresh") {
        return;
    }
    for it in &all {
        let message = "the caches of zypper stay in the image";
        let mut finding = it.finding(ctx, &RULE, message, "zypper clean --all", Safety::Safe);
        // Cleaning between two installs would have the metadata read twice; they had better be one RUN.
        finding.fix = finding.fix.filter(|_| all.iter().filter(|other| other.run.stage == it.run.stage).count() == 1);
        findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn caches_go_at_the_end() {
        check(
            &RULE,
            "FROM a\nRUN zypper ref && zypper in -y b\n",
            "FROM a\nRUN zypper ref && zypper in -y b && zypper clean --all\n",
        );
    }

    #[test]
    fn what_is_clean_or_mounted_or_in_no_image_stays() {
        for text in [
            "FROM a\nRUN zypper in -y b && zypper cc\n",
            "FROM a\nRUN zypper in -y b && rm -rf /var/cache/zypp/*\n",
            "FROM a\nRUN --mount=type=cache,target=/var/cache/zypp zypper in -y b\n",
            "FROM a\nRUN zypper in -y b\nFROM c\n",
            "FROM a\nRUN zypper search b\n",
            "FROM a\nRUN zypper -n -R /c in b\n",
            "FROM a\nRUN zypper in -y b\nRUN <<EOF\nzypper -n --no-refresh in c\nEOF\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
