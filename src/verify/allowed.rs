//! Whether two builds differ by no more than was declared.

use std::rc::Rc;

use super::{
    Change, Effect, Multiset,
    compare::{Comparison, PartDifference, StageComparison, StepDifference, Weight, stream},
    words,
};
use crate::{
    model::{
        Chain, Reading, Simple, Value,
        build::{Build, Field, Key, Part, Stage, Step},
        sequence,
    },
    syntax::SyntaxKind::{ADD, COPY, RUN},
};

/// What is in the difference of two builds beyond an effect and the declared changes, or `None`.
pub(super) fn excess(old: &Build, new: &Build, effect: Effect, changes: &[Change]) -> Option<String> {
    let mut known = Multiset::of(old.problems.iter().map(|it| it.message.clone()));
    if let Some(problem) = new.problems.iter().find(|it| !known.take(&it.message)) {
        return Some(format!("the build would fail: {}", problem.message));
    }
    let comparison = Comparison::new(old, new);
    if comparison.is_same() && old.stages.len() == new.stages.len() {
        return None;
    }
    if !comparison.gone.is_empty() || old.stages.len() != new.stages.len() {
        return Some("the stages differ".to_owned());
    }
    comparison.stages.iter().find_map(|it| {
        let pair = (old.stages.get(it.old?)?, new.stages.get(it.new)?);
        stage(it, pair.0, pair.1, effect, changes)
    })
}

fn stage(it: &StageComparison, old: &Stage, new: &Stage, effect: Effect, changes: &[Change]) -> Option<String> {
    for field in &it.config {
        let spacing = field.weight == Weight::Spacing && effect >= Effect::Rebuild;
        let of_shell = match field.field {
            Field::Shell => true,
            Field::Cmd | Field::Entrypoint => field.old.value.last() == field.new.value.last(),
            _ => false,
        };
        let declared = changes.contains(&Change::Config(field.field)) || (of_shell && changes.contains(&Change::Shell));
        let declared = effect == Effect::Image && declared;
        if !(spacing || declared) {
            return Some(format!("{} in the config of the image differs", field.field));
        }
    }
    if effect == Effect::None && !(it.steps.is_empty() && it.rebuilt.is_empty()) {
        let step = it.steps.first().and_then(|it| new.steps.get(it.new?));
        let keyword = step.map_or("a step", |it| it.key.kind.keyword());
        return Some(format!("{keyword} would be rebuilt"));
    }
    let heavy: Vec<&StepDifference> = it.steps.iter().filter(|it| it.weight > Weight::Spacing).collect();
    if heavy.is_empty()
        || (changes.contains(&Change::Joined) && same_commands(old, new))
        || (changes.contains(&Change::Unpacking) && same_copies(old, new))
    {
        return None;
    }
    heavy.into_iter().find_map(|it| step(it, old, new, changes))
}

/// What is wrong with a step that differs by more than white space.
fn step(it: &StepDifference, old: &Stage, new: &Stage, changes: &[Change]) -> Option<String> {
    let before = it.old.and_then(|it| old.steps.get(it));
    let after = it.new.and_then(|it| new.steps.get(it));
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) if !it.parts.is_empty() => (before, after),
        (Some(step), None) if changes.iter().any(|it| matches!(it, Change::Gone(these) if calls_only(step, these))) => {
            return None;
        }
        (None, Some(step)) if changes.contains(&Change::New(step.key.kind)) => return None,
        (Some(_), Some(step)) => return Some(format!("{} takes from another stage", step.key.kind.keyword())),
        (Some(step), None) => return Some(format!("a step is gone: {}", step.key.kind.keyword())),
        (_, step) => return Some(format!("a new step: {}", step.map_or("", |it| it.key.kind.keyword()))),
    };
    let declared = |part: &PartDifference| {
        let words = part.part == Part::Command && changes.iter().any(|it| are_words_changed(*it, before, after));
        let in_sequence = || {
            let commands = sequence(&before.instruction);
            commands.is_some() && commands == sequence(&after.instruction)
        };
        let respelled = part.part == Part::Command && changes.contains(&Change::Sequence) && in_sequence();
        let shell = part.part == Part::Command && part.old.last() == part.new.last();
        words || respelled || (shell && changes.contains(&Change::Shell)) || changes.contains(&Change::Step(part.part))
    };
    let wrong = it.parts.iter().find(|it| !declared(it))?;
    Some(format!("{} differs in its {}", after.key.kind.keyword(), wrong.part))
}

