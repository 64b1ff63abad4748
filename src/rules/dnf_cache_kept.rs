use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, leftovers, rule},
    model::{Role, Run},
};

rule! {
    /// ## What it does
    /// Cleans the caches of yum, dnf, microdnf and tdnf at the end of a RUN that installs with them.
    ///
    /// ## Why
    /// The metadata of the repositories, often 100 MB and more, stays in the image and is of no use there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM fedora
    /// RUN dnf install -y curl
    /// ```
    /// ```dockerfile
    /// FROM fedora
    /// RUN dnf install -y curl && dnf clean all
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: a later install reads the metadata again. The image changes on purpose: it loses the cache. Installs that
    /// may not run, that may fail with nobody to notice (`a; b` without `set -e`), that run by `sudo`, or that install
    /// elsewhere are reported without a fix, and so are those with another `python` put in place behind them, in which
    /// yum and dnf may not run. Only stages that are in an image are looked at, and a mount over the cache keeps the
    /// rule quiet.
    pub static RULE = {
        name: "dnf-cache-kept",
        summary: "Caches of yum, dnf, microdnf or tdnf left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3032", "DL3040", "DS-0015", "DS-0019", "DS-0027"],
        run: run,
    };
}

/// Words of a file that say that its author wants what is in the caches.
const WANTED: &[&str] = &["downloadonly", "cacheonly", "keepcache"];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let in_heredoc = |run: &Run| run.heredoc().is_some_and(|it| it.split_whitespace().any(|it| it == "-C"));
    let from_cache = || ctx.runs().any(|run| in_heredoc(run) || run.calls_of("dnf").any(|it| it.has_flag(&["-C"])));
    if !ctx.model.calls_manager("dnf") || from_cache() || WANTED.iter().any(|it| ctx.text.contains(it)) {
        return;
    }
    for it in leftovers(ctx, "dnf", &[Role::Install, Role::Upgrade]) {
        // The program that filled the caches is the one that is surely there.
        let Some(last) = it.calls().last() else { continue };
        let command = format!("{} clean all", last.program);
        let message = "the caches of the package manager stay in the image";
        let mut finding = it.finding(ctx, &RULE, message, &command, Safety::Safe);
        if it.has_behind(takes_repositories) {
            finding.fix = None;
        }
        findings.push(finding);
    }
}

/// Whether a command may leave no repository enabled, without which yum of version 3 refuses to clean.
fn takes_repositories(command: &str) -> bool {
    ["unregister", "yum.repos.d", "redhat.repo"].iter().any(|it| command.contains(it))
        || (command.contains("config-manager") && command.contains("disable"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn the_program_that_installs_cleans() {
        check(
            &RULE,
            "FROM a\nRUN yum -y update && yum install -y b\n",
            "FROM a\nRUN yum -y update && yum install -y b && yum clean all\n",
        );
        check(
            &RULE,
            "FROM a\nRUN set -e; \\\n  microdnf install b; \\\n  c\n",
            "FROM a\nRUN set -e; \\\n  microdnf install b; \\\n  c; \\\n  microdnf clean all\n",
        );
    }

    #[test]
    fn tdnf_is_of_the_family() {
        let file = |end: &str| format!("FROM photon:5.0\nRUN tdnf install -y b{end}\n");
        check(&RULE, &file(""), &file(" && tdnf clean all"));
        for end in [" && tdnf clean all", " && rm -rf /var/cache/tdnf", " && rm -rf /var/cache/*"] {
            check_same(&RULE, &file(end));
        }
    }

    #[test]
    fn each_run_cleans_what_it_leaves() {
        for (before, after) in [
            ("RUN yum install -y b\nRUN yum clean all", "RUN yum install -y b && yum clean all\nRUN yum clean all"),
            (
                "RUN yum install -y b\nRUN rm -rf /var/cache/yum",
                "RUN yum install -y b && yum clean all\nRUN rm -rf /var/cache/yum",
            ),
            ("RUN yum install -y b && tar -x -C c", "RUN yum install -y b && tar -x -C c && yum clean all"),
            ("RUN yum clean all && yum install -y b", "RUN yum clean all && yum install -y b && yum clean all"),
            (
                "RUN yum install -y b\nRUN dnf install -y c",
                "RUN yum install -y b && yum clean all\nRUN dnf install -y c && dnf clean all",
            ),
        ] {
            check(&RULE, &format!("FROM a\n{before}\n"), &format!("FROM a\n{after}\n"));
        }
    }

    #[test]
    fn another_python_is_no_matter_to_what_runs_before_it_or_without_it() {
        for (run, program) in [
            ("yum install -y b && ln -s /opt/c/python3 /opt/c/python && rm -rf /tmp/python", "yum"),
            ("ln -sf python2 /usr/bin/python && yum install -y b", "yum"),
            ("microdnf install b && ln -sf python3 /usr/bin/python", "microdnf"),
        ] {
            check(&RULE, &format!("FROM a\nRUN {run}\n"), &format!("FROM a\nRUN {run} && {program} clean all\n"));
        }
    }

    #[test]
    fn what_is_clean_or_mounted_or_in_no_image_stays() {
        for text in [
            "FROM a\nRUN yum install -y b && yum clean all\n",
            "FROM a\nRUN dnf install -y b && rm -rf /var/cache/dnf\n",
            "FROM a\nRUN --mount=type=cache,target=/var/cache/dnf dnf install -y b\n",
            "FROM a\nRUN dnf install -y b\nFROM c\n",
            "FROM a\nRUN yum install -y b &\n",
            "FROM a\nRUN yum list b\n",
            "FROM a\nRUN dnf makecache\n",
            "FROM a\nRUN yum install -y b\nRUN rm /var/cache/yum/x\n",
            "FROM a\nRUN yum install -y b\nRUN ls /var/cache/yum\n",
            "FROM a\nRUN yum install -y b && rm -rf /var/cache/*\n",
            "FROM a\nRUN dnf install -y b || yum install -y b\n",
            "FROM a\nRUN case $A in b) yum install -y b ;; esac\n",
            "FROM a\nRUN which yum && yum install -y b || true\n",
            "FROM a\nRUN sudo yum install -y b\n",
            "FROM a\nRUN dnf --installroot /b install -y c\n",
            "FROM a\nRUN yum install -y b && rpm -e yum\n",
            "FROM a\nRUN yum install -y b && subscription-manager unregister\n",
            "FROM a\nRUN yum install -y b && yum-config-manager --disable \\*\n",
            "FROM a\nRUN yum install -y b && cp /opt/c/python3 /usr/bin/python\n",
            "FROM a\nRUN yum install -y b && yum remove -y python\n",
            "FROM a\nRUN yum install -y python3 && ln -sf /usr/bin/python3 /usr/bin/python\n",
            "FROM a\nRUN yum install -y b && mv /usr/bin/python /usr/bin/python.orig && c\n",
            "FROM a\nRUN yum install -y b && cd /usr/bin && ln -snf python3.6 python\n",
            "FROM a\nRUN yum install -y b && alternatives --set python /usr/bin/python3\n",
            "FROM a\nRUN yum install -y b && update-alternatives --install /usr/bin/python python /opt/c 1\n",
            "FROM a\nRUN yum install -y --downloadonly b\n",
            "FROM a\nRUN yum install -y b\nRUN yum -C install -y c\n",
            "FROM a\nRUN yum install -y b\nRUN <<EOF\nyum -C install -y c\nEOF\n",
            "FROM a\nONBUILD RUN yum install -y b\n",
            "FROM a\nRUN [\"yum\", \"install\", \"b\"]\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
