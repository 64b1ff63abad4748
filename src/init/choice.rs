//! Choosing: by vote, and by trying where the vote is unclear.

use super::{
    habits::{Habit, Tally, Topic},
    trial::Trial,
};
use crate::format::{Indent, Operators, Options};

/// What the files of a repository do.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    tally: Tally,
    files: usize,
}

impl Survey {
    /// Counts what one file does.
    pub fn add(&mut self, habits: &[Habit]) {
        self.files += 1;
        habits.iter().for_each(|it| self.tally.add(*it));
    }

    /// How many files were counted.
    pub fn files(&self) -> usize {
        self.files
    }

    /// The habits of a topic with the number of files that have each, the most frequent first.
    pub fn votes(&self, topic: Topic) -> Vec<(Habit, usize)> {
        self.tally.of(topic)
    }

    /// The habit for which two thirds of the votes are.
    pub fn clear(&self, topic: Topic) -> Option<Habit> {
        let votes = self.votes(topic);
        let all: usize = votes.iter().map(|it| it.1).sum();
        votes.first().filter(|it| 3 * it.1 >= 2 * all).map(|it| it.0)
    }

    /// The votes of a topic in words: "80 of 96 files: 2 blanks; 12: a tab".
    pub fn words(&self, topic: Topic) -> String {
        let votes = self.votes(topic);
        let all: usize = votes.iter().map(|it| it.1).sum();
        let Some(((habit, count), rest)) = votes.split_first() else { return String::new() };
        let mut words = format!("{count} of {all} {}: {habit}", if all == 1 { "file" } else { "files" });
        for (habit, count) in rest.iter().take(3) {
            words.push_str(&format!("; {count}: {habit}"));
        }
        if rest.len() > 3 {
            words.push_str("; …");
        }
        words
    }
}

/// A setting of the layout that is not left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// One level of indentation.
    Indent(Indent),
    /// Where operators stand.
    Operators(Operators),
    /// The width beyond which lists are broken.
    LineWidth(u32),
    /// Whether a blank line is put before a later FROM.
    StageGap(bool),
}

impl Change {
    /// Makes it in options.
    pub fn apply(self, options: &mut Options) {
        match self {
            Change::Indent(indent) => options.indent = indent,
            Change::Operators(operators) => options.operators = operators,
            Change::LineWidth(width) => options.line_width = width,
            Change::StageGap(gap) => options.stage_gap = gap,
        }
    }

    /// Whose votes it answers to.
    pub fn topic(self) -> Topic {
        match self {
            Change::Indent(_) => Topic::Indent,
            Change::Operators(_) => Topic::Operators,
            Change::LineWidth(_) => Topic::LongLists,
            Change::StageGap(_) => Topic::StageGap,
        }
    }
}

/// What is to be written down, and what it brings.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// What is changed about the layout, at most one change a topic.
    pub changes: Vec<Change>,
    /// The topics on which files were tried, for the votes were unclear.
    pub tried: Vec<Topic>,
    /// Lines that change in the files of the trial with nothing written down.
    pub before: usize,
    /// Lines that change with these changes.
    pub after: usize,
}

impl Choices {
    /// Chooses. No change is made that does not spare a line.
    pub fn new(survey: &Survey, trial: &Trial<'_>) -> Choices {
        let before = trial.changed(|_| ());
        let mut choices = Choices { before, after: before, ..Choices::default() };
        let lines = |changes: &[Change]| trial.changed(|options| changes.iter().for_each(|it| it.apply(options)));
        let mut candidates = |topic| match survey.clear(topic) {
            Some(habit) => wanted(habit).into_iter().map(Some).collect(),
            None if survey.votes(topic).is_empty() => Vec::new(),
            None => {
                choices.tried.push(topic);
                [None].into_iter().chain(all(survey, topic).into_iter().map(Some)).collect()
            }
        };
        // Where an operator moves, its line changes with any indent: those two are tried together.
        let (indents, operators) = (candidates(Topic::Indent), candidates(Topic::Operators));
        let (lists, gaps) = (candidates(Topic::LongLists), candidates(Topic::StageGap));
        let or_none = |it: Vec<Option<Change>>| if it.is_empty() { vec![None] } else { it };
        let (indents, operators) = (or_none(indents), or_none(operators));
        let both = indents.iter().flat_map(|indent| operators.iter().map(move |it| [*indent, *it]));
        let both = both.map(|it| it.into_iter().flatten().collect::<Vec<Change>>());
        choices.changes = both.min_by_key(|it| lines(it)).unwrap_or_default();
        for candidates in [or_none(lists), or_none(gaps)] {
            let made = &choices.changes;
            let with = candidates.iter().map(|more| made.iter().copied().chain(*more).collect::<Vec<Change>>());
            choices.changes = with.min_by_key(|it| lines(it)).unwrap_or_default();
        }
        choices.after = lines(&choices.changes);
        // What most files do may be what holds anyway, or have nothing to do with what changes.
        for change in choices.changes.clone() {
            let rest: Vec<Change> = choices.changes.iter().copied().filter(|it| *it != change).collect();
            let without = lines(&rest);
            if without <= choices.after {
                (choices.changes, choices.after) = (rest, without);
            }
        }
        if choices.after >= before {
            (choices.changes, choices.after) = (Vec::new(), before);
        }
        choices
    }
}