/// Whether the words of a RUN differ in no other way than a change says.
fn are_words_changed(change: Change, before: &Step, after: &Step) -> bool {
    if change == Change::Form {
        return is_same_command(before, after) || is_same_command(after, before);
    }
    let (Some(before), Some(after)) = (stream(&before.instruction), stream(&after.instruction)) else { return false };
    let (before, after): (Vec<&str>, Vec<&str>) = (before.iter().collect(), after.iter().collect());
    match change {
        Change::MoreWords => words::are_among(&before, &after),
        Change::Letter(letter) => words::are_flagged(&before, &after, letter),
        Change::FewerWords => words::are_among(&after, &before),
        Change::Words(table) => words::are_replaced(&before, &after, table),
        Change::Substitutions => words::are_remarked(&before, &after),
        Change::RepeatedWords => words::are_left_out(&before, &after),
        Change::OrderOfWords => words::are_reordered(&before, &after),
        _ => false,
    }
}

/// Whether a RUN in exec form starts what one in shell form does: `sh` with its text, or the program that is its text.
fn is_same_command(exec: &Step, shell: &Step) -> bool {
    let Some(array) = exec.instruction.json().filter(|_| shell.instruction.json().is_none()) else { return false };
    let strings = array.strings();
    if let [sh, c, text] = strings.as_slice() {
        // The shell that no file names is `/bin/sh`.
        let unset = shell.key.get(Part::Command).first().is_some_and(|it| !it.is_known());
        if unset && matches!(sh.as_str(), "sh" | "/bin/sh") && c == "-c" && *text == shell.instruction.arguments() {
            return true;
        }
    }
    let chain = shell.instruction.script().and_then(|it| Chain::of(&it));
    let Some([command]) = chain.as_ref().and_then(Chain::plain) else { return false };
    let words: Vec<_> = command.argv().iter().map(|it| it.1.literal()).collect();
    // A leading `exec` starts the program itself too.
    let exec = words.first() == Some(&Some("exec"));
    let same = |words: &[Option<&str>]| words.iter().copied().eq(strings.iter().map(|it| Some(it.as_str())));
    let bare = command.redirects().next().is_none() && command.assignments().next().is_none();
    bare && (same(&words) || exec && same(words.get(1..).unwrap_or_default()))
}

/// Whether a RUN is a plain chain of calls of some programs, all of whose words are known.
fn calls_only(step: &Step, programs: &[&str]) -> bool {
    if step.key.kind != RUN || !step.key.get(Part::Mounts).is_empty() {
        return false;
    }
    if let Some(array) = step.instruction.json() {
        return array.strings().first().is_some_and(|it| programs.contains(&it.as_str()));
    }
    let chain = step.instruction.script().and_then(|it| Chain::of(&it));
    let calls = |command: &Simple| {
        let known = command.argv().iter().all(|it| it.1.path().is_some());
        known && command.program().is_some_and(|it| programs.contains(&it))
    };
    chain.as_ref().and_then(Chain::plain).is_some_and(|it| it.iter().all(calls))
}

/// Whether two stages run the same commands under the same circumstances, however they are spread over RUNs, and do
/// all else in the same order.
fn same_commands(old: &Stage, new: &Stage) -> bool {
    let others = |stage: &'_ Stage| -> Vec<Rc<Key>> {
        stage.steps.iter().filter(|it| it.key.kind != RUN).map(|it| Rc::clone(&it.key)).collect()
    };
    let runs = |stage: &'_ Stage| -> Vec<(Vec<String>, Key)> {
        let runs = stage.steps.iter().filter(|it| it.key.kind == RUN);
        runs.map(|it| (commands(it), circumstances(&it.key))).collect()
    };
    let (before, after) = (runs(old), runs(new));
    let mut left = Multiset::of(before.iter().flat_map(|it| it.0.clone()));
    after.iter().flat_map(|it| &it.0).all(|it| left.take(it))
        && left.is_empty()
        && after.iter().all(|it| before.iter().any(|known| known.1 == it.1))
        && others(old) == others(new)
}

