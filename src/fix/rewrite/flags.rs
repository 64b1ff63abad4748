//! Giving a call one more flag.

use crate::{
    fix::{Finding, Fix, Rule, Safety},
    model::{Holds, Invocation, holds},
    syntax::ast::{Word, joined_text},
    text::Edit,
};

/// A finding on the subcommand of a call, with a fix that writes `flag` right behind it; without one where a word of
/// the call is a variable, which may hold the flag already.
pub fn with_flag(rule: &'static Rule, call: &Invocation, flag: &str, message: &str, safety: Safety) -> Option<Finding> {
    flag_behind(rule, call, call.subcommand, flag, message, safety)
}

/// The same behind another word of the call than its subcommand.
pub fn flag_behind(
    rule: &'static Rule,
    call: &Invocation,
    at: usize,
    flag: &str,
    message: &str,
    safety: Safety,
) -> Option<Finding> {
    let (word, _) = call.words.get(at)?;
    let mut finding = behind(rule, word, flag, message, safety)?;
    finding.fix = finding.fix.filter(|_| !has_unknown_flags(call));
    Some(finding)
}

/// A finding on a word, with a fix that writes `flag` right behind it.
pub fn behind(rule: &'static Rule, word: &Word, flag: &str, message: &str, safety: Safety) -> Option<Finding> {
    let range = word.syntax().text_range();
    let edits = Edit::insert(range.end(), format!(" {flag}")).into();
    let fix = Fix { title: format!("Add `{flag}`"), safety, effect: rule.effect, edits };
    Some(Finding { rule, range, message: message.to_owned(), fix: Some(fix) })
}

/// Whether a word of a call is a variable, and so may be any number of flags: neither what a flag takes nor, by its
/// name, a list of packages.
fn has_unknown_flags(call: &Invocation) -> bool {
    call.words.iter().enumerate().filter(|(_, (_, it))| it.path().is_none()).any(|(at, (word, _))| {
        let text = joined_text(word.syntax());
        // A variable in front of the program's own name is the folder in which it lies.
        let program = text.ends_with(&format!("/bin/{}", call.program));
        !call.is_value(at) && !program && holds(&text).is_some_and(|it| it != Holds::Packages)
    })
}
