use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, leftovers, rule},
    model::{Role, is_cache_decided},
};

rule! {
    /// ## What it does
    /// Empties the cache of Yarn at the end of a RUN that installs with it.
    ///
    /// ## Why
    /// Yarn keeps a copy of every package, which is of no use in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node
    /// RUN yarn install --frozen-lockfile
    /// ```
    /// ```dockerfile
    /// FROM node
    /// RUN yarn install --frozen-lockfile && yarn cache clean
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: from version 2 on Yarn may keep its cache in the project and run programs from it. The image changes on
    /// purpose: it loses the cache. Only stages that are in an image are looked at. A cache that is put elsewhere
    /// (`YARN_CACHE_FOLDER`, `--cache-folder`) or that Yarn installs from (`--offline`) keeps the rule quiet, and so
    /// does a mount over it. There is no fix where an install may not run or may fail with nobody to notice (`a; b`
    /// without `set -e`), and where Yarn may be gone at the end of the RUN, as behind packages that are removed or
    /// `corepack disable`.
    pub static RULE = {
        name: "yarn-cache-kept",
        summary: "Cache of Yarn left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3060"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("yarn") || is_cache_decided(&ctx.model, ctx.text, "yarn") {
        return;
    }
    for it in leftovers(ctx, "yarn", &[Role::Install]) {
        let message = "the cache of Yarn stays in the image";
        findings.push(it.finding(ctx, &RULE, message, "yarn cache clean", Safety::Unsafe));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn the_cache_goes_at_the_end() {
        for run in ["yarn && yarn build", "yarn install --prefer-offline"] {
            let after = format!("FROM a\nRUN {run} && yarn cache clean\n");
            check_unsafe(&RULE, &format!("FROM a\nRUN {run}\n"), &after);
        }
    }

    #[test]
    fn a_cache_that_is_filled_again_or_only_shown_is_reported() {
        for run in ["rm -rf $(yarn cache dir) && yarn", "yarn && rm -rf $(pwd)", "yarn && echo $(yarn cache dir)"] {
            assert_eq!(findings(&RULE, &format!("FROM a\nRUN {run}\n")).len(), 1, "{run}");
        }
    }

    #[test]
    fn a_program_that_is_gone_cleans_nothing() {
        let text = "FROM a\nRUN corepack enable && yarn install && corepack disable\n";
        check_same(&RULE, text);
        assert_eq!(findings(&RULE, text).len(), 1);
    }

    #[test]
    fn what_is_clean_or_mounted_or_in_no_image_stays() {
        for text in [
            "FROM a\nRUN yarn && yarn cache clean\n",
            "FROM a\nRUN yarn install && rm -rf \"$(yarn cache dir)\"\n",
            "FROM a\nRUN yarn install && rm -rf `yarn cache dir`/*\n",
            "FROM a\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn\n",
            "FROM a\nENV YARN_CACHE_FOLDER=/b\nRUN yarn\n",
            "FROM a\nRUN yarn install --offline\n",
            "FROM a\nRUN yarn\nFROM c\n",
            "FROM a\nRUN yarn build\n",
            "FROM a\nRUN yarn --version\n",
            "FROM a\nRUN yarn -v\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
    }
}
