use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, flag_behind, rule},
    model::{Invocation, Role},
};

rule! {
    /// ## What it does
    /// Adds `--force` to `npm cache clean`.
    ///
    /// ## Why
    /// From version 5 on npm refuses to empty its cache without it, and the build fails, or goes on with the cache.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node
    /// RUN npm ci && npm cache clean
    /// ```
    /// ```dockerfile
    /// FROM node
    /// RUN npm ci && npm cache clean --force
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: older versions clean with it as they do without. The image changes on purpose: it loses the cache. A call
    /// that names what it cleans needs no force, and is left alone, as is one that may have the flag in a variable.
    /// Nothing is said on official images of Node.js before 8, whose npm is older, where the file installs no other
    /// npm.
    pub static RULE = {
        name: "npm-clean-unforced",
        summary: "`npm cache clean` that npm refuses",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["npmCacheCleanUseForce"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let decided = ["npm_config_force", "NPM_CONFIG_FORCE", "npm config"];
    if !ctx.model.calls_manager("npm") || decided.iter().any(|it| ctx.text.contains(it)) {
        return;
    }
    for run in ctx.runs().filter(|it| !has_old_npm(ctx, it.stage)) {
        for call in run.calls_of("npm").filter(|it| is_refused(it)) {
            let Some(last) = call.operands.last() else { continue };
            let message = "npm refuses to empty its cache without `--force`";
            findings.extend(flag_behind(&RULE, call, *last, "--force", message, Safety::Safe));
        }
    }
}

/// Whether the npm of a stage is older than version 5, which came with Node.js 8: its image says so, and no RUN of the
/// file installs another one.
fn has_old_npm(ctx: &Context<'_>, stage: usize) -> bool {
    let Some(tag) = ctx.model.official_tag(stage, "node") else { return false };
    let major = tag.split(['.', '-']).next().unwrap_or_default();
    let old = major.parse::<u32>().is_ok_and(|it| it < 8) || matches!(major, "argon" | "boron");
    let itself = |it: &str| it == "npm" || it.starts_with("npm@");
    let renews = |it: &Invocation| it.operands.iter().any(|at| it.literal(*at).is_none_or(itself));
    let renewed = || ctx.runs().flat_map(|it| it.calls_of("npm")).any(|it| it.role == Role::Install && renews(it));
    old && !renewed()
}

fn is_refused(call: &Invocation) -> bool {
    // Behind `cache` stands what is to be done with it; one word more is a package or a key.
    call.role == Role::Clean && call.operands.len() == 1 && !call.has_flag(&["-f", "--force"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn the_flag_is_added() {
        for (before, after) in [
            ("npm ci && npm cache clean", "npm ci && npm cache clean --force"),
            ("npm cache clear; b", "npm cache clear --force; b"),
            ("if b; then npm cache clean || true; fi", "if b; then npm cache clean --force || true; fi"),
        ] {
            check(&RULE, &format!("FROM a\nRUN {before}\n"), &format!("FROM a\nRUN {after}\n"));
        }
    }

    #[test]
    fn an_old_npm_refuses_nothing() {
        for (image, more, found) in [
            ("node:7-alpine", "", 0),
            ("node:0.12", "", 0),
            ("library/node:6.9.1", "", 0),
            ("node:boron-slim", "", 0),
            ("node:7", "npm install -g npm@5 && ", 1),
            ("node:7", "npm install -g $NPM && ", 1),
            ("node:7", "npm install b && ", 0),
            ("node:8-alpine", "", 1),
            ("node:20", "", 1),
            ("node:carbon", "", 1),
            ("node", "", 1),
            ("node:$V", "", 1),
            ("example/node:1", "", 1),
        ] {
            let text = format!("FROM {image}\nRUN {more}npm cache clean\n");
            assert_eq!(findings(&RULE, &text).len(), found, "{text}");
        }
    }

    #[test]
    fn what_has_it_or_needs_none_stays() {
        for run in [
            "npm cache clean --force",
            "npm --force cache clean",
            "npm cache clean -f",
            "npm cache clean b@1",
            "npm cache verify",
            "npm cache",
            "npm cache clean $FLAGS",
            "echo npm cache clean",
            "yarn cache clean",
            "[\"npm\", \"cache\", \"clean\"]",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {run}\n"));
        }
        check_same(&RULE, "FROM a\nENV npm_config_force=true\nRUN npm cache clean\n");
        check_same(&RULE, "FROM a\nONBUILD RUN npm cache clean\n");
    }
}