/// The setting that a habit asks for, if there is one beside that which holds anyway.
fn wanted(habit: Habit) -> Option<Change> {
    match habit {
        Habit::Indent(indent) => Some(Change::Indent(indent)),
        Habit::Operators(operators) => Some(Change::Operators(operators)),
        // A width that breaks lists is there already, or else an `.editorconfig` says that there is to be none.
        Habit::BreaksLists(breaks) => (!breaks).then_some(Change::LineWidth(0)),
        Habit::StageGap(gap) => Some(Change::StageGap(gap)),
        Habit::LineEnds(_) | Habit::UpperCase(_) | Habit::EqualsSign(_) => None,
    }
}

/// All settings worth trying: those that somebody votes for, and the one that leaves the matter open.
fn all(survey: &Survey, topic: Topic) -> Vec<Change> {
    let voted = survey.votes(topic).into_iter().filter_map(|it| wanted(it.0));
    let open = (topic == Topic::Operators).then_some(Change::Operators(Operators::Preserve));
    voted.take(4).chain(open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        init::{Subject, habits},
        syntax,
    };

    fn choose(texts: &[String]) -> Choices {
        let options = Options::default();
        let files: Vec<Subject> = texts.iter().map(|it| Subject { text: it.clone(), options }).collect();
        let mut survey = Survey::default();
        texts.iter().for_each(|it| survey.add(&habits(it, &syntax::parse(it), options.line_width)));
        Choices::new(&survey, &Trial::new(&files, 400))
    }

    fn text(indent: &str, leading: bool) -> String {
        let operator = if leading { format!(" \\\n{indent}&& ") } else { format!(" && \\\n{indent}") };
        format!("FROM a\nRUN b{operator}c{operator}d\n")
    }

    #[test]
    fn a_clear_vote_wins_and_the_default_is_not_written() {
        let choices = choose(&[text("  ", false), text("  ", false), text("  ", false), text("    ", true)]);
        let expected = [Change::Indent(Indent::Spaces(2)), Change::Operators(Operators::Trailing)];
        assert_eq!((choices.changes.as_slice(), choices.tried.as_slice()), (&expected[..], &[][..]));
        assert!(choices.after < choices.before, "{choices:?}");
        let choices = choose(&[text("    ", true), text("    ", true)]);
        assert_eq!((choices.changes.len(), choices.before, choices.after), (0, 0, 0));
    }

    #[test]
    fn an_unclear_vote_is_tried() {
        let choices = choose(&[text("    ", false), text("    ", true)]);
        assert_eq!(choices.changes, [Change::Operators(Operators::Preserve)]);
        assert_eq!((choices.tried.as_slice(), choices.after), (&[Topic::Operators][..], 0));
        // Two files against one are no majority of lines.
        let long = text("\t", true) + &text("\t", true).replace("FROM a\n", "").repeat(20);
        let choices = choose(&[long, text("  ", true), text("   ", true)]);
        assert_eq!(choices.changes, [Change::Indent(Indent::Tab)]);
    }

    #[test]
    fn long_lists_and_gaps() {
        let long = format!("FROM a\nRUN b && {}\nFROM c\n", "x ".repeat(80));
        let choices = choose(&[long]);
        assert_eq!(choices.changes, [Change::LineWidth(0), Change::StageGap(false)]);
    }

    #[test]
    fn votes_in_words() {
        let mut survey = Survey::default();
        for blanks in [2, 2, 2, 4, 3, 1, 8] {
            survey.add(&[Habit::Indent(Indent::Spaces(blanks))]);
        }
        let words = "3 of 7 files: 2 blanks; 1: 1 blank; 1: 3 blanks; 1: 4 blanks; …";
        assert_eq!((survey.words(Topic::Indent).as_str(), survey.clear(Topic::Indent)), (words, None));
        assert_eq!(survey.words(Topic::Pairs), "");
    }
}
