use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, rule, with_flag},
    model::{Role, mounts_over},
};

rule! {
    /// ## What it does
    /// Adds `--no-cache-dir` to `pip install`.
    ///
    /// ## Why
    /// pip keeps a copy of all that it downloads and builds, which is of no use in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// RUN pip install -r requirements.txt
    /// ```
    /// ```dockerfile
    /// FROM python:3
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: what is installed stays. The image changes on purpose: it loses the cache. Nothing is reported where the
    /// cache is mounted, moved or turned off (`--cache-dir`, `PIP_NO_CACHE_DIR`, `pip config`, `pip.conf`), nor on
    /// images of systems whose pip, older than 6, does not know the flag.
    pub static RULE = {
        name: "pip-cache-kept",
        summary: "`pip install` that keeps its cache",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3042"],
        run: run,
    };
}

/// Words of a file that say that its author has decided on the cache.
const DECIDED: &[&str] =
    &["PIP_NO_CACHE_DIR", "PIP_CACHE_DIR", "XDG_CACHE_HOME", "pip.conf", "pip config", "no-cache-dir ="];

/// Words in the names of images whose pip is older than 6.0 (December 2014).
const OLD: &[&str] =
    &["trusty", "14.04", "12.04", "precise", "wheezy", "jessie", "debian:7", "debian:8", "centos:6", "centos6"];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let image = |it: &crate::model::Stage| OLD.iter().any(|old| it.image.to_lowercase().contains(old));
    if DECIDED.iter().any(|it| ctx.text.contains(it)) || ctx.model.stages.iter().any(image) {
        return;
    }
    for run in ctx.runs() {
        let mounted = mounts_over(&run.instruction, ctx.escape(), &["/root/.cache/pip"]);
        let calls = run.calls_of("pip").filter(|it| it.role == Role::Install);
        for call in calls.filter(|it| !mounted && !it.has_flag(&["--no-cache-dir", "--no-cache", "--cache-dir"])) {
            let message = "pip keeps its cache in the image";
            findings.extend(with_flag(&RULE, call, "--no-cache-dir", message, Safety::Safe));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn the_flag_is_added() {
        check(
            &RULE,
            "FROM a\nRUN pip install -U pip && python3 -m pip install b\n",
            "FROM a\nRUN pip install --no-cache-dir -U pip && python3 -m pip install --no-cache-dir b\n",
        );
    }

    #[test]
    fn what_has_it_or_needs_none_stays() {
        for text in [
            "FROM a\nRUN pip install --no-cache-dir b\n",
            "FROM a\nRUN pip --no-cache-dir install b\n",
            "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install b\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.cache/pip pip install b\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.cache pip install b\n",
            "FROM ubuntu:14.04\nRUN pip install b\n",
            "FROM a\nRUN pip list\n",
            "FROM a\nRUN pip $ARGS install b\n",
            "FROM a\nRUN uv pip install b\n",
            "FROM a\nRUN pipx install b\n",
            "FROM a\nRUN [\"pip\", \"install\", \"b\"]\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