/// Whether two stages have the same steps, but that a COPY stands in an ADD's place.
fn same_copies(old: &Stage, new: &Stage) -> bool {
    let copied = |step: &Step| {
        let mut key = Key::clone(&step.key);
        key.kind = COPY;
        for (_, values) in key.parts.iter_mut().filter(|it| it.0 == Part::Options) {
            let no_unpack = |it: &Value| it.known().is_some_and(|it| it.eq_ignore_ascii_case("--unpack=false"));
            *values = values.iter().filter(|it| !no_unpack(it)).cloned().collect::<Vec<_>>().into();
        }
        key.parts.retain(|it| !it.1.is_empty());
        key
    };
    let same = |(before, after): (&Step, &Step)| {
        let becomes = before.key.kind == ADD && after.key.kind == COPY && copied(before) == *after.key;
        before.sources == after.sources && (becomes || before.key == after.key)
    };
    old.steps.len() == new.steps.len() && old.steps.iter().zip(&new.steps).all(same)
}

/// What a RUN has beside its command.
fn circumstances(key: &Key) -> Key {
    let mut key = key.clone();
    key.parts.retain(|it| it.0 != Part::Command);
    key
}

/// The commands of a RUN, each as its words; what groups and joins them is left out.
fn commands(step: &Step) -> Vec<String> {
    let Some(words) = stream(&step.instruction) else {
        return vec![step.key.get(Part::Command).iter().map(|it| format!("{it}\0")).collect()];
    };
    let mut commands: Vec<String> = Reading::heredocs(&step.instruction).into_iter().map(|it| it.body).collect();
    let mut command = String::new();
    for word in words.iter() {
        match word {
            "&&" | ";" => commands.push(std::mem::take(&mut command)),
            "{" | "}" | "(" | ")" => {}
            word => {
                command.push_str(word);
                command.push('\0');
            }
        }
    }
    commands.push(command);
    commands.retain(|it| !it.is_empty());
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;

    fn said(before: &str, after: &str, effect: Effect, changes: &[Change]) -> Option<String> {
        let build = |body: &str| Build::new(&syntax::parse(&format!("FROM a AS x\n{body}\n")));
        excess(&build(before), &build(after), effect, changes)
    }

    #[test]
    fn nothing_is_rebuilt_where_the_effect_is_none() {
        let none = |before, after| said(before, after, Effect::None, &[]);
        assert_eq!(none("ENV a b\nRUN c", "run  c\n").unwrap(), "Env in the config of the image differs");
        assert_eq!(none("ENV a b c\nRUN d", "ENV a=\"b c\"\nrun  d"), None);
        assert_eq!(none("RUN a  b", "RUN a b").unwrap(), "RUN would be rebuilt");
        assert_eq!(none("CMD a  b", "CMD a b").unwrap(), "Cmd in the config of the image differs");
        assert_eq!(none("CMD a\nCMD b", "CMD b"), None);
        assert_eq!(none("RUN a", "RUN a\nFROM b").unwrap(), "the stages differ");
    }

    #[test]
    fn only_white_space_is_rebuilt_where_nothing_is_declared() {
        let rebuild = |before, after| said(before, after, Effect::Rebuild, &[]);
        assert_eq!(rebuild("RUN a  b &&c\nCMD d  e", "RUN a b && c\nCMD d e"), None);
        assert_eq!(rebuild("RUN a 'b  c'", "RUN a 'b c'").unwrap(), "RUN differs in its command");
        assert_eq!(rebuild("RUN a\nRUN b", "RUN a && b").unwrap(), "RUN differs in its command");
        assert_eq!(rebuild("RUN a\nUSER c", "USER c\nRUN a").unwrap(), "RUN differs in its user");
        assert_eq!(rebuild("CMD a", "CMD [\"a\"]").unwrap(), "Cmd in the config of the image differs");
        assert_eq!(rebuild("COPY a b", "COPY a c").unwrap(), "COPY differs in its destination");
        assert_eq!(rebuild("RUN a", "").unwrap(), "a step is gone: RUN");
        assert_eq!(rebuild("", "RUN a").unwrap(), "a new step: RUN");
    }

    #[test]
    fn what_is_joined_stays() {
        let joined = |before, after| said(before, after, Effect::Rebuild, &[Change::Joined]);
        assert_eq!(joined("RUN a\nENV b=c\nRUN d e", "RUN a && d e\nENV b=c"), None);
        assert_eq!(joined("RUN a; b\nRUN c || d", "RUN a; b && { c || d; }"), None);
        for (before, after) in [
            ("RUN a\nRUN b c", "RUN a && b"),
            ("RUN a\nRUN a", "RUN a"),
            ("RUN a\nRUN b", "RUN a && b && c"),
            ("RUN a\nCOPY x y\nRUN b", "RUN a && b"),
            ("USER u\nRUN a\nRUN b", "RUN a && b\nUSER u"),
            ("RUN --network=none a\nRUN b", "RUN --network=host a && b"),
        ] {
            assert!(joined(before, after).is_some(), "{before} / {after}");
        }
    }

    #[test]
    fn an_add_becomes_a_copy() {
        let copied = |before, after| said(before, after, Effect::Rebuild, &[Change::Unpacking]);
        assert_eq!(copied("ADD a b\nRUN c", "COPY a b\nRUN c"), None);
        assert_eq!(copied("ADD --unpack=false --link a b", "COPY --link a b"), None);
        for (before, after) in [
            ("COPY a b", "ADD a b"),
            ("ADD a b", "COPY a c"),
            ("ADD a b", "COPY c b"),
            ("ADD --link a b", "COPY a b"),
            ("ADD --unpack=true a b", "COPY a b"),
            ("ADD a b\nRUN c", "COPY a b\nRUN d"),
            ("ADD a b\nADD c d", "COPY a b"),
            ("ADD a b", "COPY --from=x a b"),
        ] {
            assert!(copied(before, after).is_some(), "{before} / {after}");
        }
    }

    #[test]
    fn an_image_changes_where_it_was_declared() {
        let cmd = [Change::Config(Field::Cmd)];
        assert_eq!(said("CMD a", "CMD [\"a\"]", Effect::Image, &cmd), None);
        assert!(said("CMD a", "CMD [\"a\"]", Effect::Rebuild, &cmd).is_some());
        assert!(said("CMD a\nUSER b", "CMD [\"a\"]", Effect::Image, &cmd).is_some());
        let more = [Change::MoreWords];
        assert_eq!(said("RUN a b", "RUN a -y b && c", Effect::Image, &more), None);
        assert!(said("RUN a b", "RUN b a", Effect::Image, &more).is_some());
        assert!(said("RUN a b", "RUN --network=none a b c", Effect::Image, &more).is_some());
        let words = [Change::Words(&[("a", "b")])];
        assert_eq!(said("RUN a c", "RUN b c", Effect::Rebuild, &words), None);
        assert!(said("RUN a c", "RUN b d", Effect::Rebuild, &words).is_some());
        assert_eq!(said("RUN a b b", "RUN a b", Effect::Rebuild, &[Change::RepeatedWords]), None);
        assert_eq!(said("RUN a c b", "RUN a b c", Effect::Rebuild, &[Change::OrderOfWords]), None);
    }

    #[test]
    fn words_are_spelled_as_declared() {
        let word = |before, after| said(before, after, Effect::Rebuild, &[Change::Words(&[("==", "="), (";", "")])]);
        assert_eq!(word("RUN [ a == b ]; x == y", "RUN [ a = b ]; x == y"), None);
        assert_eq!(word("RUN a; b;", "RUN a; b"), None);
        assert!(word("RUN a; b", "RUN a; c").is_some());
        assert!(word("RUN a = b", "RUN a == b").is_some());
        assert!(word("RUN a == b", "RUN a b").is_some());
        assert!(word("RUN a == b", "RUN a = b c").is_some());
        let marks = |before, after| said(before, after, Effect::Rebuild, &[Change::Substitutions]);
        assert_eq!(marks(r"RUN a `b \$c  d`", "RUN a $(b $c d)"), None);
        assert!(marks("RUN a `b`", "RUN a $(c)").is_some());
        assert!(marks("RUN a `b`", "RUN --network=none a $(b)").is_some());
    }

    #[test]
    fn a_form_becomes_the_other() {
        let form = |before, after| said(before, after, Effect::Rebuild, &[Change::Form]);
        for (exec, shell) in [
            (r#"RUN ["a", "b c"]"#, "RUN a 'b c'"),
            (r#"RUN ["a", "b"]"#, "RUN exec a b"),
            (r#"RUN ["/bin/sh", "-c", "a; b"]"#, "RUN a; b"),
        ] {
            assert_eq!((form(exec, shell), form(shell, exec)), (None, None), "{exec}");
        }
        for (exec, shell) in [
            (r#"RUN ["a", "b"]"#, "RUN a c"),
            (r#"RUN ["a", "b"]"#, "RUN a b && c"),
            (r#"RUN ["a", "b"]"#, "RUN a b > c"),
            (r#"RUN ["a", "$B"]"#, "RUN a $B"),
            (r#"RUN ["a", "b"]"#, "RUN --network=none a b"),
            (r#"RUN ["/bin/bash", "-c", "a; b"]"#, "RUN a; b"),
            ("SHELL [\"bash\", \"-c\"]\nRUN [\"sh\", \"-c\", \"a; b\"]", "SHELL [\"bash\", \"-c\"]\nRUN a; b"),
        ] {
            assert!(form(exec, shell).is_some() && form(shell, exec).is_some(), "{exec}");
        }
    }

    #[test]
    fn runs_go_and_steps_come_where_it_was_declared() {
        let gone = |before, after| said(before, after, Effect::Rebuild, &[Change::Gone(&["a", "b"])]);
        assert_eq!(gone("RUN a x && b y\nRUN c", "RUN c"), None);
        assert_eq!(gone("RUN [\"a\", \"x\"]", ""), None);
        for run in ["RUN c", "RUN a && c", "RUN a; b", "RUN a $(c)", "RUN a > x", "RUN --mount=type=cache,target=/x a"]
        {
            assert!(gone(run, "").is_some(), "{run}");
        }
        let new = |before, after| said(before, after, Effect::Rebuild, &[Change::New(RUN)]);
        assert_eq!(new("RUN a", "RUN a\nRUN b"), None);
        assert!(new("RUN a", "RUN a\nCOPY x y").is_some() && new("RUN a", "").is_some());
        let fewer = |before, after| said(before, after, Effect::Rebuild, &[Change::FewerWords]);
        assert_eq!(fewer("RUN a && b c", "RUN b c"), None);
        assert!(fewer("RUN a && b c", "RUN c b").is_some() && fewer("RUN a", "RUN a b").is_some());
    }

    #[test]
    fn a_sequence_stays_in_either_form() {
        let said = |before, after| said(before, after, Effect::Rebuild, &[Change::Sequence]);
        assert_eq!(said("RUN a && b c", "RUN <<EOF\nset -e\na\nb c\nEOF"), None);
        assert_eq!(said("RUN <<EOF\nset -e\na\nb c\nEOF", "RUN a && b c"), None);
        assert!(said("RUN a && b c", "RUN <<EOF\na\nb c\nEOF").is_some());
        assert!(said("RUN a && b c", "RUN <<EOF\nset -e\nb c\na\nEOF").is_some());
    }

    #[test]
    fn a_shell_changes_alone() {
        let shell = |before, after| said(before, after, Effect::Image, &[Change::Shell]);
        assert_eq!(shell("RUN a | b\nCMD c", "SHELL [\"d\", \"-c\"]\nRUN a | b\nCMD c"), None);
        assert!(shell("RUN a | b", "SHELL [\"d\", \"-c\"]\nRUN a").is_some());
        assert!(shell("CMD c", "SHELL [\"d\", \"-c\"]\nCMD d").is_some());
        assert!(said("RUN a", "SHELL [\"d\"]\nRUN a", Effect::Rebuild, &[Change::Shell]).is_some());
    }

    #[test]
    fn no_build_begins_to_fail() {
        let broken = said("ENV a=${b}", "ENV a=${b", Effect::Image, &[Change::Config(Field::Env)]).unwrap();
        assert!(broken.starts_with("the build would fail"), "{broken}");
    }
}
