use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, leftovers, rule},
    model::{Role, is_cache_decided},
};

rule! {
    /// ## What it does
    /// Prunes the store of pnpm at the end of a RUN that installs with it.
    ///
    /// ## Why
    /// pnpm keeps what it reads of the registry, and packages that it replaced, which are of no use in the image. What
    /// is installed is linked to the store and stays there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node
    /// RUN pnpm install --frozen-lockfile
    /// ```
    /// ```dockerfile
    /// FROM node
    /// RUN pnpm install --frozen-lockfile && pnpm store prune
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: packages that a project uses stay, and a later install downloads again what it needs. The image changes on
    /// purpose: it loses what nothing uses. Whoever names the store, mounts something for pnpm, fetches first or
    /// installs offline has thought of it, and the rule keeps quiet. Only stages that are in an image are looked at.
    /// There is no fix where an install may not run or may fail with nobody to notice (`a; b` without `set -e`), and
    /// where pnpm may be gone at the end of the RUN, as behind packages that are removed or `corepack disable`.
    pub static RULE = {
        name: "pnpm-cache-kept",
        summary: "Unused packages in the store of pnpm left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("pnpm") || is_cache_decided(&ctx.model, ctx.text, "pnpm") {
        return;
    }
    for it in leftovers(ctx, "pnpm", &[Role::Install]) {
        let message = "the store of pnpm keeps what nothing uses";
        findings.push(it.finding(ctx, &RULE, message, "pnpm store prune", Safety::Safe));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn the_store_is_pruned_at_the_end() {
        check(
            &RULE,
            "FROM a\nRUN npm i -g pnpm && pnpm -C b install --prod\n",
            "FROM a\nRUN npm i -g pnpm && pnpm -C b install --prod && pnpm store prune\n",
        );
        check(
            &RULE,
            "FROM a\nRUN cd b && pnpm add -g c && pnpm run d\n",
            "FROM a\nRUN cd b && pnpm add -g c && pnpm run d && pnpm store prune\n",
        );
    }

    #[test]
    fn what_is_decided_or_mounted_or_in_no_image_stays() {
        for text in [
            "FROM a\nRUN pnpm install && pnpm store prune\n",
            "FROM a\nRUN pnpm install && rm -rf /root/.local/share/pnpm/store\n",
            "FROM a\nRUN pnpm install && rm -rf \"$(pnpm store path)\"\n",
            "FROM a\nRUN --mount=type=cache,id=b,target=/pnpm/store pnpm install\n",
            "FROM a\nRUN --mount=type=cache,target=/b pnpm install\n",
            "FROM a\nRUN --mount=type=bind,target=/root/.local/share/pnpm/store,source=b pnpm install\n",
            "FROM a\nRUN pnpm fetch\nRUN pnpm install --offline\n",
            "FROM a\nENV npm_config_store_dir=/b\nRUN pnpm install\n",
            "FROM a\nRUN pnpm install\nFROM c\n",
            "FROM a\nRUN pnpm build\n",
            "FROM a\nRUN pnpm install || true\n",
            "FROM a\nRUN pnpm install && npm rm -g pnpm\n",
            "FROM a\nRUN corepack enable && pnpm install && corepack disable\n",
            "FROM a\nRUN corepack enable && pnpm install && corepack disable pnpm yarn\n",
            "FROM a\nONBUILD RUN pnpm install\n",
            "FROM a\nRUN [\"pnpm\", \"install\"]\n",
            "FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN pnpm install\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
