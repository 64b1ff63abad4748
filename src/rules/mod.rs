//! The rules, one a file. To add one: write its file, and name it here twice. What to ask is in `model`, what to look
//! at in `fix::Context`, and rewrites that several rules make (removing, joining, adding a flag) in `fix/rewrite`.

mod add_instead_of_copy;
mod apk_cache_kept;
mod apt_command;
mod apt_lists_kept;
mod archive_kept;
mod as_casing;
mod backticks;
mod bash_as_sh;
mod broken_exec_form;
mod cargo_cache_kept;
mod cd_in_run;
mod chained_commands;
mod composer_cache_kept;
mod conda_cache_kept;
mod consecutive_runs;
mod copy_without_slash;
mod curl_unfailing;
mod dnf_cache_kept;
mod double_equals;
mod duplicate_label;
mod duplicate_packages;
mod duplicate_port;
mod duplicate_volume;
mod empty_continuation;
mod exec_form_run;
mod exec_form_variable;
mod full_upgrade;
mod gem_documents;
mod go_cache_kept;
mod gpg_home_kept;
mod gpg_unbatched;
mod heredoc_commands;
mod host_port;
mod inconsistent_casing;
mod install_without_update;
mod late_removal;
mod legacy_key_value;
mod lone_cd;
mod maintainer;
mod missing_assume_yes;
mod missing_pipefail;
mod mode_after_copy;
mod npm_cache_kept;
mod npm_clean_unforced;
mod numeric_from;
mod odd_stop_signal;
mod owner_after_copy;
mod pip_cache_kept;
mod pnpm_cache_kept;
mod port_casing;
mod recommended_packages;
mod redundant_platform;
mod relative_workdir;
mod run_starts_program;
mod self_referring_env;
mod several_installs;
mod shadowed_command;
mod shadowed_user;
mod shell_form_command;
mod shell_form_healthcheck;
mod shell_form_run;
mod spaced_pair;
mod split_cleanup;
mod split_update;
mod stage_name_casing;
mod sudo;
mod swallowed_instruction;
mod trailing_comment;
mod uncached_downloads;
mod ungrouped_env;
mod ungrouped_labels;
mod unsorted_packages;
mod unused_suppression;
mod unverified_packages;
mod useless_continuation;
mod useless_semicolon;
mod useradd_lastlog;
mod virtual_packages_kept;
mod wget_progress;
mod yarn_cache_kept;
mod zypper_cache_kept;

use crate::fix::Rule;

/// Every rule, in the order in which they run.
pub static ALL: &[&Rule] = &[
    &empty_continuation::RULE,
    &useless_continuation::RULE,
    &swallowed_instruction::RULE,
    &inconsistent_casing::RULE,
    &as_casing::RULE,
    &trailing_comment::RULE,
    &spaced_pair::RULE,
    &legacy_key_value::RULE,
    &maintainer::RULE,
    &duplicate_label::RULE,
    &self_referring_env::RULE,
    &ungrouped_env::RULE,
    &ungrouped_labels::RULE,
    &add_instead_of_copy::RULE,
    &copy_without_slash::RULE,
    &port_casing::RULE,
    &host_port::RULE,
    &duplicate_port::RULE,
    &duplicate_volume::RULE,
    &shadowed_user::RULE,
    &relative_workdir::RULE,
    &redundant_platform::RULE,
    &stage_name_casing::RULE,
    &numeric_from::RULE,
    &odd_stop_signal::RULE,
    &exec_form_run::RULE,
    &backticks::RULE,
    &double_equals::RULE,
    &useless_semicolon::RULE,
    &apt_command::RULE,
    &split_update::RULE,
    &install_without_update::RULE,
    &full_upgrade::RULE,
    &several_installs::RULE,
    &duplicate_packages::RULE,
    &unsorted_packages::RULE,
    &split_cleanup::RULE,
    &virtual_packages_kept::RULE,
    &uncached_downloads::RULE,
    &recommended_packages::RULE,
    &unverified_packages::RULE,
    &missing_assume_yes::RULE,
    &apk_cache_kept::RULE,
    &pip_cache_kept::RULE,
    &gem_documents::RULE,
    &apt_lists_kept::RULE,
    &dnf_cache_kept::RULE,
    &zypper_cache_kept::RULE,
    &npm_clean_unforced::RULE,
    &npm_cache_kept::RULE,
    &yarn_cache_kept::RULE,
    &pnpm_cache_kept::RULE,
    &composer_cache_kept::RULE,
    &conda_cache_kept::RULE,
    &late_removal::RULE,
    &mode_after_copy::RULE,
    &owner_after_copy::RULE,
    &lone_cd::RULE,
    &cd_in_run::RULE,
    &bash_as_sh::RULE,
    &consecutive_runs::RULE,
    &go_cache_kept::RULE,
    &cargo_cache_kept::RULE,
    &archive_kept::RULE,
    &gpg_home_kept::RULE,
    &sudo::RULE,
    &useradd_lastlog::RULE,
    &wget_progress::RULE,
    &curl_unfailing::RULE,
    &gpg_unbatched::RULE,
    &missing_pipefail::RULE,
    &broken_exec_form::RULE,
    &shadowed_command::RULE,
    &shell_form_command::RULE,
    &shell_form_healthcheck::RULE,
    &shell_form_run::RULE,
    &exec_form_variable::RULE,
    &run_starts_program::RULE,
    &heredoc_commands::RULE,
    &chained_commands::RULE,
    // Whether a comment keeps something quiet shows when the others are through.
    &unused_suppression::RULE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{Safety, looks_like_a_name, testing};

    /// The fenced examples of a rule's docs, in order.
    fn examples(rule: &Rule) -> Vec<String> {
        let mut examples = Vec::new();
        let mut open: Option<String> = None;
        for line in rule.docs.lines().map(|it| it.strip_prefix(' ').unwrap_or(it)) {
            match &mut open {
                Some(_) if line == "```" => examples.extend(open.take()),
                Some(text) => {
                    text.push_str(line);
                    text.push('\n');
                }
                None if line == "```dockerfile" => open = Some(String::new()),
                None => {}
            }
        }
        examples
    }

    #[test]
    fn examples_become_what_they_promise() {
        for rule in ALL {
            let examples = examples(rule);
            let least = if rule.safety == Safety::Suggest { 1 } else { 2 };
            assert!(examples.len() >= least, "{} has too few examples", rule.name);
            match rule.safety {
                // What is only shown has nothing to show after it.
                Safety::Suggest => assert!(!testing::findings(rule, &examples[0]).is_empty(), "{}", rule.name),
                Safety::Unsafe => testing::check_unsafe(rule, &examples[0], &examples[1]),
                Safety::Safe => {
                    // One rule is about the others.
                    let with: &[&Rule] = &[rule, &maintainer::RULE];
                    let rules = if *rule == &unused_suppression::RULE { with } else { &with[..1] };
                    for pair in examples.chunks(2) {
                        testing::check_all(rules, &pair[0], &pair[1]);
                    }
                }
            }
        }
    }

    #[test]
    fn names_are_one_of_a_kind() {
        let mut names: Vec<_> = ALL.iter().map(|it| it.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        let kebab = |name: &&str| name.bytes().all(|it| it.is_ascii_lowercase() || it == b'-');
        assert!(names.iter().all(kebab));
        // Only so does a comment that names them without brackets not hide everything.
        let all = ALL.iter().flat_map(|it| it.ids.iter().chain([&it.name]));
        let other: Vec<_> = all.filter(|it| !looks_like_a_name(it)).collect();
        assert!(other.is_empty(), "{other:?}");
    }
}
