use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, rule, with_flag},
    model::{Age, Role, age},
};

rule! {
    /// ## What it does
    /// Adds `--no-document` to `gem install`.
    ///
    /// ## Why
    /// The documentation of gems is of no use in an image, and making it takes longer than the install.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM fedora:42
    /// RUN gem install bundler
    /// ```
    /// ```dockerfile
    /// FROM fedora:42
    /// RUN gem install --no-document bundler
    /// ```
    ///
    /// ## Safety and effect
    /// Safe. The image changes on purpose: it has no `ri` and `rdoc` of the gem. Nothing is reported where the file
    /// decides on it elsewhere (`.gemrc`, `--no-ri`), on the official images of Ruby, whose `gemrc` says so, nor on
    /// images of systems whose RubyGems, older than 2.0, does not know the flag. Unsafe where the image's name has a
    /// variable, or a version that was built on an old system first and on a newer one later; an image that says
    /// nothing of its system is taken for one of today.
    pub static RULE = {
        name: "gem-documents",
        summary: "`gem install` with documentation",
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
    if !ctx.model.calls_manager("gem") {
        return;
    }
    // The flag came with RubyGems 2.0 (February 2013).
    let age = age(&ctx.model);
    if age == Age::Old || ctx.text.contains("gemrc") {
        return;
    }
    let safety = if age == Age::Unknown { Safety::Unsafe } else { Safety::Safe };
    for run in ctx.runs() {
        if ["ruby", "jruby"].iter().any(|it| ctx.model.is_official(run.stage, it)) {
            continue;
        }
        let calls = run.calls_of("gem").filter(|it| it.role == Role::Install);
        let decided = ["--no-document", "-N", "--document", "--no-ri", "--no-rdoc", "--ri", "--rdoc"];
        for call in calls.filter(|it| !it.has_flag(&decided)) {
            let message = "the documentation of the gem is made and kept";
            findings.extend(with_flag(&RULE, call, "--no-document", message, safety));
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
            "FROM a\nRUN gem install b -v 1 && gem i c\n",
            "FROM a\nRUN gem install --no-document b -v 1 && gem i --no-document c\n",
        );
    }

    #[test]
    fn what_has_it_or_needs_none_stays() {
        for text in [
            "FROM a\nRUN gem install --no-document b\n",
            "FROM a\nRUN gem install -N b\n",
            "FROM a\nRUN gem install b --no-ri --no-rdoc\n",
            "FROM a\nRUN echo 'gem: --no-document' > /etc/gemrc && gem install b\n",
            "FROM ruby:3.4-slim\nRUN gem install b\n",
            "FROM docker.io/library/jruby:9 AS b\nFROM b\nRUN gem install b\n",
            "FROM debian:wheezy\nRUN gem install b\n",
            "FROM ros:indigo\nRUN gem install b\n",
            "FROM oraclelinux:6\nRUN gem install b\n",
            "FROM oraclelinux:6.10\nRUN gem install b\n",
            "FROM mattdm/fedora:18\nRUN gem install b\n",
            "FROM alpine:3.2.3\nRUN gem install b\n",
            "FROM a\nRUN bundle install\n",
            "FROM a\nRUN gem update --system\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
