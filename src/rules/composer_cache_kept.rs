use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, leftovers, rule},
    model::{Role, is_cache_decided},
};

rule! {
    /// ## What it does
    /// Empties the cache of Composer at the end of a RUN that installs with it.
    ///
    /// ## Why
    /// Composer keeps every archive and every repository that it downloads, which is of no use in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM composer
    /// RUN composer install --no-dev
    /// ```
    /// ```dockerfile
    /// FROM composer
    /// RUN composer install --no-dev && composer clear-cache
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: what is installed stays, and a later install downloads again what it needs. The image changes on purpose:
    /// it loses the cache. A cache that is put elsewhere or turned off (`COMPOSER_CACHE_DIR`, `cache-dir`,
    /// `--no-cache`) keeps the rule quiet, and so does a mount over it or a COPY from it. Only stages that are in an
    /// image are looked at. There is no fix where an install may not run or may fail with nobody to notice (`a; b`
    /// without `set -e`), nor for `php composer.phar` and `./composer.phar`: the file may be gone at the end.
    pub static RULE = {
        name: "composer-cache-kept",
        summary: "Cache of Composer left in the image",
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
    if !ctx.model.calls_manager("composer") || is_cache_decided(&ctx.model, ctx.text, "composer") {
        return;
    }
    for it in leftovers(ctx, "composer", &[Role::Install]) {
        // One that runs without the network has nothing to keep.
        let Some(last) = it.calls().filter(|it| it.role == Role::Install && !it.has_flag(&["--no-cache"])).last()
        else {
            continue;
        };
        // It is called as it was called, so that it is surely there.
        let Some(program) = last.words.iter().find(|it| it.1.literal().is_some_and(|it| it.contains("composer")))
        else {
            continue;
        };
        let command = format!("{} clear-cache", program.0.text());
        let message = "the cache of Composer stays in the image";
        let mut finding = it.finding(ctx, &RULE, message, &command, Safety::Safe);
        // A file that PHP reads, or that is named from the folder of the call, may not be there at the end.
        let named = last.words.iter().take(1).all(|it| it.1.literal() != Some("php"));
        let path = program.0.text();
        finding.fix = finding.fix.filter(|_| named && (!path.contains('/') || path.starts_with('/')));
        findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn the_cache_goes_at_the_end() {
        for (run, program) in [
            ("composer require b/c", "composer"),
            ("cd /b && composer global require d", "composer"),
            ("/usr/local/bin/composer install -o && e", "/usr/local/bin/composer"),
        ] {
            let after = format!("FROM a\nRUN {run} && {program} clear-cache\n");
            check(&RULE, &format!("FROM a\nRUN {run}\n"), &after);
        }
    }

    #[test]
    fn files_that_may_be_gone_are_not_called_again() {
        for run in ["php composer.phar install", "php /usr/bin/composer install", "./composer.phar install && cd /"] {
            let text = format!("FROM a\nRUN {run}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{run}");
        }
        assert_eq!(
            findings(&RULE, "FROM a\nRUN php composer.phar install && php composer.phar clear-cache\n").len(),
            0
        );
    }

    #[test]
    fn what_is_clean_or_mounted_or_in_no_image_stays() {
        for text in [
            "FROM a\nRUN composer install && composer clear-cache\n",
            "FROM a\nRUN composer install && composer clearcache && b\n",
            "FROM a\nRUN composer install && rm -rf ~/.composer/cache\n",
            "FROM a\nRUN composer install && rm -rf /root/.composer\n",
            "FROM a\nRUN composer install --no-cache\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.composer composer install\n",
            "FROM a\nRUN --mount=type=cache,target=/tmp/cache composer install\n",
            "FROM a\nENV COMPOSER_CACHE_DIR=/dev/null\nRUN composer install\n",
            "FROM a\nRUN composer install\nFROM c\n",
            "FROM a\nRUN composer dump-autoload\n",
            "FROM a\nRUN composer install || true\n",
            "FROM a\nRUN composer install && rm /usr/bin/composer\n",
            "FROM a\nRUN apt-get install -y composer && composer install && apt-get purge -y composer\n",
            "FROM a\nRUN su b -c 'composer install'\n",
            "FROM a\nRUN sudo -E composer install\n",
            "FROM a\nONBUILD RUN composer install\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
