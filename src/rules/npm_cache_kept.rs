use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, leftovers, rule},
    model::{Role, is_cache_decided},
};

rule! {
    /// ## What it does
    /// Empties the cache of npm at the end of a RUN that installs with it.
    ///
    /// ## Why
    /// npm keeps every archive that it downloads, which is of no use in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node
    /// RUN npm ci
    /// ```
    /// ```dockerfile
    /// FROM node
    /// RUN npm ci && npm cache clean --force
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: what is installed stays, and a later install downloads again what it needs. The image changes on purpose:
    /// it loses the cache. A cache that is put elsewhere (`--cache`, `npm_config_cache`, `npm config set cache`,
    /// `cache=` in `.npmrc`) keeps the rule quiet. There is no fix where an install may not run or may fail with nobody
    /// to notice (`a; b` without `set -e`), and where npm may be gone at the end of the RUN, as behind packages that
    /// are removed. Only stages that are in an image are looked at, and a mount over the cache keeps the rule quiet.
    pub static RULE = {
        name: "npm-cache-kept",
        summary: "Cache of npm left in the image",
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
    if !ctx.model.calls_manager("npm") || is_cache_decided(&ctx.model, ctx.text, "npm") {
        return;
    }
    for it in leftovers(ctx, "npm", &[Role::Install]) {
        let message = "the cache of npm stays in the image";
        findings.push(it.finding(ctx, &RULE, message, "npm cache clean --force", Safety::Safe));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn the_cache_goes_at_the_end() {
        check(
            &RULE,
            "FROM a\nRUN npm install -g b && c\n",
            "FROM a\nRUN npm install -g b && c && npm cache clean --force\n",
        );
    }

    #[test]
    fn a_cache_that_is_elsewhere_stays() {
        for told in ["HOME=/tmp", "NPM_TOKEN=$B", "npm_config_cache=/b"] {
            check_same(&RULE, &format!("FROM a\nRUN {told} npm ci\n"));
        }
        for told in [
            "npm config set cache /b",
            "npm config set cache=/b --global",
            "npm config set --global cache /b",
            "npm --global config set cache /b",
            "npm set cache /b",
            "echo 'cache=/b' > ~/.npmrc",
            "echo cache=/b >> .npmrc",
            "printf 'c=d\\ncache=/b\\n' > .npmrc",
            "echo \"cache = /b\" > .npmrc",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {told}\nRUN npm ci\n"));
        }
        check_same(&RULE, "FROM a\nCOPY <<EOF .npmrc\ncache=/b\nEOF\nRUN npm ci\n");
        // A file whose name only begins as the cache's does is not the cache.
        let text = "FROM a\nRUN npm i -g b\nRUN echo c > .npmrc && npm ci && rm .npmrc\n";
        assert_eq!(findings(&RULE, text).len(), 2);
        let file = |end: &str| format!("FROM a\nRUN NPM_CONFIG_STRICT_SSL=false npm ci{end}\n");
        check(&RULE, &file(""), &file(" && npm cache clean --force"));
    }

    #[test]
    fn a_cache_whose_place_npm_tells_is_removed() {
        for (run, found) in
            [("npm ci && rm -rf \"$(npm config get cache)\"", 0), ("rm -rf $(npm config get cache) && npm ci", 1)]
        {
            assert_eq!(findings(&RULE, &format!("FROM a\nRUN {run}\n")).len(), found, "{run}");
        }
    }

    #[test]
    fn settings_of_npm_are_no_matter() {
        let file = |end: &str| format!("FROM a\nCOPY .npmrc .\nRUN npm ci{end}\n");
        check(&RULE, &file(""), &file(" && npm cache clean --force"));
    }

    #[test]
    fn folders_may_go_that_it_does_not_end_in() {
        for run in [
            "cd /tmp/b && npm i -g . && cd .. && rm -rf b",
            "cd /tmp/b && npm i -g . && cd / && rm -rf /tmp/b /tmp/*",
            "cd $B && npm ci && rm -rf test /var/lib/apt/lists/*",
            "/usr/bin/npm ci && rm -rf /tmp/*",
            "cd /tmp && cd b* && npm ci && cd /tmp && rm -rf /tmp/b-*",
            "cd /tmp/b && npm ci && cd && rm -rf /tmp/b",
            "export PATH=/x && npm ci && export PATH=$PATH:/y NODE_PATH=/z && PATH=/x b",
            "mv npm /usr/local/bin/ && npm ci && mv a /usr/local/bin/npm && mv /a/node_modules /b",
            "npm ci && find . -name '*.map' -delete && find / -name npm",
            "npm ci && find /usr/share -name '*.md' -delete && rm -rf /usr/share/* /usr/local/share",
        ] {
            let end = " && npm cache clean --force";
            check(&RULE, &format!("FROM a\nRUN {run}\n"), &format!("FROM a\nRUN {run}{end}\n"));
        }
    }

    #[test]
    fn what_is_clean_or_mounted_or_in_no_image_stays() {
        for text in [
            "FROM a\nRUN npm ci && npm cache clean --force\n",
            "FROM a\nRUN npm ci && rm -rf /root/.npm\n",
            "FROM a\nRUN npm ci && rm -rf ~/.npm /root/.npm/_cacache\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
            "FROM a\nENV npm_config_cache=/b\nRUN npm ci\n",
            "FROM a\nRUN npm ci\nFROM c\n",
            "FROM a\nRUN npm run build\n",
            "FROM a\nRUN npm ci && rm -rf /usr/local/lib/node_modules /usr/local/bin/n*\n",
            "FROM a\nRUN npm ci && rm -f $(which npm)\n",
            "FROM a\nUSER b\nRUN --mount=type=cache,target=/home/b/.npm npm ci\n",
            "FROM a\nRUN npm ci\nRUN npm ci --offline\n",
            "FROM a\nRUN npm ci && rm -rf ~/.npm\n",
            "FROM a\nRUN npm ci && rm -rf /usr/lib/node_modules/npm\n",
            "FROM a\nRUN apk add -t .d npm && npm ci && apk del .d\n",
            "FROM a\nRUN . ~/.nvm/nvm.sh && npm ci\n",
            "FROM a\nRUN npm ci && unlink /usr/local/bin/npm\n",
            "FROM a\nRUN npm ci && mv /usr/local/bin/npm /x\n",
            "FROM a\nRUN npm ci && mv \"$(which npm)\" /x\n",
            "FROM a\nRUN npm ci && sudo mv /usr/local/lib/node_modules /x\n",
            "FROM a\nRUN npm ci && find / -name npm -delete\n",
            "FROM a\nRUN npm ci && find / -name 'np*' -exec rm {} +\n",
            "FROM a\nRUN npm ci && find /usr -name node_modules -prune -exec rm -rf {} +\n",
            "FROM a\nRUN npm ci && find /usr/local -mindepth 1 -delete\n",
            "FROM a\nRUN npm ci && rm -rf /usr/local\n",
            "FROM a\nRUN npm ci && rm -rf /usr/l*\n",
            "FROM a\nRUN npm ci && export PATH=/x && y\n",
            "FROM a\nRUN npm ci && PATH=/x && y\n",
            "FROM a\nRUN npm ci && unset PATH\n",
            // In a folder that is gone, or where it isn't found, npm doesn't start.
            "FROM a\nRUN cd /tmp/b && npm i -g . && rm -rf /tmp/b\n",
            "FROM a\nWORKDIR /tmp/b\nRUN npm i -g . && rm -rf /tmp/*\n",
            "FROM a\nRUN cd $B && npm i -g . && rm -rf /tmp/b\n",
            "FROM a\nRUN cd b && npm i -g . && rm -rf ../b\n",
            "FROM a\nRUN /opt/node/bin/npm ci\n",
            "FROM a\nRUN PATH=/opt/node/bin:$PATH npm ci\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
